"""How fast the bot may write: it keeps GitHub's limits on new content by itself, so that GitHub never refuses.

Where several writes wait, the one goes next that people wait for most; among equals, the one that came first. A run
writes one thing after the other, so that no issue gets more turns than another; and of the writes of one repository
that wait, each counts as if it had come a second after the one before it, so that a thousand issues of one repository
hold up a single one of another by seconds.

GitHub allows about 80 requests a minute and 500 an hour that create content, for an installation as a whole
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bot.errors import Hindrance, Unavailable

BURST = 10
"""Writes that may be sent at once after a rest."""
INTERVAL = 1.0
"""Seconds between writes after that."""
PER_HOUR = 500
OF_A_REPOSITORY = 350
"""Of these, what one repository may use, so that its neighbours never wait for it alone."""
OF_RUNS = 450
"""Of these, what runs may use, so that somebody who types something is answered at once also where many are at work."""
OF_WAITING = 150
"""Of these, until what number runs that wait for their turn may say so: each of them writes that some time anyway."""
OF_HELD = 480
"""Of these, until what number runs may say that they wait because the hour is used up, or GitHub takes no more."""
OF_ANSWERS = 150
"""Of these, what may go into answers to what people type, so that there is always room for the runs."""
LONGEST_SLEEP = 30.0
"""Seconds that a thread of a run is held at the most."""
_LOOK_SECONDS = 0.02
"""How soon to look again whether those have gone whose turn it is."""


class Urgency(Enum):
    """How long a write gives way to others that have come after it, in seconds."""

    ANSWER = -30.0
    """A person has typed something and waits: it goes before the runs."""
    STEP = 0.0
    """A run goes on when it is done."""
    ASIDE = 30.0
    """Nobody waits for it, and a newer one may make it needless."""


class Writes(Protocol):
    """What all workers together write, where there are several."""

    def take(self, installation: int, burst: int, interval: float, per_hour: int) -> float:
        """Take a write from the bucket and the hour of an installation.

        Returns:
            0.0, or in how many seconds one may be allowed; then none is taken.
        """

    def left(self, installation: int, share: str, per_hour: int) -> float:
        """Return in how many seconds a share of an hour has room; 0.0 where it has."""

    def took(self, installation: int, share: str) -> None:
        """Count a write to its share."""


@dataclass(frozen=True)
class Shared:
    """The writes of one installation by all workers."""

    writes: Writes
    installation: int


@dataclass(eq=False)
class _Turn:
    """A write that waits.

    Attributes:
        since: the time since which it waits, moved behind what else waits of whose it is.
        place: its place in the line, to which its urgency has moved it.
        per_hour: how much may have been written in an hour with it.
        of: whose it is, "": nobody's.
        room_at: when the hour has room for it, as far as it has looked: until then nobody waits for it.
    """

    since: float
    place: float
    per_hour: int
    of: str
    room_at: float = float("-inf")


class Pace:
    """A token bucket (10 at once, then one a second: never more than 70 a minute) that also keeps 500 an hour.

    Thread-safe. `clock` and `sleep` are in seconds; tests pass their own. `shared` has all workers keep to it together.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        shared: Shared | None = None,
    ) -> None:
        self.clock = clock
        self.shared = shared
        self._sleep = sleep
        self._lock = threading.Lock()
        self._line: list[_Turn] = []
        self._served: dict[str, float] = {}
        """The turn that each had last."""
        self._full_at = float("-inf")
        """When the bucket will be full again; each write adds INTERVAL to it."""
        self._recent: deque[float] = deque(maxlen=PER_HOUR)

    def wait(self, urgency: Urgency = Urgency.STEP, of: str = "") -> None:
        """Return as soon as one more write is allowed, and it is its turn.

        Args:
            of: who writes, such as a repository: none of these holds up another one; "": it is nobody's.

        Raises:
            Unavailable: that is more than 30 s away. The step is tried again then; no thread is held until then.
        """
        began = self.clock()
        turn = self._queue(began, urgency, of)
        try:
            while (left := self._left(turn, began)) > 0:
                self._sleep(left)
        finally:
            self._leave(turn)

    def wait_aside(
        self, wanted: Callable[[], bool], of: str = "", *, within: Callable[[], int] = lambda: OF_RUNS
    ) -> bool:
        """Wait until one more write is allowed and nothing else wants to be written, however long that takes, or until
        it has given way to others for a minute; return whether it is still wanted.

        Args:
            within: how much may have been written in an hour with it, which may change while it waits.
        """
        turn = self._queue(self.clock(), Urgency.ASIDE, of)
        try:
            while wanted():
                turn.per_hour = within()
                if (left := self._left(turn, None)) <= 0:
                    return True
                self._sleep(min(left, LONGEST_SLEEP))
            return False
        finally:
            self._leave(turn)

    def _queue(self, now: float, urgency: Urgency, of: str) -> _Turn:
        with self._lock:
            others = [turn.since for turn in self._line if of and turn.of == of]
            since = max([now, *(each + INTERVAL for each in (*others, self._served.get(of, now - INTERVAL)))])
            turn = _Turn(since, since + urgency.value, PER_HOUR if urgency is Urgency.ANSWER else OF_RUNS, of)
            self._line.append(turn)
        return turn

    def _leave(self, turn: _Turn) -> None:
        with self._lock:
            self._line.remove(turn)

    def _left(self, turn: _Turn, began: float | None) -> float:
        """Take a write that is allowed now, and return 0; otherwise return the seconds to wait before the next try.

        Args:
            began: since when a thread is held that may be held for 30 s; None for one that may be held for ever.

        Raises:
            Unavailable: see `wait`.
        """
        with self._lock:
            now = self.clock()
            turn.room_at = self._room_at(turn.per_hour)
            before = self._before(turn, now)
            at, own = (self._allowed_at(now, count, turn.per_hour) for count in (0, before))
            if began is not None and own - began > LONGEST_SLEEP:
                raise Unavailable("GitHub takes no more than 500 writes an hour", Hindrance.LIMIT, own - now)
            if at <= now and not before:
                if (left := self._left_to_all(turn.per_hour)) > 0:
                    turn.room_at = now + left
                    if began is not None and now + left - began > LONGEST_SLEEP:
                        raise Unavailable("GitHub takes no more than 500 writes an hour", Hindrance.LIMIT, left)
                    return left
                self._full_at = max(self._full_at, now) + INTERVAL
                self._recent.append(now)
                if turn.of:
                    self._served[turn.of] = turn.since
                return 0.0
            return max(at - now, _LOOK_SECONDS)

    def _before(self, turn: _Turn, now: float) -> int:
        """Return how many of those that wait go before a turn."""
        place, came_before = turn.place, True
        before = 0
        for other in self._line:
            if other is turn:
                came_before = False
            elif other.room_at > now:
                continue
            # Who came at the same moment goes in the order of the line.
            elif other.place < place or (came_before and other.place == place):
                before += 1
        return before

    def _left_to_all(self, per_hour: int) -> float:
        """Take a write from what all workers share, and return 0; otherwise return the seconds to wait."""
        if self.shared is None:
            return 0.0
        return self.shared.writes.take(self.shared.installation, BURST, INTERVAL, per_hour)

    def _allowed_at(self, now: float, before: int, per_hour: int) -> float:
        """Return when one more write is allowed after so many others, where so many are in an hour."""
        at = max(now, self._full_at - (BURST - 1 - before) * INTERVAL)
        full = len(self._recent) + before - per_hour
        return max(at, self._recent[min(full, len(self._recent) - 1)] + 3600) if full >= 0 else at

    def _room_at(self, per_hour: int) -> float:
        """Return when less than that has been written in an hour."""
        return self._recent[-per_hour] + 3600 if len(self._recent) >= per_hour else float("-inf")


