"""`GET /events`: tells a page that is open when there is something new to show, by server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html

A stream holds a thread. Those threads are apart from those that answer everything else, and there are so many of them
at the most (`reception.py`). A stream ends by itself after a while, and the browser opens the next one.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from functools import cached_property

from flask import Blueprint, Response

from bot.errors import TransientError
from bot.runs import Runs
from bot.web.visitors import Visitors, readable

PATH = "/events"
STREAM_SECONDS = 25.0
"""How long a stream lasts: less than any answer may take."""
_LOOK_SECONDS = 1.0
_AGAIN_MILLISECONDS = 1000
"""After which a browser opens the next stream."""

leaving = threading.Event()
"""Set when the process ends: streams end with it."""


class Pulse:
    """Notices that there is something new, for all streams of a process together. Thread-safe."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._lock = threading.Lock()
        self._count = 0
        self._seen: object = None
        self._again_at = 0.0

    def revision(self) -> str:
        """Return what changes with everything that the page shows.

        Raises:
            TransientError: the database cannot be read.
        """
        with self._lock:
            if time.monotonic() >= self._again_at:
                reports = self._runs.reports
                seen = (reports.figures(), reports.queue(), reports.rate_limits())
                self._count += seen != self._seen
                self._seen = seen
                self._again_at = time.monotonic() + _LOOK_SECONDS
            return f"{self._process}-{self._count}"

    @cached_property
    def _process(self) -> str:
        """What tells the revisions of this process from those of others, which count by themselves.

        It is drawn where it is asked for: a process may be forked from another after this was made.
        """
        return secrets.token_hex(4)


def live(pulse: Pulse, visitors: Visitors | None) -> Blueprint:
    """Return the stream, for those who see the page. It tells that something is new, and nothing of it."""
    blueprint = Blueprint("live", __name__)

    @blueprint.get(PATH)
    def events() -> Response:
        if readable(visitors) is None:
            return Response(status=401 if visitors else 403)
        # A proxy is not to collect what comes (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering).
        return Response(_stream(pulse), content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    return blueprint


def _stream(pulse: Pulse) -> Iterator[str]:
    yield f"retry: {_AGAIN_MILLISECONDS}\n\n"
    told, ends_at = "", time.monotonic() + STREAM_SECONDS
    while time.monotonic() < ends_at and not leaving.is_set():
        try:
            revision = pulse.revision()
        except TransientError:
            # The page says so when it is loaded, and this stream goes on when it passes.
            revision = told
        if revision != told:
            told = revision
            yield f"data: {revision}\n\n"
        else:
            # A browser that is gone is noticed by what is sent to it.
            yield ":\n\n"
        leaving.wait(_LOOK_SECONDS)
