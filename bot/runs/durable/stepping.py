"""The steps of a workflow: each happens once, and waits for GitHub, or for a seat, as long as that takes."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from greenlet import getcurrent
from pydantic import TypeAdapter

from bot.errors import Gone, TransientError, Unavailable, UserError
from bot.runs.durable.bell import Bell
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.crashes import Crashes
from bot.runs.durable.gates import Gates
from bot.runs.durable.holding import Held, Holding, Listener
from bot.runs.durable.queueing import Own, Queued, Queueing, QueueListener
from bot.runs.durable.recorded import reading, run_step, sleep
from bot.runs.durable.seating import Seating
from bot.sentence import Sentence, verbatim
from bot.values.hold import Hold
from bot.values.seats import Full, Work

log = logging.getLogger(__name__)

T = TypeVar("T")

_STEP_TRIES = 6
_BACKOFF_SECONDS = 2.0
_SPACE_SECONDS = 5.0


@dataclass(frozen=True)
class Shared:
    """What a run shares with the others of its worker.

    Attributes:
        hold: returns when the worker may begin a step: as long as nobody else may be at the same run.
    """

    runs: DurableRuns
    bell: Bell
    gates: Gates
    crashes: Crashes
    hold: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class _Needs:
    """What a step waits for.

    Attributes:
        own: the seat that its action needs; None for none.
        patient: it waits for the seats of its run at all.
    """

    own: Own | None
    patient: bool


class Waited(Exception):
    """A run has got its seat after a while, in which what it had read may have changed."""


class AnyListener(Listener, QueueListener, Protocol):
    """Tells people of all that holds a run up."""


class Steps:
    """The steps of one workflow. What a run does beside them is a `Flow`."""

    def __init__(self, run: str, shared: Shared, seating: Seating) -> None:
        self.run_id = run
        self._hold = shared.hold
        self._crashes = shared.crashes
        self._runs = shared.runs
        self._bell = shared.bell
        self._live = True
        self._heard = False
        self._replayed = False
        """Whether a step since the last wait was only replayed."""
        self.done_at = 0.0
        """When the last step was done, in seconds since the epoch; a replay has the same."""
        self._aside: Callable[[], None] | None = None
        self._holding = Holding(run, shared.runs, shared.bell, shared.gates, seating.pause, self._catch_up)
        self._seating = seating
        self._beginning = False
        self._queueing = Queueing(seating)

    def step(
        self, name: str, action: Callable[[], T], returns: Any, *, patient: bool = True, work: Work | None = None
    ) -> T:
        """Do `action` once and remember what it returned; a replay returns the same without doing it again.

        Where GitHub cannot be used it is tried again until it can, however long that takes, and over restarts. Another
        `TransientError` is tried again, at most 6 times, after a wait that survives a restart.

        Args:
            returns: the type of the result, for the way through JSON.
            patient: wait for GitHub; otherwise a `UserError` says that it cannot be used.
            work: what the action is, where that is limited: it waits for a seat of its own.

        Raises:
            UserError: the action raised it, or a transient failure did not pass.
            Gone: there is no such repository for the bot any more.
        """
        adapter: TypeAdapter[T] = TypeAdapter(returns)
        failures, held, queued = 0, Held(), Queued()
        own = None if work is None else (work, f"{name} {id(getcurrent())}")
        needs = _Needs(own, patient)

        def act() -> Any:
            return adapter.dump_python(self._with_space(name, action), mode="json")

        while True:
            self._live = False
            result = run_step(name, partial(self._attempt, name, act, held, needs))
            if self._live:
                # A crash after this one is another one.
                self._crashes.clear(self.run_id)
            else:
                self._replayed = True
                self._seating.replayed()
            if "full" in result:
                self._await_seat(queued, result)
                continue
            self._queueing.confirm()
            self._beginning = False
            if "hold" in result:
                hold = Hold.model_validate(result["hold"])
                if not patient:
                    raise UserError(verbatim(hold.text))
                self._holding.hold(held, hold)
                continue
            live = self._live
            self._holding.let_go(held, result["at"])
            self._live = live
            self.done_at = result["at"]
            if "transient" not in result:
                with reading(recorded=not live):
                    return adapter.validate_python(_value_of(result))
            failures += 1
            if failures == _STEP_TRIES:
                raise UserError(
                    "This did not get through in %(tries)s tries (%(step)s): %(reason)s",
                    tries=_STEP_TRIES,
                    step=name,
                    reason=result["transient"],
                )
            with self._crashes.waiting():
                sleep(result["retry_after"] or _BACKOFF_SECONDS * 2 ** (failures - 1))

    def _await_seat(self, queued: Queued, result: dict[str, Any]) -> None:
        with reading(recorded=not self._live):
            full = Full.model_validate(result["full"])
        if self._queueing.wait(queued, full, result["at"], live=self._live):
            self._holding.heard = True
        if self._beginning and self._queueing.seconds:
            self._beginning = False
            raise Waited

    def _attempt(self, name: str, act: Callable[[], Any], held: Held, needs: _Needs) -> dict[str, Any]:
        """Return what came of an action, as it is stored."""
        self._live = True
        self._hold()
        self._catch_up()
        if needs.patient and (full := self._queueing.lacking(needs.own)) is not None:
            return {"full": full.model_dump(mode="json"), "at": time.time()}
        try:
            outcome = {"value": act()}
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
        finally:
            self._queueing.done(needs.own)
        self._holding.passed(held)
        return {**outcome, "at": time.time()}

    def _catch_up(self) -> None:
        """Do what was left to be done aside in a replay."""
        if self._aside is not None:
            aside, self._aside = self._aside, None
            aside()

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

    def listen(self, listener: AnyListener) -> None:
        """Have somebody told of it where the run is held up for long: GitHub cannot be used, or there is no seat."""
        self._holding.listen(listener)
        self._queueing.listen(listener)

    def begin(self) -> None:
        """Have the next step wait until there is a seat for the run itself.

        Where that takes so long that people are told of it, the step raises `Waited` then and is not done.
        """
        self._seating.enter(Work.RUN)
        self._beginning = True

    def enter(self, work: Work, name: str = "") -> None:
        """Have the next step wait until there is a seat for what comes from then on; a replay waits for nothing."""
        self._seating.enter(work, name)

    def occupy(self, work: Work, name: str = "") -> None:
        """Have what is under way take a seat, whether there is room or not."""
        self._seating.occupy(work, name)

    def leave(self, work: Work, name: str = "") -> None:
        """Have what is done, or waits for people, need no seat any more."""
        self._seating.leave(work, name)

    @property
    def held_seconds(self) -> float:
        """How long the run has waited for GitHub, or for seats, which counts against no deadline."""
        return self._holding.seconds + self._queueing.seconds

    def aside(self, action: Callable[[], None]) -> None:
        """Do `action`, which takes no time and is remembered nowhere. In a replay only the last one is done, and that
        before the first step that is not replayed."""
        if self._live:
            action()
        else:
            self._aside = action


def _value_of(result: dict[str, Any]) -> Any:
    """Return what a step has returned, or raise what it has raised."""
    if "gone" in result:
        raise Gone(result["gone"])
    if "refused" in result:
        raise UserError(Sentence.model_validate(result["refused"]))
    return result["value"]
