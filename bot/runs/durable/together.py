"""What many threads want at the same moment is done once for all of them.

A thousand runs that begin together want the same of the database, each for itself. Whoever comes while nobody is at it
does it for all that wait; the next ones are done together after that. A single one waits for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

W = TypeVar("W")
R = TypeVar("R")

_MOST = 64


@dataclass(eq=False)
class _Wish(Generic[W, R]):
    """What a thread wants.

    Attributes:
        turn: set when it is done, or is the next one to do it.
        fault: why it could not be done.
    """

    what: W
    turn: threading.Event = field(default_factory=threading.Event)
    result: R | None = None
    fault: Exception | None = None
    done: bool = False


class Together(Generic[W, R]):
    """Does the same for several threads at once, at most for 64 of them.

    Args:
        act: does it, and returns what came of it for each; nothing for whom that is None.
    """

    def __init__(self, act: Callable[[Sequence[W]], Mapping[W, R]]) -> None:
        self._act = act
        self._lock = threading.Lock()
        self._waiting: list[_Wish[W, R]] = []
        self._busy = False

    def __call__(self, what: W) -> R | None:
        """Have it done from now on, and return what came of it. Raises what `act` raises."""
        wish: _Wish[W, R] = _Wish(what)
        with self._lock:
            self._waiting.append(wish)
            waits, self._busy = self._busy, True
        if waits:
            wish.turn.wait()
        if not wish.done:
            self._do()
        if wish.fault is not None:
            raise wish.fault
        return wish.result

    def _do(self) -> None:
        """Do it for all that wait, this thread first among them, and let the next one do it for the others."""
        with self._lock:
            wishes, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        try:
            results = self._act([wish.what for wish in wishes])
            for wish in wishes:
                wish.result = results.get(wish.what)
        except Exception as fault:  # noqa: BLE001 (each of them raises it)
            for wish in wishes:
                wish.fault = fault
        with self._lock:
            self._busy = bool(self._waiting)
            following = self._waiting[:1]
        for wish in wishes:
            wish.done = True
        for wish in wishes + following:
            wish.turn.set()
