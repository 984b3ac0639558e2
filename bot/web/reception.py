"""gunicorn's threads, behind a reception: a request is given to a thread when it has arrived whole.

gunicorn reads requests in the threads that answer them, so that as many slow senders as there are threads keep
everybody else out for as long as they like. Here the loop that accepts connections also reads them, each with a
deadline and a least rate, and the threads touch no network but to send an answer. See docs/decisions/0009-reception.md.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from bot.web.arrival import Arrival
from bot.web.live import PATH as LIVE
from bot.web.live import leaving

MOST = 400
"""Requests that may be arriving at a time. The one that has taken longest makes room for a new one."""
_MOST_BYTES = 256 * 1024 * 1024
"""What all requests may hold together that are arriving, or are here and wait for their answer."""
ANSWER_SECONDS = 30.0
"""How long an answer may take, with what the client takes to read it."""
_LEAVE_SECONDS = 2.0
_HEALTH = (b"/healthz", b"/readyz")
_HEALTH_THREADS = 2
STREAMS = 32
"""How many pages may listen for what is new; who comes after them is refused."""
_READ_BYTES = 64 * 1024
_SEND_BYTES = 256 * 1024
"""An answer up to this size waits in the kernel for a slow reader, not in a thread."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


AtOnce = Callable[[Arrival], bytes | None]
"""Returns the whole answer to a request that takes no more than a look, or None: a thread shall have it."""


def _answered() -> Future[bool]:
    answered: Future[bool] = Future()
    answered.set_result(True)
    return answered


_ANSWERED = _answered()
"""What a thread returns that has answered a request and keeps the connection."""


class Received:
    """What gunicorn reads a request from, in the place of a socket: bytes that are here already, then nothing more."""

    def __init__(self, data: bytearray) -> None:
        self._rest = memoryview(data)

    def recv(self, size: int) -> bytes:
        data, self._rest = self._rest[:size], self._rest[size:]
        return bytes(data)

    def rest(self) -> bytes:
        """Return what nobody has read."""
        return bytes(self._rest)


@dataclass(frozen=True)
class _Answering:
    """A request that a thread has, or will have.

    Attributes:
        began: since when.
        whole: it is here to its last byte.
        streams: its answer is one of the streams.
    """

    began: float
    whole: bool
    size: int
    streams: bool


