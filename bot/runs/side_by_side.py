"""Several strategies at work at the same time, until one is chosen: because it is green first, or by people."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.delivery import Decision, build_and_deliver, finish
from bot.runs.lane import StrategyLane
from bot.runs.others import is_merged, name_of
from bot.runs.picks import decision_of, tell_not_picked, tell_overruled
from bot.runs.strategy import Built, give_up
from bot.sentence import Sentence, sentence
from bot.values.progress import Pick, Stage
from bot.values.service import Brief, Strategy


@dataclass(frozen=True)
class Choice:
    """The strategy that is merged.

    Attributes:
        decision: what people have said about it, and what the others are told when it is merged.
        merge_sha: it is merged already, as this commit; "" for not yet.
    """

    candidate: Candidate
    decision: Decision
    merge_sha: str = ""


def build_side_by_side(context: Context, brief: Brief, strategies: Sequence[Strategy]) -> bool:
    """Build as many strategies at the same time as the settings say, and deliver the one that is chosen.

    Returns:
        False where no strategy got green.

    Raises:
        UserError, Ended: what keeps those that were not given up from going on.
    """
    race = Race(context, brief, strategies)
    while (choice := race.run()) is not None:
        if choice.merge_sha:
            finish(context, choice.candidate, choice.merge_sha, why=choice.decision.why)
            return True
        built = build_and_deliver(context, choice.candidate, green=True, decision=choice.decision)
        if built.answered:
            context.journal.show(Stage.WAITING, _stays(built.candidate))
        if built.answered or built.green:
            return True
        # What people have asked for has made it red, and no fix has helped.
        give_up(context, built.candidate)
        race.learn(built.candidate)
    return race.compared


class Race:
    """Strategies at work, each in its lane. One that is given up leaves its place to the next.

    Where one is chosen, the others are set aside until it is merged; where that is given up, they go on.

    Attributes:
        compared: several are green, and people were told how they compare.
    """

    def __init__(self, context: Context, brief: Brief, strategies: Sequence[Strategy]) -> None:
        self.compared = False
        self._context = context
        self._brief = brief
        self._left = deque(enumerate(strategies))
        self._lanes: list[StrategyLane] = []
        self._aside: list[Built] = []
        self._told: list[str] = []

    def run(self) -> Choice | None:
        """Go on until a strategy is chosen; return None where there is none, or where the choice is left to people."""
        context, self.compared = self._context, False
        self._lanes = [StrategyLane.going_on(context, built) for built in self._aside]
        while self._left and len(self._lanes) < context.config.parallel:
            self._lanes.append(self._next())
        context.journal.together()
        try:
            choice = self._await_choice()
            left = [lane.left for lane in self._lanes if lane.left is not None]
        finally:
            for lane in self._lanes:
                lane.drop()
        context.journal.alone()
        if choice is not None:
            self._aside = [built for built in left if built.candidate.index != choice.candidate.index]
            for built in self._aside:
                context.journal.set_aside(built.candidate.index, f"set aside for #{choice.candidate.pull.number}")
        return choice

    def learn(self, candidate: Candidate) -> None:
        """Take over what a strategy that was given up has shown: a test that was wrong for one is wrong for all, and so
        is what was misread."""
        known = {"spec": candidate.brief.spec, "tests": candidate.service.scenario_tests}
        self._brief = self._brief.model_copy(update=known)

    def _next(self) -> StrategyLane:
        index, strategy = self._left.popleft()
        return StrategyLane.beginning(self._context, index, self._brief, strategy)

    def _await_choice(self) -> Choice | None:
        while True:
            seconds = self._context.poll_seconds
            for place in range(len(self._lanes)):
                seconds = min(seconds, self._go_on(place))
                if (first := self._first(self._lanes[place])) is not None:
                    return first
            if (picked := self._picked()) is not None:
                return picked
            if all(lane.settled for lane in self._lanes):
                lanes = sorted(self._lanes, key=lambda lane: lane.index)
                green = [lane.green for lane in lanes if lane.green is not None]
                if len(green) < 2:
                    return self._only(green)
                if (approved := self._compare(green)) is not None or self._context.config.merge == "manual":
                    return approved
            self._context.flow.wait(seconds)

    def _go_on(self, place: int) -> float:
        """Let the work in a lane go on; return how many seconds it waits at most."""
        seconds = self._lanes[place].go_on()
        while (lane := self._lanes[place]).given_up and self._left:
            if lane.candidate is not None:
                self.learn(lane.candidate)
            self._lanes[place] = self._next()
            seconds = self._lanes[place].go_on()
        return seconds

    def _first(self, lane: StrategyLane) -> Choice | None:
        """Return the choice that a lane has made: it is merged, or it is green, where that is enough."""
        if lane.merge_sha and lane.candidate is not None:
            return Choice(lane.candidate, Decision(why=is_merged(lane.candidate)), lane.merge_sha)
        if lane.green is not None and self._context.config.merge == "auto":
            first = sentence("**%(name)s** (#%(number)s) got green first and is merged", **name_of(lane.green))
            return Choice(lane.green, Decision(why=first))
        return None

    def _picked(self) -> Choice | None:
        """Return what somebody has picked last, if that is green; whoever has picked another one is told."""
        context = self._context
        if context.config.merge == "auto":
            return None
        requests = context.flow.picked(context.request.repo, context.request.issue)
        if not requests:
            return None
        context.flow.take(requests)
        green = {lane.green.pull.number: lane.green for lane in self._lanes if lane.green is not None}
        chosen: Candidate | None = None
        last = requests[-1]
        for request in reversed(requests):
            if chosen is None and request.pull in green:
                chosen, last = green[request.pull], request
            elif chosen is None:
                tell_not_picked(context, request)
            elif request.pull not in (None, chosen.pull.number):
                tell_overruled(context, Pick(actor=request.actor, pull=request.pull), last.actor, chosen)
        if chosen is None:
            return None
        context.journal.picked(last.actor, chosen.pull.number)
        return Choice(chosen, decision_of(last, chosen))

    def _only(self, green: Sequence[Candidate]) -> Choice | None:
        """Return the only green strategy; None where all were given up.

        Raises:
            UserError, Ended: one was not, and this keeps it from going on.
        """
        if green:
            # Where people merge it, they may still mend the others.
            only = sentence("**%(name)s** (#%(number)s) is the only one that got green", **name_of(green[0]))
            return Choice(green[0], Decision(why=None if self._context.config.merge == "manual" else only))
        for lane in self._lanes:
            if lane.trouble is not None:
                raise lane.trouble
        return None

    def _compare(self, green: Sequence[Candidate]) -> Choice | None:
        """Say how several green strategies compare; return the one that a review approves of."""
        context = self._context
        if context.config.merge == "review":
            # A review may have come before all were settled: it needs no table.
            for candidate in green:
                if context.merges.approved(candidate):
                    why = sentence("**%(name)s** (#%(number)s) is approved", **name_of(candidate))
                    return Choice(candidate, Decision(why=why))
        heads = [candidate.head for candidate in green]
        if heads != self._told:
            self._told = heads
            self._tell(green)
        self.compared = True
        return None

    def _tell(self, green: Sequence[Candidate]) -> None:
        context = self._context
        asked: list[str] = []
        if context.config.merge == "review":
            author = context.overview.issue.author
            for candidate in green:
                asked += context.merges.ask_for_review(candidate.pull.number, context.config.reviewers, author)
        numbers = [candidate.index + 1 for candidate in green]
        waits = sentence(
            "%(count)s strategies are green; `/pick %(first)s` merges one", count=len(green), first=numbers[0]
        )
        context.journal.show(Stage.WAITING, waits)
        context.issue.tell(
            "compared.md.j2",
            f"compared:{context.flow.run_id}",
            language=context.journal.language,
            progress=context.journal.progress,
            numbers=numbers,
            merge=context.config.merge,
            asked=list(dict.fromkeys(asked)),
        )


def _stays(candidate: Candidate) -> Sentence:
    return sentence("#%(number)s stays as it is", number=candidate.pull.number)
