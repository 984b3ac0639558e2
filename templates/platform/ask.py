"""Ask a service, and read no more of its answer than a playground that all services share can hold.

A service may be wrong or hostile: it may answer without end, in drops, with a redirect, packed, or with JSON that takes
a hundred times its size.
"""

import json
import time
from typing import Any

import requests

MOST_BYTES = 32_000_000
"""Of an answer. What people upload is limited to 25 MB, which is 33 MB as base64."""
MOST_VALUES = 500_000
"""Commas and brackets of an answer, in its texts too: about as many objects has it in memory."""
PIECE = 65_536


class Unreadable(Exception):
    """The answer is not read; the text says why, for people."""


def ask(method: str, url: str, host: str, seconds: float, body: Any = None) -> tuple[int, Any]:
    """Return status and JSON of an answer.

    Args:
        seconds: for all of the answer.

    Raises:
        Unreadable: it is too large, too slow, a redirect, packed or not JSON.
        requests.RequestException: there is none.
    """
    deadline = time.monotonic() + seconds
    headers = {"Host": host, "Accept-Encoding": "identity"}
    with requests.Session() as session:
        # No proxy and no password of this machine's.
        session.trust_env = False
        with session.request(
            method, url, json=body, headers=headers, timeout=seconds, stream=True, allow_redirects=False
        ) as response:
            return response.status_code, _json(_read(response, deadline, seconds), response.status_code)


def _read(response: requests.Response, deadline: float, seconds: float) -> bytes:
    if response.is_redirect:
        raise Unreadable("The service answers with a redirect, which is not followed.")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Unreadable("The service packs its answer, although it was not asked to.")
    parts, size = [], 0
    # What has arrived, and no waiting until a piece is full.
    while part := response.raw.read1(PIECE, decode_content=False):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise Unreadable(
                f"The answer is larger than {MOST_BYTES // 1_000_000} MB, which is more than a page can show."
            )
        if time.monotonic() > deadline:
            raise Unreadable(f"The answer was not complete within {seconds:g} seconds.")
    return b"".join(parts)


def _json(text: bytes, status: int) -> Any:
    if sum(text.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise Unreadable("The answer has more values than a page can show: call the service from a program.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The answer (status {status}) is not JSON.") from error
