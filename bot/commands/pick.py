"""`/pick`: merge one of several green strategies, and close the others."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import issue_number, join, no_such_strategy, progress_at_work, start
from bot.errors import UserError
from bot.sentence import Sentence, either, joined, phrase, sentence
from bot.values.naming import BUILD_WORKFLOW, run_id
from bot.values.progress import Progress
from bot.values.run import RunKind

_UNDONE = sentence("I have done nothing.")


@dataclass(frozen=True)
class _Strategy:
    """A strategy as people see it: its number from 1 on, its name, and its pull request; None for none."""

    number: int
    name: str
    pull: int | None
    green: bool

    @property
    def named(self) -> Sentence:
        if self.pull is None:
            return phrase("%(number)s (**%(name)s**)", number=self.number, name=self.name)
        return phrase("%(number)s (**%(name)s**, #%(pull)s)", number=self.number, name=self.name, pull=self.pull)


def _pick(invocation: Invocation) -> str:
    issue = issue_number(invocation)
    chosen = _chosen(invocation, issue)
    doing = sentence(
        "I merge **%(name)s** (#%(pull)s), deploy it and close the others.", name=chosen.name, pull=chosen.pull or 0
    )
    at_work = progress_at_work(invocation, issue)
    # Carried out again after a crash it finds the run that it has started itself; `start` knows that one.
    own = run_id(invocation.request.repo, issue, invocation.delivery)
    if at_work is not None and at_work.side_by_side and at_work.run_id != own:
        return join(invocation, RunKind.PICK, issue, doing, chosen.pull)
    return start(invocation, RunKind.PICK, issue, doing, chosen.pull)


def _chosen(invocation: Invocation, issue: int) -> _Strategy:
    """Return the green strategy that is meant.

    Raises:
        UserError: there is none, or several and none is named.
    """
    strategies = _strategies(invocation, issue)
    green = [strategy for strategy in strategies if strategy.green]
    typed = invocation.options.get("strategy", "")
    if typed:
        return _named(typed, strategies)
    if invocation.request.is_pull:
        number = invocation.request.number
        here = [strategy for strategy in strategies if strategy.pull == number]
        if not here:
            raise UserError(
                "#%(number)s is none of the strategies that `/pick` chooses from. `/deploy` merges it once it is "
                "green. %(undone)s",
                number=number,
                undone=_UNDONE,
            )
        return _refuse_red(here[0], green)
    return _only(green, issue)


def _named(typed: str, strategies: list[_Strategy]) -> _Strategy:
    named = [s for s in strategies if typed == (f"#{s.pull}" if typed.startswith("#") else str(s.number))]
    if not named:
        raise UserError(no_such_strategy(typed, len(strategies)))
    return _refuse_red(named[0], [strategy for strategy in strategies if strategy.green])


def _refuse_red(strategy: _Strategy, green: list[_Strategy]) -> _Strategy:
    if strategy.green:
        return strategy
    others = (
        sentence("Green: %(others)s.", others=joined([strategy.named for strategy in green], ", "))
        if green
        else sentence("None is.")
    )
    raise UserError(
        "Strategy %(strategy)s is not green, so I do not merge it. %(others)s %(undone)s",
        strategy=strategy.named,
        others=others,
        undone=_UNDONE,
    )


def _only(green: list[_Strategy], issue: int) -> _Strategy:
    if not green:
        raise UserError(
            "No green strategy of #%(issue)s waits to be merged; `/status` says how far I am. %(undone)s",
            issue=issue,
            undone=_UNDONE,
        )
    if len(green) > 1:
        which = either([_choice(s) for s in green])
        raise UserError("Several strategies are green: type %(which)s. %(undone)s", which=which, undone=_UNDONE)
    return green[0]


def _choice(strategy: _Strategy) -> Sentence:
    text = "`/pick %(number)s` (**%(name)s**, #%(pull)s)"
    return phrase(text, number=strategy.number, name=strategy.name, pull=strategy.pull or "")


def _strategies(invocation: Invocation, issue: int) -> list[_Strategy]:
    """Return the strategies among which is what was worked on last: those that were beside it, or else it alone."""
    history = invocation.runs.history(invocation.request.repo, issue)
    with_pulls = [run for run in history if _pulls(run)]
    newest = _pulls(with_pulls[0]) if with_pulls else set()
    beside = [run for run in with_pulls if newest <= _pulls(run) and len(_pulls(run)) > 1]
    records = (beside or with_pulls or history)[0].strategies if history else ()
    return [
        _Strategy(number, record.name, record.pull, _is_green(invocation, record.pull))
        for number, record in enumerate(records, start=1)
    ]


def _pulls(run: Progress) -> set[int]:
    return {record.pull for record in run.strategies if record.pull is not None}


def _is_green(invocation: Invocation, number: int | None) -> bool:
    if number is None:
        return False
    pull = invocation.repository.pull(number)
    built = invocation.repository.workflow_run(BUILD_WORKFLOW, pull.head_sha) if pull.state == "open" else None
    return built is not None and built.green


COMMAND = Command(
    name="pick",
    help=sentence("Merge that green strategy, close the others."),
    example="/pick 2",
    places=(Place.ISSUE, Place.PULL),
    options=("strategy",),
    word="strategy",
    action=_pick,
)
