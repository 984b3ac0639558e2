"""How long to wait between two looks at GitHub: not for long where it may not show yet what it has told of."""

from __future__ import annotations

import math
from collections.abc import Iterator

_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)


class Soon:
    """Seconds to wait before the next look: the first ones after a hint are short and grow.

    Args:
        poll_seconds: how long to wait where nothing was heard of.
    """

    def __init__(self, poll_seconds: float) -> None:
        self._poll_seconds = poll_seconds
        self._pauses: Iterator[float] = iter(())

    def hinted(self) -> None:
        """Take note that there is something new, which GitHub may show late."""
        self._pauses = iter(_PAUSES)

    def seconds(self) -> float:
        """Return how long to wait now."""
        return min(self._poll_seconds, next(self._pauses, math.inf))
