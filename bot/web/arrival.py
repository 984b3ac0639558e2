"""A request that is arriving: when it has arrived whole, and when it takes too long."""

from __future__ import annotations

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

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
_END_OF_HEAD = b"\r\n\r\n"


class _Seen:
    """What the parser has seen of a request. It does not know the parser, so that both are gone with the last who does.

    Attributes:
        target: path and query.
        headers: by their names in lower case.
        length: in bytes, of the body, as far as it is announced.
        expects: the client waits for a "100 Continue".
        head: the head is here; whole: all is here.
    """

    def __init__(self) -> None:
        self.target = b""
        self.headers: dict[bytes, bytes] = {}
        self.length = 0
        self.expects = False
        self.head = False
        self.whole = False

    def on_url(self, part: bytes) -> None:
        # A next request may have come behind this one.
        if not self.head:
            self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self.headers[name] = value
        match name:
            case b"content-length":
                self.length = int(value)
            case b"expect":
                self.expects = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        self.head = True

    def on_body(self, _part: bytes) -> None:
        self.expects = False

    def on_message_complete(self) -> None:
        self.whole = True


class Arrival:
    """The bytes of one request, and what they are so far.

    httptools only tells where the request ends; what is wrong with it is for the server to say, which is given the
    bytes.

    Args:
        now: seconds on a clock that only goes forward, as everywhere here.

    Attributes:
        received: all bytes so far, those of a next request that a client may send behind it included.
        ready: nothing more has to arrive before it is answered.
    """

    def __init__(self, now: float) -> None:
        self.received = bytearray()
        self.ready = False
        self._began = now
        self._head_at: float | None = None
        self._seen = _Seen()
        self._parser = HttpRequestParser(self._seen)

    @property
    def path(self) -> bytes:
        """Of the request, as soon as it is known."""
        return self._seen.target.partition(b"?")[0]

    @property
    def whole(self) -> bool:
        """It has arrived to its last byte; where it is ready but not whole, its connection cannot be used again."""
        return self._seen.whole

    @property
    def keeps(self) -> bool:
        """The client may send a next request on the same connection, by HTTP/1.1."""
        return b"close" not in self._seen.headers.get(b"connection", b"").lower()

    def posted(self, most: int) -> tuple[dict[bytes, bytes], bytes] | None:
        """Return the headers, by their names in lower case, and the body of a whole POST by HTTP/1.1 whose body has
        announced its length, of no more bytes than `most`, and that nothing has come behind; otherwise None."""
        seen, parser = self._seen, self._parser
        if not seen.whole or not 0 < seen.length <= most:
            return None
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1":
            return None
        head = self.received.find(_END_OF_HEAD) + len(_END_OF_HEAD)
        if len(self.received) != head + seen.length:
            return None
        return seen.headers, bytes(self.received[head:])

    @property
    def may_continue(self) -> bool:
        """The client waits for a "100 Continue" before it sends the body."""
        return self._seen.head and self._seen.expects and not self.ready

    def take(self, data: bytes, now: float) -> None:
        """Take what has arrived; no bytes mean that the client sends no more."""
        self.received += data
        seen = self._seen
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.ready = True
        if seen.head and self._head_at is None:
            self._head_at = now
        # What is too large is refused for its length, and nobody has to read it for that.
        too_large = seen.length > LIMIT or len(self.received) > _LARGEST_HEAD + (LIMIT if seen.head else 0)
        self.ready = self.ready or seen.whole or too_large or not data

    def is_overdue(self, now: float) -> bool:
        """Return whether it has had all the time that a request is given."""
        if self._head_at is None:
            return now - self._began > HEAD_SECONDS
        seconds = now - self._head_at
        too_slow = seconds > GRACE_SECONDS and len(self.received) < LEAST_RATE * (seconds - GRACE_SECONDS)
        return too_slow or seconds > BODY_SECONDS
