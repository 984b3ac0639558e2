"""Who failed a moment ago."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass
class Breaker:
    """A circuit breaker: it remembers who failed, so that not every caller waits for the same time-out.

    Attributes:
        clock: returns seconds that only go up.
        seconds: how long a failure counts.
    """

    clock: Callable[[], float] = time.monotonic
    seconds: float = 60
    _failed_at: dict[str, float] = field(default_factory=dict)

    def trip(self, name: str) -> None:
        """Remember that a model failed now."""
        self._failed_at[name] = self.clock()

    def reset(self, name: str) -> None:
        """Forget that a model failed."""
        self._failed_at.pop(name, None)

    def is_open(self, name: str) -> bool:
        """Tell whether a model failed within the last `seconds`."""
        at = self._failed_at.get(name)
        return at is not None and self.clock() - at < self.seconds

    def order(self, names: Iterable[str]) -> list[str]:
        """Return `names` without doubles and in their order, but those that failed a moment ago last."""
        return sorted(dict.fromkeys(names), key=self.is_open)
