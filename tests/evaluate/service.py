"""A live service as its callers see it, and how a check says what it wanted and what came."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

_SECONDS = 90.0
_SHOWN = 160


class Wrong(Exception):
    """A service does not do what its issue says; the text says in one line what was wanted and what came."""


@dataclass(frozen=True)
class Answer:
    """What a service answered: the status, and the body, as Python data where it is JSON."""

    status: int
    body: Any


class Service:
    """A live service. Use it as a context manager."""

    def __init__(self, url: str) -> None:
        """Connect to nothing yet.

        Args:
            url: where requests are posted; names below `localhost` are on this machine.
        """
        parts = urlsplit(url)
        local = (parts.hostname or "").endswith("localhost")
        where = f"127.0.0.1:{parts.port or 80}" if local else parts.netloc
        self._url = parts._replace(netloc=where).geturl()
        self._client = httpx.Client(headers={"Host": parts.netloc}, timeout=_SECONDS, trust_env=False)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def file(self, name: str, data: bytes) -> str:
        """Return a file as the service's own description wants it in a field of a request: base64, or the text itself.

        Raises:
            Wrong: the service describes no such field.
        """
        try:
            described = self._client.get(self._url.removesuffix("/execute") + "/openapi.json").json()
            inputs = described["components"]["schemas"]["Input"]["properties"][name]
        except (httpx.TransportError, ValueError, KeyError, TypeError) as error:
            raise Wrong(f"wanted a field {name} in the service's description, came {error!r}") from error
        return base64.b64encode(data).decode() if "base64" in json.dumps(inputs) else data.decode()

    def post(self, request: Any = None, *, raw: bytes | None = None) -> Answer:
        """Send a request as JSON, or a body as it is.

        Raises:
            Wrong: no answer.
        """
        body = json.dumps(request).encode() if raw is None else raw
        try:
            response = self._client.post(self._url, content=body, headers={"Content-Type": "application/json"})
        except httpx.TransportError as error:
            raise Wrong(f"{_asked(request)}: wanted an answer, came {type(error).__name__}") from error
        try:
            return Answer(response.status_code, response.json())
        except ValueError:
            return Answer(response.status_code, response.text)

    def answer(self, request: Any) -> dict[str, Any]:
        """Return the answer to a request that has to be accepted.

        Raises:
            Wrong: it is refused, or the answer is no object.
        """
        came = self.post(request)
        if came.status != 200 or not isinstance(came.body, dict):
            raise Wrong(f"{_asked(request)}: wanted 200 and an object, came {came.status} {shown(came.body)}")
        return came.body

    def refuse(self, request: Any = None, status: int | None = None, *, raw: bytes | None = None) -> None:
        """See to it that a request is refused, with this status or any 4xx.

        Raises:
            Wrong: it is not.
        """
        came = self.post(request, raw=raw)
        if came.status != status if status else not 400 <= came.status < 500:
            asked = _asked(request) if raw is None else shown(raw)
            raise Wrong(f"{asked}: wanted {status or 'a 4xx status'}, came {came.status} {shown(came.body)}")


def same(what: str, came: Any, wanted: Any) -> None:
    """See to it that a value is the wanted one, compared as JSON: 1 and 1.0 are the same, true is neither.

    Raises:
        Wrong: it is not.
    """
    if not _equal(came, wanted):
        raise Wrong(f"{what}: wanted {shown(wanted)}, came {shown(came)}")


def near(what: str, came: Any, wanted: float, within: float) -> None:
    """See to it that a value is a number close to the wanted one.

    Raises:
        Wrong: it is not.
    """
    number = isinstance(came, int | float) and not isinstance(came, bool)
    if not number or abs(came - wanted) > within:
        raise Wrong(f"{what}: wanted {wanted:g} (within {within:g}), came {shown(came)}")


def holds(what: str, condition: bool, came: Any) -> None:
    """See to it that what is said is so; `came` is shown where it is not.

    Raises:
        Wrong: it is not.
    """
    if not condition:
        raise Wrong(f"wanted: {what}; came {shown(came)}")


def shown(value: Any) -> str:
    """Return a value in one line, cut where it is long."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _asked(request: Any) -> str:
    """Return a request in one line; long texts in it, such as files, are cut."""
    return shown(json.dumps(_cut(request), ensure_ascii=False))


def _cut(value: Any) -> Any:
    match value:
        case str():
            return value if len(value) <= 40 else f"{value[:20]}… ({len(value)} characters)"
        case dict():
            return {key: _cut(inner) for key, inner in value.items()}
        case list():
            return [_cut(inner) for inner in value[:8]]
    return value


def _equal(came: Any, wanted: Any) -> bool:
    """Compare as JSON does: 4 and 4.0 are the same number, true is none."""
    match wanted:
        case bool() | None | str():
            return type(came) is type(wanted) and bool(came == wanted)
        case int() | float():
            return isinstance(came, int | float) and not isinstance(came, bool) and bool(came == wanted)
        case list():
            return isinstance(came, list) and len(came) == len(wanted) and all(map(_equal, came, wanted))
        case dict():
            return (
                isinstance(came, dict)
                and came.keys() == wanted.keys()
                and all(_equal(came[key], wanted[key]) for key in wanted)
            )
    return bool(came == wanted)
