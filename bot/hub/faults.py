"""What goes wrong on GitHub's side, as a test wants it: requests that fail, and answers that get lost.

What people do to a repository or to an installation (archive, suspend, delete) is no fault but state: see
`bot.hub.owning`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """An answer in place of the one that a request would get.

    Attributes:
        status: of the answer.
        message: GitHub's words.
        where: a regular expression, found in "METHOD path", a line break and the body of the requests that meet it.
        after: the request is carried out first, and its answer is the one that gets lost.
    """

    status: int
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    after: bool = False

    def concerns(self, method: str, path: str, body: str) -> bool:
        """Return whether a request meets it."""
        return re.search(self.where, f"{method} {path}\n{body}") is not None

    @property
    def body(self) -> str:
        """The body of the answer."""
        data = {"message": self.message, "documentation_url": "https://docs.github.com/rest"}
        return json.dumps({**data, "status": str(self.status)})


def server_error(status: int = 502, where: str = "", *, after: bool = False) -> Fault:
    """Return what GitHub answers where something breaks inside of it, before or after it has done what was asked."""
    return Fault(status, where=where, after=after)


def rate_limit(seconds: float, where: str = "") -> Fault:
    """Return the answer where the requests of an hour are used up, for so many seconds from now.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    reset = str(int(time.time() + seconds))
    headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    return Fault(403, "API rate limit exceeded for installation.", headers, where)


def secondary_rate_limit(seconds: int, where: str = "") -> Fault:
    """Return the answer to too many requests at once, which names how long to wait."""
    headers = {"retry-after": str(seconds)}
    return Fault(429, "You have exceeded a secondary rate limit. Please wait.", headers, where)


@dataclass
class _Planned:
    fault: Fault
    times: int | None


@dataclass
class Faults:
    """The faults that a hub has at the moment. Thread-safe.

    Attributes:
        met: the requests that met one, as "METHOD path: status".
    """

    met: list[str] = field(default_factory=list)
    _planned: list[_Planned] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault, times: int | None = None) -> None:
        """Have requests meet a fault: so many of them, or all until `clear`."""
        with self._lock:
            self._planned.append(_Planned(fault, times))

    def clear(self) -> None:
        """Have no more faults."""
        with self._lock:
            self._planned.clear()

    def take(self, method: str, path: str, body: str) -> Fault | None:
        """Return the fault that a request meets, or None."""
        with self._lock:
            for planned in self._planned:
                if planned.times == 0 or not planned.fault.concerns(method, path, body):
                    continue
                if planned.times is not None:
                    planned.times -= 1
                self.met.append(f"{method} {path}: {planned.fault.status}")
                return planned.fault
        return None
