"""What a workflow records as it goes, and what becomes of it where it does something else in a replay.

A replay takes what was recorded in its order, each under its name. Nothing new happens before all of it is used up, so
a workflow that another version has begun is tried on what it has recorded: it does the same, or it ends here with
nothing done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from dbos import DBOS, error
from pydantic import ValidationError

from bot.runs.durable.replay import Recorded, next_recorded

T = TypeVar("T")

# As the engine records them.
_SET_EVENT, _SLEEP = "DBOS.setEvent", "DBOS.sleep"


class Strayed(BaseException):
    """A workflow does something else than it has recorded: it was begun by a version with other steps.

    No `Exception`: whatever a handler in it did next would be taken for yet another step.
    """


def run_step(name: str, action: Callable[[], T]) -> T:
    """Do something and record what it returns, or return what is recorded of it.

    Raises:
        Strayed: another step is recorded in its place.
    """
    if (recorded := _next(name)) is not None:
        return cast(T, recorded.value)
    with _following():
        return DBOS.run_step({"name": name}, action)


def set_event(name: str, value: Any) -> None:
    """Let everybody see a value. Raises `Strayed` as `run_step` does."""
    if _next(_SET_EVENT) is not None:
        return
    with _following():
        DBOS.set_event(name, value)


def sleep(seconds: float) -> None:
    """Wait, over restarts as well. Raises `Strayed` as `run_step` does."""
    # The engine counts no wait that takes no time.
    if seconds <= 0 or _next(_SLEEP) is not None:
        return
    with _following():
        DBOS.sleep(seconds)


@contextmanager
def reading(*, recorded: bool) -> Iterator[None]:
    """Read what a step has returned.

    Args:
        recorded: it comes from a replay: where it cannot be read, the step has returned something else once.

    Raises:
        Strayed: so it is.
    """
    try:
        yield
    except (KeyError, ValidationError) as fault:
        if not recorded:
            raise
        raise Strayed(f"what is recorded is of another shape: {type(fault).__name__}") from None


def _next(name: str) -> Recorded | None:
    recorded = next_recorded()
    if recorded is not None and recorded.name != name:
        raise _strayed(recorded.number, recorded.name, name)
    return recorded


@contextmanager
def _following() -> Iterator[None]:
    try:
        yield
    except error.DBOSUnexpectedStepError as fault:
        _, step, wanted, found = fault.inputs
        raise _strayed(step, found, wanted) from None


def _strayed(step: int, found: str, wanted: str) -> Strayed:
    return Strayed(f"step {step} is recorded as `{found}` and now is `{wanted}`")
