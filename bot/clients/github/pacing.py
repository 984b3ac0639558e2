"""How fast the bot may write: it keeps GitHub's limits on new content by itself, so that GitHub never refuses.

GitHub allows about 80 requests a minute and 500 an hour that create content, for an installation as a whole
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from bot.errors import Hindrance, Unavailable

BURST = 10
"""Writes that may be sent at once after a rest."""
INTERVAL = 1.0
"""Seconds between writes after that."""
PER_HOUR = 500
OF_A_REPOSITORY = 400
"""Of these, what one repository may use, so that its neighbours never wait for it alone."""
OF_ANSWERS = 150
"""Of these, what may go into answers to what people type, so that there is always room for the runs."""
LONGEST_SLEEP = 20.0
"""Seconds that a thread is held at the most."""


class Pace:
    """A token bucket (10 at once, then one a second: never more than 70 a minute) that also keeps 500 an hour.

    Thread-safe. `clock` and `sleep` are in seconds; tests pass their own.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._full_at = float("-inf")
        """When the bucket will be full again; each write adds INTERVAL to it."""
        self._recent: deque[float] = deque(maxlen=PER_HOUR)

    def wait(self) -> None:
        """Return as soon as one more write is allowed.

        Raises:
            Unavailable: that is more than 20 s away. The step is tried again then; no thread is held until then.
        """
        with self._lock:
            now = self.clock()
            at = max(now, self._full_at - (BURST - 1) * INTERVAL)
            if len(self._recent) == PER_HOUR:
                at = max(at, self._recent[0] + 3600)
            if at - now > LONGEST_SLEEP:
                raise Unavailable("GitHub takes no more than 500 writes an hour", Hindrance.LIMIT, at - now)
            self._full_at = max(self._full_at, at) + INTERVAL
            self._recent.append(at)
        if at > now:
            self._sleep(at - now)


class Share:
    """A part of a pace: what is written at it leaves the rest of an hour to others. Thread-safe."""

    def __init__(self, whole: Pace, per_hour: int) -> None:
        self._whole = whole
        self._lock = threading.Lock()
        self._recent: deque[float] = deque(maxlen=per_hour)

    def wait(self) -> None:
        """Return as soon as one more write is allowed.

        Raises:
            Unavailable: that is more than 20 s away, or nothing of the share is left in this hour.
        """
        with self._lock:
            now = self._whole.clock()
            if len(self._recent) == self._recent.maxlen and now < self._recent[0] + 3600:
                left = self._recent[0] + 3600 - now
                raise Unavailable("The rest of this hour's writes is left to others", Hindrance.LIMIT, left)
        self._whole.wait()
        with self._lock:
            self._recent.append(now)
