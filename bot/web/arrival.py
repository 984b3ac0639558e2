"""A request that is arriving: when it has arrived whole, and when it takes too long."""

from __future__ import annotations

import h11

HEAD_SECONDS = 5.0
"""How long the head of a request may take, from the connection or the request before it."""
BODY_SECONDS = 30.0
"""How long its body may take. GitHub itself ends a delivery after 10 s:
https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#respond-within-10-seconds
"""
GRACE_SECONDS = 3.0
LEAST_RATE = 8 * 1024
"""Bytes of a body that have to come in each second, on average, once it has taken longer than `GRACE_SECONDS`."""
LIMIT = 25 * 1024 * 1024
"""Bytes of a body. GitHub sends no larger payload (https://docs.github.com/en/webhooks/webhook-events-and-payloads)."""
_LARGEST_HEAD = 64 * 1024


class Arrival:
    """The bytes of one request, and what they are so far.

    h11 only tells where the request ends; what is wrong with it is for the server to say, which is given the bytes.

    Args:
        now: seconds on a clock that only goes forward, as everywhere here.

    Attributes:
        received: all bytes so far, those of a next request that a client may send behind it included.
        path: of the request, as soon as it is known.
        ready: nothing more has to arrive before it is answered.
        whole: it has arrived to its last byte; where it is ready but not whole, its connection cannot be used again.
        may_continue: the client waits for a "100 Continue" before it sends the body.
    """

    def __init__(self, now: float) -> None:
        self.received = bytearray()
        self.path = b""
        self.ready = False
        self.whole = False
        self.may_continue = False
        self._began = now
        self._head_at: float | None = None
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)

    def take(self, data: bytes, now: float) -> None:
        """Take what has arrived; no bytes mean that the client sends no more."""
        self.received += data
        try:
            self._http.receive_data(data)
            while (event := self._http.next_event()) not in (h11.NEED_DATA, h11.PAUSED) and not self.ready:
                self._see(event, now)
        except h11.RemoteProtocolError:
            self.ready = True
        if len(self.received) > LIMIT + _LARGEST_HEAD:
            self.ready = True
        self.may_continue = not self.ready and self._http.they_are_waiting_for_100_continue

    def is_overdue(self, now: float) -> bool:
        """Return whether it has had all the time that a request is given."""
        if self._head_at is None:
            return now - self._began > HEAD_SECONDS
        seconds = now - self._head_at
        too_slow = seconds > GRACE_SECONDS and len(self.received) < LEAST_RATE * (seconds - GRACE_SECONDS)
        return too_slow or seconds > BODY_SECONDS

    def _see(self, event: object, now: float) -> None:
        if isinstance(event, h11.Request):
            self._head_at = now
            self.path = event.target.partition(b"?")[0]
            announced = dict(event.headers).get(b"content-length", b"0")
            # It is refused for its length, and nobody has to read it for that.
            self.ready = int(announced) > LIMIT
        elif isinstance(event, h11.EndOfMessage):
            self.ready = self.whole = True
        elif isinstance(event, h11.ConnectionClosed):
            self.ready = True
