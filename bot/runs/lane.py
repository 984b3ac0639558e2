"""One strategy among others that are at work at the same time: built until it is green, then left to people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from bot.clients.llm import UnusableAnswer
from bot.errors import UserError
from bot.runs.acts import Act, Asked, Closed, Merged, Moved
from bot.runs.budget import Spent
from bot.runs.candidate import Candidate, with_hint
from bot.runs.context import Context
from bot.runs.durable.lanes import Lane
from bot.runs.endings import first_line
from bot.runs.rebuild import rebuild
from bot.runs.revise import revise
from bot.runs.stand_back import stand_back
from bot.runs.steering import asked, build_as_asked
from bot.runs.strategy import Built, give_up, open_strategy
from bot.sentence import Sentence, already_said, sentence
from bot.values.naming import BUILD_WORKFLOW
from bot.values.progress import Stage, StrategyOutcome
from bot.values.run import RunKind
from bot.values.seats import Work
from bot.values.service import Brief, Strategy


class StrategyLane:
    """The work on one strategy, in a lane of its own. What ends the whole run is raised where it goes on.

    Attributes:
        index: position of the strategy in the journal.
        candidate: as the lane has left it; None before it has a pull request.
        green: the candidate, where nothing more is done to it until people do something, because it is green.
        trouble: nothing more is done because of this, which a person can mend, or has done.
        merge_sha: a person has merged it as this commit; "" for not merged.
    """

    def __init__(self, context: Context, index: int, begin: Callable[[StrategyLane], Built | None]) -> None:
        self.index = index
        self.candidate: Candidate | None = None
        self.green: Candidate | None = None
        self.trouble: UserError | Closed | None = None
        self.merge_sha = ""
        self._context = context.of_strategy(index)
        self._lane = Lane(lambda: self._work(begin(self)))
        context.journal.changed_lanes(1)

    @classmethod
    def beginning(cls, context: Context, index: int, brief: Brief, strategy: Strategy) -> StrategyLane:
        """Return the work on a strategy that has no pull request yet."""
        return cls(context, index, lambda lane: lane._open(brief, strategy))

    @classmethod
    def going_on(cls, context: Context, built: Built) -> StrategyLane:
        """Return the work on a strategy that was set aside for another one, as its lane has left it."""
        return cls(context, built.candidate.index, lambda _: built)

    @property
    def given_up(self) -> bool:
        """Whether another strategy may take its place."""
        return self._lane.ended and self.trouble is None and not self.merge_sha

    @property
    def settled(self) -> bool:
        """Whether there is nothing more to do for it by itself."""
        return self.green is not None or self._lane.ended or self.trouble is not None

    @property
    def left(self) -> Built | None:
        """The candidate as the lane has left it; None before it has a pull request, and after its end."""
        candidate = self._context.watch.candidate or self.candidate
        if candidate is None or self._lane.ended:
            return None
        return Built(replace(candidate, pushed_at=None), green=self.green is not None)

    def go_on(self) -> float:
        """Go on until it waits or ends; return how many seconds it waits at most."""
        was_ended = self._lane.ended
        seconds = self._lane.go_on()
        if self._lane.ended and not was_ended:
            self._context.flow.leave(Work.BUILD, str(self.index))
            self._context.journal.changed_lanes(-1)
        return seconds

    def drop(self) -> None:
        """Do nothing more for it."""
        self._lane.drop()
        self._context.flow.leave(Work.BUILD, str(self.index))

    def _work(self, built: Built | None) -> None:
        candidate, green = (built.candidate, built.green) if built else (None, False)
        done: Act | None = None
        while candidate is not None:
            try:
                if green:
                    # People may have done something to it since.
                    green, self._context.watch.candidate = False, candidate
                    self._context.watch.look()
                else:
                    candidate = self._build(candidate, done)
                if candidate is not None:
                    self._hold(candidate)
            except Asked as act:
                candidate, done = self._go_on(pushed_at=None), act
            except Moved as act:
                candidate, done = self._go_on(head=act.head), act
            except Merged as act:
                self.candidate = self._context.watch.candidate or candidate
                candidate, self.merge_sha = None, act.sha
            except Closed as act:
                candidate, self.trouble = None, act
                self._context.journal.ended(self.index, StrategyOutcome.STOPPED, act.why)

    def _open(self, brief: Brief, strategy: Strategy) -> Built | None:
        """Return the strategy with its pull request; None where it does not come to that."""
        try:
            self.candidate = open_strategy(self._context, self.index, brief, strategy)
        except UnusableAnswer as error:
            self._context.journal.ended(self.index, StrategyOutcome.FAILED, error.sentence)
        except UserError as error:
            self._halt(error)
        return Built(self.candidate, green=False) if self.candidate else None

    def _build(self, candidate: Candidate, done: Act | None) -> Candidate | None:
        """Build a candidate until it is green, or until there is trouble; return None where it was given up.

        Args:
            done: what people have done to it.
        """
        context = self._context
        self.candidate = candidate
        try:
            if isinstance(done, Moved):
                built = self._stand_back(candidate)
            elif isinstance(done, Asked):
                built = build_as_asked(context, self._as_asked(candidate))
            else:
                built = build_as_asked(context, candidate)
        except UserError as error:
            self._halt(error)
            return self.candidate
        self.candidate = built.candidate
        if built.green:
            return built.candidate
        if built.answered:
            # What becomes of it is for those to say who have asked.
            self.trouble = UserError(already_said(context.journal.progress.strategies[self.index].reason))
            return built.candidate
        context.watch.candidate = None
        give_up(context, built.candidate)
        return None

    def _as_asked(self, candidate: Candidate) -> Candidate:
        """Return a candidate changed as people ask, before it is built again."""
        context, request, number = self._context, self._context.request, candidate.pull.number
        requests = context.flow.asked(request.repo, request.issue, number)
        retried = [one for one in requests if one.kind is RunKind.RETRY_PULL]
        for one in retried:
            candidate = with_hint(candidate, one)
        points = asked(context, number)
        if retried:
            rebuild(context, candidate)
        return (revise(context, candidate, points) if points else None) or candidate

    def _stand_back(self, candidate: Candidate) -> Built:
        """Wait until what people have pushed is green, and record what its build states."""
        context = self._context
        candidate = stand_back(context, candidate)
        workflow_run = context.builds.workflow_run(BUILD_WORKFLOW, candidate.head)
        if workflow_run is not None:
            context.journal.stated(self.index, context.builds.facts(workflow_run, candidate.brief.spec.slug))
        context.journal.ended(self.index, StrategyOutcome.GREEN)
        return Built(candidate, green=True)

    def _hold(self, candidate: Candidate) -> NoReturn:
        """Leave a candidate as it is until people do something to it.

        Raises:
            Act: what they have done.
        """
        context, number = self._context, candidate.pull.number
        context.watch.candidate = candidate
        if self.trouble is None:
            self.green = candidate
            context.pulls.tick(candidate, context.journal.progress)
        context.journal.show(Stage.WAITING, self._why(self.trouble) if self.trouble else sentence("it is green"))
        try:
            with context.journal.idle():
                while True:
                    context.flow.wait(context.poll_seconds)
                    context.watch.look()
                    if context.flow.asked(context.request.repo, context.request.issue, number):
                        raise Asked
        finally:
            self.green = None

    def _go_on(self, **changes: Any) -> Candidate | None:
        """Return the candidate with what people have done to it; work on it goes on."""
        candidate = self._context.watch.candidate or self.candidate
        self.trouble = None
        self._context.journal.resumed(self.index)
        return candidate and replace(candidate, **changes)

    def _halt(self, error: UserError) -> None:
        """Do nothing more until a person has mended what is wrong, which is said on the pull request.

        Raises:
            Spent: that is not for one strategy alone.
        """
        if isinstance(error, Spent):
            raise error
        context = self._context
        self.trouble, self.candidate = error, context.watch.candidate or self.candidate
        context.journal.ended(self.index, StrategyOutcome.STOPPED, self._why(error))
        if self.candidate is not None:
            marker = f"stuck:{context.flow.run_id}/{self.index}/{self.candidate.head}"
            number, language = self.candidate.pull.number, context.journal.language
            context.issue.say("stuck.md.j2", marker, language=language, on=number, text=error.sentence)

    def _why(self, trouble: UserError | Closed) -> Sentence:
        text = trouble.why if isinstance(trouble, Closed) else trouble.sentence
        return first_line(text, self._context.journal.language)