class Reception(ThreadWorker):
    """A worker process of gunicorn. Overrides how `ThreadWorker` begins and ends with a connection.

    What its `Server` answers at once, such as the many deliveries that do not concern the bot, is given to no thread:
    that takes longer than all else that is done about it.

    Those methods are not public, so that pyproject.toml names gunicorn's major version. All of them are called in the
    thread of the loop, and nothing here waits.
    """

    app: Any
    """The `Server`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._arriving: dict[TConn, Arrival] = {}
        self._answering: dict[TConn, _Answering] = {}
        self._leaving: dict[TConn, float] = {}
        self._health = ThreadPoolExecutor(_HEALTH_THREADS)
        self._streams = ThreadPoolExecutor(STREAMS)
        self._notified = 0.0

    def notify(self) -> None:
        """Give a sign of life, once a second: gunicorn does at each turn of its loop, which costs as much as a tenth of
        a delivery."""
        now = time.monotonic()
        if now - self._notified >= 1:
            self._notified = now
            super().notify()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Answer what has begun, and have the streams end."""
        super().handle_exit(sig, frame)
        leaving.set()

    def enqueue_req(self, conn: TConn) -> None:
        """Begin to read a request on a new connection, or the next one on a connection that is kept."""
        arrival = self._arriving[conn] = Arrival(time.monotonic())
        conn.sock.setblocking(False)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        # What came behind the request before it.
        read_ahead = _unreader(conn).take_buffered() if conn.parser else b""
        if read_ahead:
            self._take(conn, arrival, read_ahead)
        else:
            self._read(conn, conn.sock)
        # Most requests are here at once, and need no turn of the loop.
        if conn in self._arriving:
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))
        if len(self._arriving) > MOST:
            self._drop(next(iter(self._arriving)))

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """Keep a connection whose request was answered, or take leave of it."""
        answered = self._answering.pop(conn)
        if not answered.whole or fs.cancelled() or fs.exception() is not None or not fs.result():
            self._leave(conn)
            return
        unreader = _unreader(conn)
        unreader.unread(unreader.take_buffered() + unreader.sock.rest())
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Drop what takes too long; gunicorn's loop calls this once a second."""
        now = time.monotonic()
        slow = [conn for conn, arrival in self._arriving.items() if arrival.is_overdue(now)]
        if not self.alive:
            slow += [conn for conn, arrival in self._arriving.items() if not arrival.received and conn not in slow]
        for conn in slow:
            self._drop(conn)
        for conn, answering in self._answering.items():
            if now - answering.began > ANSWER_SECONDS:
                # Its thread is sending, and hears of it there.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)
        for conn in [conn for conn, until in self._leaving.items() if now > until]:
            self._forget(conn)
        if slow:
            self.log.info("%s connections were closed, because their requests took too long to arrive", len(slow))

    def _read(self, conn: TConn, _socket: object) -> None:
        if conn not in self._arriving:
            # It was dropped after the loop had heard of its bytes.
            return
        try:
            data = conn.sock.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._forget(conn)
            return
        arrival = self._arriving[conn]
        if data or arrival.received:
            self._take(conn, arrival, data)
        else:
            self._forget(conn)

    def _take(self, conn: TConn, arrival: Arrival, data: bytes) -> None:
        arrival.take(data, time.monotonic())
        if arrival.ready:
            self._answer(conn, arrival)
            return
        if arrival.may_continue:
            with suppress(OSError):
                conn.sock.send(_CONTINUE)
        held = sum(len(one.received) for one in self._arriving.values())
        if held + sum(one.size for one in self._answering.values()) > _MOST_BYTES:
            self._drop(next(iter(self._arriving)))

    def _answer(self, conn: TConn, arrival: Arrival) -> None:
        """Have a thread answer a request that is here."""
        del self._arriving[conn]
        with suppress(KeyError):
            self.poller.unregister(conn.sock)
        # gunicorn says goodbye where it ends, or where too many connections are kept.
        keeps = self.alive and len(self.keepalived_conns) < self.max_keepalived
        if keeps and (answer := self.app.at_once(arrival)) is not None:
            self._send(conn, answer, arrival.keeps)
            return
        streams = arrival.path == LIVE.encode()
        if streams and sum(one.streams for one in self._answering.values()) >= STREAMS:
            with suppress(OSError):
                conn.sock.send(_TOO_MANY)
            self._leave(conn)
            return
        conn.init()
        conn.data_ready = True
        _unreader(conn).sock = Received(arrival.received)
        self._answering[conn] = _Answering(time.monotonic(), arrival.whole, len(arrival.received), streams)
        threads = self._health if arrival.path in _HEALTH else self._streams if streams else self.tpool
        answered = threads.submit(self.handle, conn)
        answered.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def _send(self, conn: TConn, answer: bytes, keeps: bool) -> None:
        """Send an answer, and do what gunicorn does after one."""
        try:
            sent = conn.sock.send(answer)
        except OSError:
            sent = 0
        if sent < len(answer):
            # The client has not read the answers before it.
            self._forget(conn)
        elif keeps:
            conn.init()
            super().finish_request(conn, _ANSWERED)
        else:
            self._leave(conn)

    def _drop(self, conn: TConn) -> None:
        if self._arriving[conn].received:
            with suppress(OSError):
                conn.sock.send(_TOO_SLOW)
        self._forget(conn)

    def _leave(self, conn: TConn) -> None:
        """Send no more, and close the connection when the client does, or soon after.

        A connection that is closed with unread bytes may lose the end of the answer (RFC 9112, section 9.6). gunicorn
        waits for the client right in its loop.
        """
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._discard, conn))
        except (OSError, ValueError):
            self._forget(conn)
            return
        self._leaving[conn] = time.monotonic() + _LEAVE_SECONDS

    def _discard(self, conn: TConn, _socket: object) -> None:
        if conn not in self._leaving:
            return
        with suppress(BlockingIOError):
            try:
                if conn.sock.recv(_READ_BYTES):
                    return
            except ConnectionError:
                pass
            self._forget(conn)

    def _forget(self, conn: TConn) -> None:
        self._arriving.pop(conn, None)
        self._leaving.pop(conn, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


def _unreader(conn: TConn) -> Any:
    """Return what gunicorn's parser reads a connection with."""
    parser: Any = conn.parser
    return parser.unreader
