"""Where a service is asked: at its public address, as people do, link by link of the way there."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import httpx

from bot.sentence import Sentence, sentence, verbatim
from bot.values.naming import is_below_localhost

_CONNECT_SECONDS = 5.0
_HANDSHAKE_SECONDS = 60.0
"""For the first visitor of a name a certificate may have to be made, by an authority that looks here first."""


class Link(StrEnum):
    """A part of the way to a service that people go, in their order."""

    DNS = "dns"
    PORT = "port"
    CERTIFICATE = "certificate"
    SERVICE = "service"


@dataclass(frozen=True)
class Gap:
    """What is missing on the way to a service, and the one thing to do about it; both without a full stop."""

    link: Link
    seen: Sentence
    remedy: Sentence

    @property
    def report(self) -> Sentence:
        """What people are told where the service itself is live."""
        return sentence(
            "The service works, but from where it was deployed its address does not: %(seen)s. %(remedy)s.",
            seen=self.seen,
            remedy=self.remedy,
        )


@dataclass(frozen=True)
class Answer:
    """What was answered to a request."""

    status: int
    text: str


class Unanswered(Exception):
    """There is no answer; the text says why."""


class Broken(Unanswered):
    """There is none because a link is missing, so that it is of no use to ask again at once."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(str(gap.seen))
        self.gap = gap


class Door(Protocol):
    """A way to ask a service."""

    @property
    def url(self) -> str:
        """What the service's paths are appended to, as messages name it; it ends without a slash."""

    def ask(self, path: str, *, seconds: float, body: Any = None) -> Answer:
        """Return the answer to GET, or with a body to POST.

        Raises:
            Unanswered: there is none.
        """


class Public:
    """The public address of a service, from where this program runs.

    Args:
        root: the certificate of an authority that is trusted beside those of this machine, as PEM; "" for none.
    """

    def __init__(self, url: str, root: str = "") -> None:
        self.url = url.rstrip("/")
        self._parts = urlsplit(self.url)
        self._context = _trust(root)

    def ask(self, path: str, *, seconds: float, body: Any = None) -> Answer:
        """Return the answer.

        Raises:
            Broken: a link is missing; says which.
        """
        host = self._parts.hostname or ""
        connect(self._parts)
        # Browsers know the names below `localhost`, the resolver of this program may not.
        target = self._parts
        if is_below_localhost(host):
            target = target._replace(netloc=f"127.0.0.1:{_port(target)}")
        try:
            with httpx.Client(trust_env=False, verify=self._context) as client:
                response = client.request(
                    "GET" if body is None else "POST",
                    target.geturl() + path,
                    headers={"Host": self._parts.netloc},
                    json=body,
                    timeout=httpx.Timeout(seconds, connect=_HANDSHAKE_SECONDS),
                    extensions={"sni_hostname": host},
                )
        except httpx.TransportError as error:
            raise Broken(_gap(error, self._parts)) from error
        return Answer(response.status_code, response.text)


def connect(parts: SplitResult) -> None:
    """Resolve the host of a URL, and connect to its port.

    Raises:
        Broken: one of both fails.
    """
    host, port = parts.hostname or "", _port(parts)
    try:
        socket.create_connection((_reach(host), port), _CONNECT_SECONDS).close()
    except OSError as error:
        raise Broken(_gap(error, parts)) from error


def resolve(parts: SplitResult) -> None:
    """Look the host of a URL up.

    Raises:
        Broken: it has no address.
    """
    try:
        socket.getaddrinfo(_reach(parts.hostname or ""), None)
    except OSError as error:
        raise Broken(_gap(error, parts)) from error


def certificate_seconds(parts: SplitResult) -> float:
    """Return how long the certificate of an https URL's host is good for.

    Raises:
        Broken: a link is missing; says which.
    """
    host = parts.hostname or ""
    address = (_reach(host), _port(parts))
    try:
        with (
            socket.create_connection(address, _CONNECT_SECONDS) as connection,
            _trust("").wrap_socket(connection, server_hostname=host) as secured,
        ):
            certificate = secured.getpeercert() or {}
    except OSError as error:
        raise Broken(_gap(error, parts)) from error
    return ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()


def _gap(error: BaseException, parts: SplitResult) -> Gap:
    """Return which link an error of a connection means."""
    host, port = parts.hostname or "", _port(parts)
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Gap(
            Link.DNS,
            sentence("`%(host)s` does not resolve", host=host),
            sentence("Let a DNS record, or a wildcard, of `%(host)s` name the machine", host=host),
        )
    refused = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if refused is not None or (parts.scheme == "https" and isinstance(error, httpx.ConnectTimeout)):
        why = getattr(refused, "verify_message", "") or getattr(refused, "reason", "") or type(error).__name__
        return Gap(
            Link.CERTIFICATE,
            sentence("`%(host)s`: %(reason)s", host=host, reason=why),
            sentence("Let whatever has the certificates there get one for it, and this machine trust its authority"),
        )
    reason = type(causes[-1]).__name__
    if isinstance(error, OSError | httpx.ConnectError | httpx.ConnectTimeout):
        return Gap(
            Link.PORT,
            sentence("`%(host)s:%(port)s` does not answer (%(reason)s)", host=host, port=port, reason=reason),
            sentence("Open that port on the way there, or start the proxy in front of it"),
        )
    return Gap(Link.SERVICE, no_answer(parts.geturl(), reason), in_front())


def no_answer(url: str, reason: str) -> Sentence:
    """Return that nothing is answered at an address."""
    return sentence("%(url)s does not answer: %(reason)s", url=url, reason=verbatim(reason))


def in_front() -> Sentence:
    """Return what to do where only the way to a service changes its answer."""
    return sentence("Let the proxy in front pass everything on, with the name of the host, to the platform's own port")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reach(host: str) -> str:
    return "127.0.0.1" if is_below_localhost(host) else host


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


@cache
def _trust(root: str) -> ssl.SSLContext:
    # To make one takes longer than a request, which would make one of its own.
    context = httpx.create_ssl_context()
    if root:
        context.load_verify_locations(cadata=root)
    return context
