"""`/retry`: fresh strategies for an issue, or more fixes for one pull request."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import has_label, join, no_such_strategy, own_pull, progress_at_work, requested_issue, start
from bot.commands.update import refuse_while_open, start_update
from bot.errors import UserError
from bot.runs.merged import merged_slug, nothing_anew
from bot.sentence import Sentence, joined, sentence
from bot.values.cost import Budget
from bot.values.github import Pull
from bot.values.naming import BUILD_WORKFLOW, issue_branches
from bot.values.progress import Stage, StrategyRecord
from bot.values.revision import Point
from bot.values.run import RunKind


def _retry(invocation: Invocation) -> str:
    hint = invocation.words
    if not invocation.request.is_pull:
        issue = requested_issue(invocation)
        unlabelled = not has_label(invocation, issue)
        if (again := _update_again(invocation, issue.number)) is not None:
            return again
        slug = merged_slug(invocation.repository, issue.number)
        if slug is not None:
            raise UserError(nothing_anew(slug, issue.number))
        left = _keep_green(invocation, issue.number)
        strategy = _strategy(invocation, issue.number)
        doing = sentence("I read the issue again and try fresh strategies.")
        if strategy:
            doing = sentence("I try **%(name)s** again.", name=strategy.name)
        stays = [
            sentence(
                "#%(number)s holds commits of somebody else, so I leave it as it is; `/retry` there goes on on top of "
                "them.",
                number=number,
            )
            for number in left
        ]
        doing = _told(joined([doing, *stays]), hint)
        return start(
            invocation, RunKind.RETRY, issue.number, doing, hint=hint, strategy=strategy, unlabelled=unlabelled
        )
    if "strategy" in invocation.options:
        raise UserError("`strategy=N` works on the issue; a pull request is one strategy. I have done nothing.")
    pull, number = own_pull(invocation)
    refuse_merged(pull, number)
    doing = _told(sentence("I go on fixing this branch, on top of what is there now."), hint)
    at_work = progress_at_work(invocation, number)
    if at_work is not None and at_work.side_by_side:
        if not any(record.pull == pull.number and record.waits for record in at_work.strategies):
            return invocation.says("busy", issue=number, progress=at_work)
        if invocation.options:
            raise UserError("Limits are for a whole run, and this one is at work already. I have done nothing.")
        return join(invocation, RunKind.RETRY_PULL, number, doing, pull.number, hint=hint)
    return start(invocation, RunKind.RETRY_PULL, number, doing, pull.number, hint=hint)


def _told(doing: Sentence, hint: str) -> Sentence:
    """Return what is done, and that the model is told what a person says, if it is."""
    return joined([doing, sentence("The model is told what you say.")]) if hint else doing


def refuse_merged(pull: Pull, issue: int) -> None:
    """Build nothing that is merged already.

    Raises:
        UserError: says what else can be done.
    """
    if pull.merged:
        raise UserError(
            "This pull request is merged. `/update TEXT` on #%(issue)s changes what is live, `/deploy` deploys it "
            "again.",
            issue=issue,
        )


def _keep_green(invocation: Invocation, issue: int) -> list[int]:
    """Begin nothing anew while a pull request of the issue is green: it would be thrown away.

    Returns:
        The open pull requests that hold commits of anybody else.

    Raises:
        UserError: names it, and says what can be done with it.
    """
    repository, theirs = invocation.repository, []
    for branch in repository.branches(issue_branches(issue)):
        pull = repository.find_pull(branch)
        if pull is None or pull.state != "open":
            continue
        built = repository.workflow_run(BUILD_WORKFLOW, pull.head_sha)
        if built is not None and built.green:
            raise UserError(
                "#%(number)s is green, so I begin nothing anew. `/deploy` merges it as soon as GitHub lets me, "
                "`/revise TEXT` changes it. If you do not want it, close it; then `/retry` tries fresh strategies.",
                number=pull.number,
            )
        if not repository.is_own(pull.head_sha):
            theirs.append(pull.number)
    return theirs


def _update_again(invocation: Invocation, issue: int) -> str | None:
    """Begin an update anew that the issue's last run has not brought live; None where it was no update, or the one that
    the issue itself asks for.

    Raises:
        UserError: its pull request is open, so that it can go on there.
    """
    progress = invocation.runs.latest(invocation.request.repo, issue)
    if progress is None or not (progress.asked or progress.is_update) or progress.stage is Stage.DONE:
        return None
    if "strategy" in invocation.options:
        raise UserError("An update has no strategies; `/retry` alone begins it anew. I have done nothing.")
    if not progress.asked:
        refuse_while_open(invocation, issue)
        return None
    text = "\n\n".join(filter(None, (progress.asked, invocation.words)))
    return start_update(invocation, issue, Point(id="asked", author=invocation.request.actor, text=text))


def _strategy(invocation: Invocation, issue: int) -> StrategyRecord | None:
    """Return the strategy of the issue's last run that shall be tried again; None for fresh ones.

    Raises:
        UserError: there is none of that number.
    """
    typed = invocation.options.get("strategy")
    if typed is None:
        return None
    progress = invocation.runs.latest(invocation.request.repo, issue)
    records = progress.strategies if progress else ()
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed) <= len(records)):
        raise UserError(no_such_strategy(typed, len(records)))
    return records[int(typed) - 1]


COMMAND = Command(
    name="retry",
    help=sentence(
        "On an issue: fresh strategies, or `strategy=2` again. On a pull request: up to 10 more fixes. "
        "`/retry budget_usd=2 max_tokens=500000 max_minutes=60 HINT` limits the cost and tells the model your hint."
    ),
    example="/retry",
    places=(Place.ISSUE, Place.PULL),
    options=("strategy", *Budget.model_fields),
    words=True,
    action=_retry,
)
