"""An internet of one server on loopback that answers at every public address."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore

from bot.clients.fetch.network import Network

PUBLIC = "93.184.215.14"
OTHER = "2606:4700::1111"
Answer = tuple[int, dict[str, str], bytes | Iterator[bytes]]


class Site:
    """A server whose answers a test decides, by path; `asked` keeps the headers of every request."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.site = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        status, headers, body = site.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            for chunk in [body] if isinstance(body, bytes) else body:
                self.wfile.write(chunk)
                self.wfile.flush()
        except OSError:
            pass  # the other side has had enough, as some tests mean it to

    def log_message(self, format: str, *args: object) -> None:
        pass


class Internet(httpcore.NetworkBackend):
    """Leads every public address to a server on loopback; `names` is what the name server says, in turn.

    Attributes:
        reached: the addresses and ports that were connected to.
        deaf: addresses at which nobody listens.
    """

    def __init__(self, ports: dict[int, int]) -> None:
        self.ports = ports
        self.names: dict[str, list[list[str]]] = {}
        self.resolved: list[str] = []
        self.reached: list[tuple[str, int]] = []
        self.deaf: set[str] = set()

    def resolve(self, host: str) -> list[str]:
        self.resolved.append(host)
        answers = self.names.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.reached.append((host, port))
        if host in self.deaf:
            raise httpcore.ConnectError("nobody listens")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.ports[port], timeout)

    def network(self, tls: ssl.SSLContext | None = None) -> Network:
        return Network(self.resolve, self, tls)
