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
_MARKDOWN = {"body", "summary", "text"}
"""What else there is, titles, messages and inputs of workflows among it, is plain text, also names and branches."""
_DOCUMENT = "query"
"""A request in GraphQL, which holds nobody's words."""


@dataclass(frozen=True)
class Written:
    """A text that was sent to GitHub, with whose credentials, and what it is there."""

    by: str
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
            path, by = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "").rpartition(" ")[2]
            self.written += [Written(by, path, *found) for found in _texts(json.loads(raw), path.endswith("/graphql"))]
        return self._application(environ, start_response)


def _texts(said: Any, of_graphql: bool, name: str = "") -> Iterator[tuple[str, Place, str]]:
    """Yield the texts in a request, each with its name and its place."""
    if isinstance(said, dict):
        for key, value in said.items():
            yield from _texts(value, of_graphql, key)
    elif isinstance(said, list):
        for value in said:
            yield from _texts(value, of_graphql, name)
    elif isinstance(said, str) and of_graphql and name == "contents":
        yield name, "file", base64.b64decode(said).decode(errors="replace")
    elif isinstance(said, str) and name != _DOCUMENT:
        # In GraphQL it is a commit that has a body.
        yield name, "markdown" if name in _MARKDOWN and not of_graphql else "plain", said
