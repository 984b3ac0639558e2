"""A WSGI application that stands before the hub in tests, and holds what passes to GitHub's word."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.hub import Hub
from tests.word.rest import Answer, Request, Rest, Webhooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ROOT = "/api/v3"


class Word:
    """What GitHub says of its API, and what was found to be otherwise since `faults` was last called."""

    def __init__(self, rest: Rest, webhooks: Webhooks) -> None:
        self._rest = rest
        self._webhooks = webhooks
        self._found: list[str] = []
        self._hubs: list[tuple[Hub, int]] = []
        self._lock = threading.Lock()

    def hold(self, hub: Hub, *, refuses: bool = False) -> Hub:
        """Check all that a hub is asked from now on, what it answers, and what it tells the App; return the hub.

        Args:
            refuses: what it is asked may be wrong, as long as it refuses that.
        """
        hub.front = _Checked(hub.front, self, refuses)
        self._hubs.append((hub, 0))
        return hub

    def faults(self) -> list[str]:
        """Return what was wrong since this was last called, a line each."""
        hubs, self._hubs = self._hubs, []
        for hub, seen in hubs:
            told = hub.deliveries
            for delivery in told[seen:]:
                what = f"webhook {delivery.event} {delivery.payload.get('action', '')}".rstrip()
                self._note(what, self._webhooks.faults_of(delivery.event, delivery.payload))
            self._hubs.append((hub, len(told)))
        with self._lock:
            found, self._found = self._found, []
        return list(dict.fromkeys(found))

    def check(self, request: Request, answer: Answer, *, refuses: bool) -> None:
        """Note what is wrong with a request or with its answer; not with one that a test lets something else give."""
        if not (refuses and 400 <= answer.status < 500):
            self._note(str(request), self._rest.of_request(request))
        # The bot takes no other answer for GitHub's either.
        if "x-github-request-id" in answer.headers:
            self._note(f"{request} -> {answer.status}", self._rest.of_answer(request, answer))

    def _note(self, what: str, faults: Iterable[str]) -> None:
        lines = [f"{what}: {fault}" for fault in faults]
        with self._lock:
            self._found += lines


class _Checked:
    def __init__(self, application: WSGIApplication, word: Word, refuses: bool) -> None:
        self._application = application
        self._word = word
        self._refuses = refuses

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # As it was sent: "%2F" is no "/".
        path = environ["RAW_URI"].partition("?")[0]
        if not path.startswith(f"{_ROOT}/"):
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {
            name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name[:5] == "HTTP_"
        }
        request = Request(
            environ["REQUEST_METHOD"], path.removeprefix(_ROOT), environ.get("QUERY_STRING", ""), headers, body
        )
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said.append((status, headers))
            return start_response(status, headers, *rest)

        chunks = self._application(environ, start)
        content = b"".join(chunks)
        if close := getattr(chunks, "close", None):
            close()
        status, answered = said[0]
        named = {name.lower(): value for name, value in answered}
        self._word.check(request, Answer(int(status[:3]), named, content), refuses=self._refuses)
        return [content]
