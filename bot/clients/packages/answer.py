"""One answer of a package index, within limits of size and time, and never from another host than the one asked."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from bot.errors import TransientError

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
_SECONDS = 60.0
_BYTES = 64 * 1024 * 1024
_REDIRECTS = 3


@dataclass(frozen=True)
class Answer:
    """What the index says.

    Attributes:
        status: 200 or 404; another one only where the caller takes any.
        content: empty unless the status is 200.
        url: where the content came from, after redirects.
    """

    status: int
    content: bytes
    content_type: str
    url: str


def get_answer(client: httpx.Client, url: str, *, any_refusal: bool = False) -> Answer:
    """Return the answer to a GET.

    Args:
        any_refusal: also take a status that says no in another way than 404.

    Raises:
        TransientError: the index does not answer, or redirects to another place.
    """
    deadline = time.monotonic() + _SECONDS
    try:
        for _ in range(_REDIRECTS + 1):
            request = client.build_request("GET", url, headers={"Accept": _ACCEPT})
            response = client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return _read(response, deadline, any_refusal)
                following = response.next_request.url
                if not _same_place(response.request.url, following):
                    raise TransientError("The package index sends elsewhere instead of answering.")
                # The user and password in an index's address are not in what it redirects to.
                url = str(following.copy_with(username=request.url.username, password=request.url.password))
            finally:
                response.close()
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        # The error's text may hold the address, and that a password.
        raise TransientError(f"The package index does not answer ({type(error).__name__}).") from error
    raise TransientError("The package index redirects without end.")


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks to wait, from now; None where it is absent or unreadable.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _read(response: httpx.Response, deadline: float, any_refusal: bool) -> Answer:
    status = response.status_code
    is_refusal = status == 404 or (any_refusal and status != 429 and status < 500)
    if status != 200 and not is_refusal:
        raise TransientError(
            f"The package index does not answer (HTTP {status}).", retry_after(response.headers.get("Retry-After"))
        )
    content = bytearray()
    for part in response.iter_bytes() if status == 200 else ():
        content += part
        if len(content) > _BYTES or time.monotonic() > deadline:
            raise TransientError("The package index's answer does not end.")
    return Answer(status, bytes(content), response.headers.get("Content-Type", ""), str(response.url))


def _same_place(asked: httpx.URL, following: httpx.URL) -> bool:
    if following.host != asked.host:
        return False
    same = (following.scheme, following.port) == (asked.scheme, asked.port)
    return same or (asked.scheme, following.scheme) == ("http", "https")