class Share:
    """A part of a pace: what is written at it leaves the rest of an hour to others. Thread-safe.

    Args:
        urgency: of what is written at it.
        name: tells it from the other ones of the pace.
    """

    def __init__(self, whole: Pace, per_hour: int, urgency: Urgency = Urgency.STEP, name: str = "runs") -> None:
        self._whole = whole
        self._name = name
        self._per_hour = per_hour
        self.urgency = urgency
        self._lock = threading.Lock()
        self._recent: deque[float] = deque(maxlen=per_hour + OF_HELD - OF_RUNS)

    def wait(self) -> None:
        """Return as soon as one more write is allowed, and it is its turn.

        Raises:
            Unavailable: that is more than 30 s away, or nothing of the share is left in this hour.
        """
        self._must_be_left(self._per_hour)
        self._whole.wait(self.urgency, "" if self.urgency is Urgency.ANSWER else self._name)
        self._took()

    def wait_aside(self, wanted: Callable[[], bool], *, within: Callable[[], int] = lambda: OF_RUNS) -> bool:
        """Wait until one more write is allowed and nothing else wants to be written, see `Pace.wait_aside`; return
        whether it is still wanted.

        Raises:
            Unavailable: nothing of the share is left in this hour.
        """
        self._must_be_left(self._per_hour + max(0, within() - OF_RUNS))
        if not self._whole.wait_aside(wanted, self._name, within=within):
            return False
        self._took()
        return True

    def _must_be_left(self, per_hour: int) -> None:
        if (left := self._left(per_hour)) > 0:
            raise Unavailable("The rest of this hour's writes is left to others", Hindrance.LIMIT, left)

    def _left(self, per_hour: int) -> float:
        if (shared := self._whole.shared) is not None:
            return shared.writes.left(shared.installation, self._name, per_hour)
        with self._lock:
            if len(self._recent) < per_hour:
                return 0.0
            return self._recent[-per_hour] + 3600 - self._whole.clock()

    def _took(self) -> None:
        if (shared := self._whole.shared) is not None:
            shared.writes.took(shared.installation, self._name)
        with self._lock:
            self._recent.append(self._whole.clock())
