"""What a workflow may do: steps, which happen once, and waits."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from dbos import DBOS
from pydantic import TypeAdapter

from bot.errors import Gone, TransientError, Unavailable, UserError
from bot.runs.durable.bell import Bell
from bot.runs.durable.client import PROGRESS, TAKEN, DurableRuns
from bot.runs.durable.crashes import Crashes
from bot.runs.durable.gates import Gates
from bot.runs.durable.holding import Held, Holding, Listener
from bot.runs.durable.lanes import in_lane, wait_in_lane
from bot.sentence import Sentence, verbatim
from bot.values.hold import Hold
from bot.values.naming import revision_id, run_id
from bot.values.progress import Progress
from bot.values.run import RunKind, RunRequest

log = logging.getLogger(__name__)

T = TypeVar("T")

_STEP_TRIES = 6
_BACKOFF_SECONDS = 2.0
_SPACE_SECONDS = 5.0
_LOOK_SECONDS = 0.5
"""How often what is asked for looks whether the run at work has ended: little waits, and not for long."""


class Flow:
    """What a workflow may do. Everything that is not a pure function of its inputs goes through here."""

    def __init__(self, run: str, runs: DurableRuns, bell: Bell, gates: Gates, crashes: Crashes) -> None:
        self.run_id = run
        self._crashes = crashes
        self._runs = runs
        self._taken: list[str] = []
        self._bell = bell
        self._live = True
        self._heard = False
        self._holding = Holding(run, runs, bell, gates)

    def step(self, name: str, action: Callable[[], T], returns: Any, *, patient: bool = True) -> T:
        """Do `action` once and remember what it returned; a replay returns the same without doing it again.

        Where GitHub cannot be used it is tried again until it can, however long that takes, and over restarts. Another
        `TransientError` is tried again, at most 6 times, after a wait that survives a restart.

        Args:
            returns: the type of the result, for the way through JSON.
            patient: wait for GitHub; otherwise a `UserError` says that it cannot be used.

        Raises:
            UserError: the action raised it, or a transient failure did not pass.
            Gone: there is no such repository for the bot any more.
        """
        adapter: TypeAdapter[T] = TypeAdapter(returns)
        failures, held = 0, Held()
        while True:
            self._live = False
            result = DBOS.run_step({"name": name}, partial(self._attempt, name, action, adapter, held))
            if self._live:
                # A crash after this one is another one.
                self._crashes.clear(self.run_id)
            if "hold" in result:
                hold = Hold.model_validate(result["hold"])
                if not patient:
                    raise UserError(verbatim(hold.text))
                self._holding.hold(held, hold)
                continue
            live = self._live
            self._holding.let_go(held, result["at"])
            self._live = live
            if "value" in result:
                return adapter.validate_python(result["value"])
            if "gone" in result:
                raise Gone(result["gone"])
            if "refused" in result:
                raise UserError(Sentence.model_validate(result["refused"]))
            failures += 1
            if failures == _STEP_TRIES:
                raise UserError(
                    "This did not get through in %(tries)s tries (%(step)s): %(reason)s",
                    tries=_STEP_TRIES,
                    step=name,
                    reason=result["transient"],
                )
            with self._crashes.waiting():
                DBOS.sleep(result["retry_after"] or _BACKOFF_SECONDS * 2 ** (failures - 1))

    def _attempt(self, name: str, action: Callable[[], T], adapter: TypeAdapter[T], held: Held) -> dict[str, Any]:
        """Return what came of an action, as it is stored."""
        self._live = True
        try:
            outcome = {"value": adapter.dump_python(self._with_space(name, action), mode="json")}
        except Gone as error:
            outcome = {"gone": str(error)}
        except UserError as error:
            outcome = {"refused": error.sentence.model_dump(mode="json")}
        except Unavailable as error:
            log.warning("%s: %s: %s", self.run_id, name, error)
            hold = Hold(
                hindrance=error.hindrance,
                text=str(error),
                permissions=error.permissions,
                place=error.place,
                retry_after=error.retry_after,
                at=time.time(),
            )
            self._holding.failed(hold)
            return {"hold": hold.model_dump(mode="json")}
        except TransientError as error:
            log.warning("%s: %s: %s", self.run_id, name, error)
            outcome = {"transient": str(error), "retry_after": error.retry_after}
        self._holding.passed(held)
        return {**outcome, "at": time.time()}

    def _with_space(self, name: str, action: Callable[[], T]) -> T:
        """Do an action; where a disk is full, do it again when there is space, however long that takes."""
        while True:
            try:
                return action()
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT) or self._runs.finished(self.run_id):
                    raise
                log.error("%s: %s waits for space on the disk: %s", self.run_id, name, error)
            self._bell.wait(self.run_id, _SPACE_SECONDS)

    def listen(self, listener: Listener) -> None:
        """Have somebody told of it where the run is held up for long because GitHub cannot be used."""
        self._holding.listen(listener)

    @property
    def held_seconds(self) -> float:
        """How long the run has waited for GitHub, which counts against no deadline."""
        return self._holding.seconds

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
            return True
        return self._bell.wait(self.run_id, seconds)

    def rung(self) -> bool:
        """Return whether somebody has signalled the run, or might have, since it looked last; a replay returns the
        same."""
        # While it waited for GitHub, a ring ended that wait.
        rung = bool(DBOS.run_step({"name": "rung"}, lambda: self._bell.wait(self.run_id, 0) or self._holding.heard))
        self._holding.heard = False
        # It may have been for what another lane waits for.
        self._heard = self._heard or (rung and in_lane())
        return rung

    def now(self) -> float:
        """Return seconds since the epoch; a replay returns the same."""
        return float(DBOS.run_step({"name": "now"}, time.time))

    def publish(self, progress: Progress) -> None:
        """Let everybody see how far the run is."""
        DBOS.set_event(PROGRESS, progress.model_dump(mode="json"))

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
        DBOS.set_event(TAKEN, self._taken)

    def hand_over(self, request: RunRequest, at_work: str) -> None:
        """Wait until a run has taken up what is asked for; where the run at work ends without it, start one.

        Nothing is started after a run that a person has stopped, nor for an approval.

        Args:
            at_work: the run that was at work when it was asked for, or what it has to come after; where there was
                none, the one to start.
        """
        self.step("hand over", lambda: self._hand_over(request, at_work), returns=None)

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
