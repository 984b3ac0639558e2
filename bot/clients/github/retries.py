"""Which requests are sent again at once, and which lead elsewhere."""

from __future__ import annotations

import re
from typing import Any, Self

from urllib3.util import Retry

_REDIRECTS = (301, 307, 308)
_BY_ID = re.compile(r"/repositories/([0-9]+)")


class Elsewhere(Exception):
    """GitHub has done nothing and leads elsewhere: the repository, or an issue, is in another place now.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects

    Attributes:
        repository: the id of the repository that it leads to; None where it leads to something else.
    """

    def __init__(self, location: str) -> None:
        super().__init__(location)
        found = _BY_ID.search(location)
        self.repository = int(found[1]) if found else None


class ReadRetry(Retry):
    """Repeats reads that got no answer or a 5xx answer, twice within a second.

    It never repeats a write: after a 502 GitHub may have carried it out. It does not repeat a request whose answer
    names a time to wait either: the durable step waits, so that no thread is held.
    """

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if status_code in _REDIRECTS:
            return True
        return not has_retry_after and super().is_retry(method, status_code, has_retry_after)

    def increment(self, method: str | None = None, url: str | None = None, *args: Any, **kwargs: Any) -> Self:
        # PyGithub follows a read without its query, which asks another question, and takes a write for done.
        response = kwargs.get("response") or (args[0] if args else None)
        if response is not None and response.status in _REDIRECTS:
            raise Elsewhere(str(response.headers.get("location", "")))
        return super().increment(method, url, *args, **kwargs)


def read_retry() -> ReadRetry:
    """Return the rule by which reads are repeated."""
    return ReadRetry(
        total=2,
        backoff_factor=0.2,
        allowed_methods={"GET", "HEAD"},
        status_forcelist={500, 502, 503, 504},
        raise_on_status=False,
    )
