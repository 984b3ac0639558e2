"""How much of GitHub's rate limit a program has left, as every answer tells it; the hub refuses nobody.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.hub.state import now

_PER_HOUR = 5000


class RateLimit:
    """Counts requests by their token. GitHub counts those of all tokens of an installation together."""

    def __init__(self) -> None:
        self._used: Counter[tuple[str, int]] = Counter()

    def headers(self, authorization: str, resource: str) -> dict[str, str]:
        """Count a request, and return what its answer says of the limit."""
        full_hour = now().replace(minute=0, second=0, microsecond=0)
        reset = int((full_hour + timedelta(hours=1)).timestamp())
        key = authorization, reset
        self._used[key] += 1
        return {
            "X-RateLimit-Limit": str(_PER_HOUR),
            "X-RateLimit-Remaining": str(max(0, _PER_HOUR - self._used[key])),
            "X-RateLimit-Used": str(self._used[key]),
            "X-RateLimit-Reset": str(reset),
            "X-RateLimit-Resource": resource,
        }
