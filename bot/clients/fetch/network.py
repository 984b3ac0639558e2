"""Connections to the public internet and to nothing else: every address is checked before it is connected to.

Whoever writes an issue may name any URL. It must not lead to the machine the bot runs on, to its neighbours or to the
cloud's metadata service (https://cwe.mitre.org/data/definitions/918.html). A name is resolved once, all of its
addresses are checked, and the connection goes to one of these. A later answer of the name server changes nothing.
The timeouts that httpcore passes are ignored, because the deadline is stricter.
"""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import httpcore

from bot.clients.fetch.addresses import Address, is_public
from bot.errors import TransientError, UserError

Resolve = Callable[[str], Sequence[str]]
"""Returns the addresses of a host name; raises OSError (socket.gaierror)."""

IDLE_SECONDS = 10.0
"""How long the other side may take to accept a connection, or to send the next bytes."""
_MOST_ADDRESSES = 4
"""How many addresses of one host are tried, one after another."""

# The last label begins with a letter. A host that ends in a number is an address, which has many spellings (decimal,
# octal, hexadecimal, short); only the plain ones are accepted (https://url.spec.whatwg.org/#ends-in-a-number-checker).
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_NAME = 253
# https://www.iana.org/assignments/special-use-domain-names; .internal: https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")

_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def check_host(host: str) -> None:
    """Refuse what cannot be a host on the public internet, before a name server is asked.

    Raises:
        UserError: its text continues "I cannot fetch ...: ".
    """
    address = _literal(host)
    private = host == "localhost" or host.endswith(_PRIVATE_NAMES) or (address is not None and not is_public(address))
    if private:
        raise UserError(_PRIVATE)
    if address is None and not (len(host) <= _LONGEST_NAME and _NAME.fullmatch(host)):
        raise UserError("its host is neither a full domain name nor a plainly written address")


def ask_system(host: str) -> tuple[str, ...]:
    """Return the addresses this machine's resolver knows of a host, without repetitions."""
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))


@dataclass(frozen=True)
class Network:
    """How the internet is reached.

    Attributes:
        resolve: asked once for every connection.
        backend: connects to an address that was checked; it never gets a name.
        tls: what certificates are checked against; None: what the machine trusts.
    """

    resolve: Resolve = ask_system
    backend: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)
    tls: ssl.SSLContext | None = None


class Deadline:
    """The moment by which everything has to be done, redirects too."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds the next wait may take.

        Raises:
            TransientError: the time is over.
        """
        left = self._at - time.monotonic()
        if left <= 0:
            raise TransientError("it takes too long")
        return min(left, IDLE_SECONDS)


class PublicOnly(httpcore.NetworkBackend):
    """Connects to public addresses only, and keeps the deadline. Every new connection is checked again."""

    def __init__(self, network: Network, deadline: Deadline) -> None:
        self._network = network
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that takes the connection.

        Raises:
            UserError: there is no such host, or one of its addresses is not public.
            TransientError: the name server does not answer, or the time is over.
            httpcore.ConnectError: nobody takes the connection.
        """
        check_host(host)
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._addresses(host)[:_MOST_ADDRESSES]:
            try:
                stream = self._network.backend.connect_tcp(
                    str(address), port, self._deadline.left(), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Timed(stream, self._deadline)
        raise failed or httpcore.ConnectError("the name has no address")

    def _addresses(self, host: str) -> list[Address]:
        literal = _literal(host)
        addresses = [literal] if literal is not None else [ip_address(text) for text in self._resolve(host)]
        # Every one must be public: a name that has a private address among public ones is probably an attack.
        if not all(is_public(address) for address in addresses):
            raise UserError(_PRIVATE)
        return addresses

    def _resolve(self, host: str) -> Sequence[str]:
        """Ask the resolver in a thread of its own, because it takes no time limit."""
        answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._network.resolve(host))
            except OSError as error:
                answers.put(error)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.left())
        except queue.Empty:
            raise TransientError("the name server does not answer") from None
        if isinstance(answer, OSError):
            if answer.errno in _NO_SUCH_HOST:
                raise UserError("there is no host of that name") from answer
            raise TransientError("the name server does not answer") from answer
        return answer


class _Timed(httpcore.NetworkStream):
    """A stream whose waits end with the deadline, so that a server cannot keep it open with a byte now and then."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        try:
            left = self._deadline.left()
            return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)
        except BaseException as error:
            self._stream.close()
            # Looked at here, because httpcore drops the cause later.
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise UserError("its certificate is not valid") from error
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


_PRIVATE = "its host is not on the public internet"


def _literal(host: str) -> Address | None:
    """Return the address that a host is written as, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
