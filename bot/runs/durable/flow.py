"""What a workflow may do: steps, which happen once, and waits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from bot.runs.durable.client import PROGRESS, TAKEN
from bot.runs.durable.lanes import in_lane, wait_in_lane
from bot.runs.durable.recorded import run_step, set_event
from bot.runs.durable.seating import Seating
from bot.runs.durable.stepping import Shared, Steps
from bot.values.github import WorkflowRun
from bot.values.hint import Hint
from bot.values.naming import revision_id, run_id
from bot.values.progress import Progress
from bot.values.run import RunKind, RunRequest

_LOOK_SECONDS = 0.5
"""How often what is asked for looks whether the run at work has ended: little waits, and not for long."""


class Flow(Steps):
    """What a workflow may do. Everything that is not a pure function of its inputs goes through here."""

    def __init__(self, run: str, shared: Shared, seating: Seating) -> None:
        super().__init__(run, shared, seating)
        # For steps alone: what others have or do is another thing tomorrow.
        self.slugs, self.at_work = shared.runs.slugs, shared.runs.active
        self._taken: list[str] = []
        # Whether somebody has rung, or might have, before the last wait ended at once.
        self._early = False

    def goes_on(self) -> bool:
        """Return whether nobody has stopped the run. Thread-safe."""
        return not self._runs.stopped(self.run_id)

    def ring(self) -> None:
        """Have the run look around, if it waits. Thread-safe."""
        self._bell.ring(self.run_id)

    def overtake(self) -> None:
        """Leave out what was to be done aside and is not yet."""
        self._aside = None

    @property
    def replayed(self) -> bool:
        """Whether the last step was only replayed: then the next one may have been tried before a crash."""
        return not self._live

    def wait(self, seconds: float) -> bool:
        """Wait until somebody signals the run, at most `seconds`; return whether somebody did, or might have.

        Nothing is remembered of a wait: look again after it, in a step. After a step that was only replayed it returns
        at once, because what that step saw is from before the crash. In a lane it lets the others go on.
        """
        if in_lane():
            wait_in_lane(seconds)
            return True
        if not self._live or self._heard or self._holding.heard:
            self._heard = self._holding.heard = False
            self._early = self._bell.wait(self.run_id, 0) or self._early
            self._replayed = False
            return True
        self._seating.rest()
        # Who rang before the run looked around is heard by that, unless what it saw is from before a crash.
        early, self._early = self._early and self._replayed, False
        return early or self._bell.wait(self.run_id, seconds)

    def said(self, workflow: str, sha: str) -> WorkflowRun | None:
        """Return what the newest delivery says of a workflow run of the file `workflow` for a commit: it has ended.

        None where none was heard of in this process. A replay may be told otherwise: it must lead to no other steps.
        """
        hints = (Hint.model_validate_json(hint) for hint in self._bell.hints(self.run_id))
        fitting = (hint.workflow_run for hint in hints if hint.workflow == workflow)
        return next((workflow_run for workflow_run in fitting if workflow_run.head_sha == sha), None)

    def rung(self) -> bool:
        """Return whether somebody has signalled the run, or might have, since it looked last; a replay returns the
        same."""
        # While it waited for GitHub, a ring ended that wait.
        rung = bool(run_step("rung", self._rung))
        self._holding.heard = False
        # It may have been for what another lane waits for.
        self._heard = self._heard or (rung and in_lane())
        return rung

    def now(self) -> float:
        """Return seconds since the epoch; a replay returns the same."""
        return float(run_step("now", time.time))

    def publish(self, progress: Progress) -> None:
        """Let everybody see how far the run is."""
        set_event(PROGRESS, progress.model_dump(mode="json"))

    def earlier(self, repo: str, issue: int | None = None) -> list[Progress]:
        """Return how the latest runs of an issue, or of all issues of a repository, went, the newest first."""
        found = self.step("earlier runs", lambda: self._runs.history(repo, issue), returns=list[Progress])
        return [progress for progress in found if progress.run_id != self.run_id]

    def asked(self, repo: str, issue: int, pull: int | None) -> list[RunRequest]:
        """Return what people ask for that no run has taken up, oldest first.

        Args:
            pull: on this pull request, where what was asked for on its plan too late counts as well; None for what is
                asked for on the plan, and its approvals.
        """
        found = self.step("look for points", lambda: self._runs.revisions(repo, issue), returns=list[RunRequest])
        return [
            request
            for request in self._untaken(found)
            if request.pull in (pull, None) and (pull is None or request.kind in (RunKind.REVISE, RunKind.RETRY_PULL))
        ]

    def picked(self, repo: str, issue: int) -> list[RunRequest]:
        """Return the pull requests that people have picked and that no run has taken up, oldest first."""
        found = self.step("look for picks", lambda: self._runs.revisions(repo, issue), returns=list[RunRequest])
        return [one for one in self._untaken(found) if one.kind is RunKind.PICK]

    def take(self, requests: Iterable[RunRequest]) -> None:
        """Have this run be the one that does what is asked for; no other run does it from now on."""
        self._taken += [revision_id(request.repo, request.issue, request.delivery) for request in requests]
        set_event(TAKEN, self._taken)

    def hand_over(self, request: RunRequest, at_work: str) -> None:
        """Wait until a run has taken up what is asked for; where the run at work ends without it, start one.

        Nothing is started after a run that a person has stopped, nor for an approval.

        Args:
            at_work: the run that was at work when it was asked for, or what it has to come after; where there was
                none, the one to start.
        """
        self.step("hand over", lambda: self._hand_over(request, at_work), returns=None)

    def _rung(self) -> bool:
        early, self._early = self._early, False
        return self._bell.wait(self.run_id, 0) or early or self._holding.heard

    def _untaken(self, requests: Iterable[RunRequest]) -> Iterator[RunRequest]:
        for request in requests:
            wanted = request.repo, request.issue, request.delivery
            # What a run was started for is stored until it has begun.
            if revision_id(*wanted) not in self._taken and run_id(*wanted) != self.run_id:
                yield request

    def _hand_over(self, request: RunRequest, at_work: str) -> None:
        wanted = run_id(request.repo, request.issue, request.delivery)
        own = revision_id(request.repo, request.issue, request.delivery)
        while True:
            if at_work == wanted:
                at_work = self._runs.start(request).run_id
                if at_work == wanted:
                    return
            while not (ended := self._runs.finished(at_work)) and own not in self._runs.taken(at_work):
                self._bell.wait(self.run_id, _LOOK_SECONDS)
            # Only a run that has ended takes nothing any more.
            if not ended or own in self._runs.taken(at_work) or self._runs.stopped(at_work):
                return
            if request.kind is RunKind.APPROVE:
                return
            at_work = wanted
