"""Every request of a program that was answered, and what of it counts against GitHub's limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["read", "write", "content"]

# Writes that make nothing people see, and check runs; the rest of them makes content:
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
# GitHub does not define content. Its description of the API warns of "creating content too quickly" at the endpoints
# that notify people (issues, comments, pull requests, reviews, merges, releases), and not at those for check runs.
_PLAIN_WRITES = re.compile(
    r"/(reactions|dispatches|rerun-failed-jobs|cancel|access_tokens|rerequest|check-runs(/\d+)?)$"
)


@dataclass(frozen=True)
class ApiRequest:
    """One answered request.

    Attributes:
        actor: login behind the token; the App's slug for its JSON web tokens; "" for nobody in particular.
        kind: "content" for writes that make or change what people see.
    """

    at: datetime
    method: str
    path: str
    actor: str
    status: int
    kind: Kind


def kind_of(method: str, path: str) -> Kind:
    """Return the kind of a REST request."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return "read"
    return "write" if _PLAIN_WRITES.search(path) else "content"


def counted(requests: Iterable[ApiRequest], *actors: str) -> dict[str, int]:
    """Count the requests of some actors: `read` and `write` are all of them, `content` is a part of `write`."""
    kinds = [request.kind for request in requests if request.actor in actors]
    content = kinds.count("content")
    return {"read": kinds.count("read"), "write": kinds.count("write") + content, "content": content}
