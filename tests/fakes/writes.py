"""What a GitHub is told, request by request: a WSGI application before the hub's own that keeps the bodies."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Place = Literal["markdown", "plain", "file"]
_PLACES: dict[str, Place] = {
    "body": "markdown",
    "summary": "markdown",
    "text": "markdown",
    "title": "plain",
    "headline": "plain",
    "message": "plain",
    "description": "plain",
    "commit_title": "plain",
    "commit_message": "plain",
    "environment": "plain",
    "contents": "file",
}


@dataclass(frozen=True)
class Written:
    """A text that was sent to GitHub, and what it is there."""

    path: str
    name: str
    place: Place
    text: str


class Writes:
    """Keeps what is written to a GitHub."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self.written: list[Written] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request as the application does."""
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(raw)
        if environ["REQUEST_METHOD"] in ("POST", "PATCH", "PUT") and raw.startswith(b"{"):
            path = environ["PATH_INFO"]
            self.written += [Written(path, *found) for found in _texts(json.loads(raw), path.endswith("/graphql"))]
        return self._application(environ, start_response)


def _texts(said: Any, of_graphql: bool, name: str = "") -> Iterator[tuple[str, Place, str]]:
    """Yield the texts in a request that people or programs read, each with its name and its place."""
    if isinstance(said, dict):
        for key, value in said.items():
            yield from _texts(value, of_graphql, key)
    elif isinstance(said, list):
        for value in said:
            yield from _texts(value, of_graphql, name)
    elif isinstance(said, str) and name in _PLACES and (of_graphql or name != "contents"):
        # In GraphQL it is a commit that has a body.
        place = "plain" if of_graphql and name == "body" else _PLACES[name]
        text = base64.b64decode(said).decode(errors="replace") if place == "file" else said
        yield name, place, text
