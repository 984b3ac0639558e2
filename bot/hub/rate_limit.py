"""How much of GitHub's rate limit a program has left, as every answer tells it; who is refused, a test says.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from bot.hub.state import now

_PER_HOUR = 5000


@dataclass
class _Window:
    """What an installation may do until a reset, in seconds since the epoch."""

    left: int
    reset: int
    used: Counter[str] = field(default_factory=Counter)


class RateLimit:
    """Counts requests by their token and refuses none, so that it never says that little is left.

    For an owner whose installation `limit` was called for, it counts those of all tokens together, as GitHub does, and
    refuses. Thread-safe.

    Attributes:
        refused: how many requests of an owner were.
    """

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._used: Counter[tuple[str, int]] = Counter()
        self._windows: dict[str, _Window] = {}

    def limit(self, owner: str, left: int, seconds: float) -> None:
        """Have an owner's installation be good for so many more requests of REST, and of GraphQL, for so long."""
        with self._lock:
            self._windows[owner] = _Window(left, int(now().timestamp() + seconds))

    @property
    def limited(self) -> bool:
        """Whether anybody is."""
        return bool(self._windows)

    def refuses(self, owner: str, resource: str) -> bool:
        """Count a request of an owner's installation; return whether it is one too many."""
        with self._lock:
            window = self._windows.get(owner)
            if window is None or now().timestamp() >= window.reset:
                self._windows.pop(owner, None)
                return False
            if window.used[resource] >= window.left:
                self.refused[owner] += 1
                return True
            window.used[resource] += 1
            return False

    def headers(self, authorization: str, owner: str, resource: str) -> dict[str, str]:
        """Return what the answer to a request says of the limit.

        Args:
            owner: of the installation whose token it came with; "" where it is another one, or none.
        """
        with self._lock:
            if window := self._windows.get(owner):
                remaining, reset = window.left - window.used[resource], window.reset
            else:
                full_hour = now().replace(minute=0, second=0, microsecond=0)
                reset = int((full_hour + timedelta(hours=1)).timestamp())
                self._used[authorization, reset] += 1
                remaining = max(_PER_HOUR // 10, _PER_HOUR - self._used[authorization, reset])
        return {
            "X-RateLimit-Limit": str(_PER_HOUR),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Used": str(_PER_HOUR - remaining),
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Resource": resource,
        }
