"""What goes wrong between the bot and GitHub, planned request by request: a WSGI application before the hub's own."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_Answer = tuple[str, list[tuple[str, str]], bytes]
HEAD_UNSEEN: Mapping[str, Any] = {
    "message": "Validation Failed",
    "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}],
    "documentation_url": "https://docs.github.com/rest",
}
"""What GitHub answers with a 422 where it does not see a pull request's branch yet."""


@dataclass
class Fault:
    """One thing that goes wrong with some requests.

    Attributes:
        method: "GET", "POST", ..., or "" for any; path: a pattern that is looked for in path and query.
        body: what the request's body holds, by which a GraphQL request is told from others.
        about: a pattern of what the path or the body hold, such as the name of a repository.
        times: how often it still happens; happened: how often it has, and `met` the requests, as "METHOD path".
        status, answer, headers: what GitHub answers; a header that is "" is left out.
        late: GitHub answers as it should, so many seconds later, or once `until` is set.
        done: GitHub carries the request out, and only its answer gets lost.
        stale: GitHub answers what it last answered to the same question since this was planned, whatever has changed.
            With `times` 0 it waits for its time, and what is answered meanwhile is what it will repeat.
    """

    method: str = ""
    path: str = ""
    body: str = ""
    about: str = ""
    times: int = 1
    status: int = 502
    answer: Mapping[str, Any] = field(default_factory=lambda: {"message": "Server Error"})
    headers: Mapping[str, str] = field(default_factory=dict)
    late: float = 0.0
    until: threading.Event | None = field(default=None, repr=False)
    done: bool = False
    stale: bool = False
    happened: int = 0
    met: list[str] = field(default_factory=list)
    known: dict[tuple[str, str], _Answer] = field(default_factory=dict, repr=False)

    def fits(self, method: str, path: str, body: str) -> bool:
        """Return whether a request is one that it may happen to."""
        return (
            self.method in ("", method)
            and self.body in body
            and bool(re.search(self.about, f"{path}\n{body}"))
            and bool(re.search(self.path, path))
        )

    @property
    def said(self) -> _Answer:
        """The answer of a GitHub that fails."""
        content = json.dumps(dict(self.answer)).encode()
        headers = [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(content)))]
        named = {"X-GitHub-Request-Id": "0400:1A2B", **self.headers}
        headers += [(name, value) for name, value in named.items() if value]
        return f"{self.status} {HTTPStatus(self.status).phrase}", headers, content


def rate_limit(seconds: float) -> dict[str, Any]:
    """Return how a GitHub answers whose requests of an hour are used up, for so many seconds from now.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    reset = str(int(time.time() + seconds))
    headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    answer = {"message": "API rate limit exceeded for installation."}
    return {"status": 403, "answer": answer, "headers": headers}


def secondary_rate_limit(seconds: int) -> dict[str, Any]:
    """Return how GitHub answers to too many requests at once: it names how long to wait."""
    answer = {"message": "You have exceeded a secondary rate limit. Please wait."}
    return {"status": 429, "answer": answer, "headers": {"retry-after": str(seconds)}}


NOT_GITHUBS: dict[str, Any] = {"status": 200, "answer": {"hi": "x"}, "headers": {"X-GitHub-Request-Id": ""}}
"""What something else answers in the place of GitHub."""


class Faults:
    """A GitHub on which things go wrong as planned.

    Args:
        application: the one that answers where nothing does.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._plan: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, fault: Fault) -> Fault:
        """Have something go wrong from now on; return it, so that one can see how often it did."""
        with self._lock:
            self._plan.append(fault)
        return fault

    def clear(self) -> None:
        """Have nothing go wrong any more."""
        with self._lock:
            self._plan.clear()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or fail as planned."""
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(raw)
        method, body = environ["REQUEST_METHOD"], raw.decode(errors="replace")
        path = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}".rstrip("?")
        with self._lock:
            fitting = [fault for fault in self._plan if fault.fits(method, path, body)]
            fault = next((fault for fault in fitting if fault.times > 0), None)
            if fault is not None:
                fault.times -= 1
                fault.happened += 1
                fault.met.append(f"{method} {path}")
        if fault is not None and (fault.late or fault.until):
            (fault.until or threading.Event()).wait(fault.late or None)
        if fault is None or fault.stale or fault.late or fault.until:
            answer = fault.known.get((path, body)) if fault is not None else None
            answer = answer or self._ask(environ)
            for each in fitting:
                each.known[path, body] = answer
        else:
            if fault.done:
                self._ask(environ)
            answer = fault.said
        status, headers, content = answer
        start_response(status, headers)
        return [content]

    def _ask(self, environ: WSGIEnvironment) -> _Answer:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            said.append((status, headers))

        chunks = self._application(environ, start)
        content = b"".join(chunks)
        if close := getattr(chunks, "close", None):
            close()
        return *said[0], content
