"""When a request has arrived, in whatever pieces it comes."""

from __future__ import annotations

import gc
import weakref

import pytest

from bot.web.arrival import BODY_SECONDS, GRACE_SECONDS, HEAD_SECONDS, LEAST_RATE, LIMIT, Arrival

HEAD = b"POST /webhook?x=1 HTTP/1.1\r\nHost: bot\r\n"
LENGTH = HEAD + b"Content-Length: 5\r\n\r\n{...}"
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n3;x=y\r\n...\r\n0\r\nEnd: 1\r\n\r\n"
NO_BODY = b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n"
UPGRADE = b"GET /healthz HTTP/1.1\r\nHost: bot\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


def arrived(*pieces: bytes, now: float = 0.0) -> Arrival:
    arrival = Arrival(0.0)
    for piece in pieces:
        assert not arrival.ready
        arrival.take(piece, now)
    return arrival


def in_bytes(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize("sent", [LENGTH, CHUNKS, NO_BODY, UPGRADE])
def test_it_is_ready_with_its_last_byte(sent: bytes) -> None:
    for arrival in (arrived(sent), arrived(*in_bytes(sent))):
        assert (arrival.ready, arrival.whole, bytes(arrival.received)) == (True, True, sent)
        assert arrival.path == sent.split(b" ")[1].removesuffix(b"?x=1")


def test_a_next_sentbehind_it_changes_nothing() -> None:
    arrival = arrived(NO_BODY + LENGTH[:-1])
    assert (arrival.ready, arrival.whole, arrival.path) == (True, True, b"/healthz")
    assert arrival.received == NO_BODY + LENGTH[:-1]


@pytest.mark.parametrize(
    "pieces",
    [
        [b"no HTTP\r\n\r\n"],
        [HEAD + b"Content-Length: -1\r\n\r\n"],
        [HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"z\r\n"],
        [LENGTH[:-1], b""],
        [HEAD, b"X: " + b"x" * 70_000],
        [HEAD + b"Content-Length: %d\r\n\r\n" % (LIMIT + 1)],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", b"x" * (LIMIT + 70_000)],
    ],
    ids=["no HTTP", "no length", "two lengths", "no chunk", "ends early", "long head", "long body", "long chunks"],
)
def test_what_is_refused_is_ready_and_not_whole(pieces: list[bytes]) -> None:
    arrival = arrived(*pieces)
    assert (arrival.ready, arrival.whole) == (True, False)


def test_a_body_is_read_where_its_length_was_announced_and_nothing_came_behind() -> None:
    sent = HEAD.replace(b"?x=1", b"") + b"X-GitHub-Event: ping\r\nCONTENT-LENGTH: 9\r\n\r\n{\r\n\r\n}   "
    for arrival in (arrived(sent), arrived(*in_bytes(sent)), arrived(b"\r\n" + sent)):
        posted = arrival.posted(9)
        assert posted == (
            {b"host": b"bot", b"x-github-event": b"ping", b"content-length": b"9"},
            b"{\r\n\r\n}   ",
        )
        assert arrival.keeps


@pytest.mark.parametrize(
    "sent",
    [
        LENGTH[:-1],
        LENGTH + b"P",
        CHUNKS,
        NO_BODY,
        LENGTH.replace(b"POST", b"PUT"),
        LENGTH.replace(b"1.1", b"1.0"),
        HEAD + b"Content-Length: 0\r\n\r\n",
        HEAD + b"Content-Length: 6\r\n\r\n{....}",
    ],
    ids=["not whole", "more behind", "chunks", "no body", "no POST", "HTTP/1.0", "empty", "too long"],
)
def test_other_bodies_are_not(sent: bytes) -> None:
    assert arrived(sent).posted(5) is None


@pytest.mark.parametrize(
    ("line", "keeps"),
    [
        (b"", True),
        (b"Connection: keep-alive\r\n", True),
        (b"Connection: Close\r\n", False),
        (b"Connection: close, X-Of-A-Proxy\r\n", False),
    ],
)
def test_a_connection_is_kept_as_the_client_says(line: bytes, keeps: bool) -> None:
    assert arrived(HEAD + line + b"Content-Length: 2\r\n\r\n{}").keeps == keeps


def test_who_waits_to_be_told_to_go_on_is_told_so_before_the_body() -> None:
    arrival = arrived(HEAD + b"Expect: 100-Continue\r\n")
    assert not arrival.may_continue
    arrival.take(b"Content-Length: 2\r\n\r\n", 0.0)
    assert arrival.may_continue
    arrival.take(b"{", 0.0)
    assert not arrival.may_continue
    assert not arrived(HEAD + b"Content-Length: 2\r\n\r\n").may_continue
    assert not arrived(LENGTH.replace(b"Host", b"Expect: 100-continue\r\nHost")).may_continue


def test_head_and_body_have_deadlines_of_their_own() -> None:
    head = arrived(HEAD, now=HEAD_SECONDS - 1)
    assert (head.is_overdue(HEAD_SECONDS), head.is_overdue(HEAD_SECONDS + 0.1)) == (False, True)
    slow = arrived(LENGTH[:-1], now=4.0)
    assert (slow.is_overdue(4.0 + GRACE_SECONDS), slow.is_overdue(4.5 + GRACE_SECONDS)) == (False, True)
    large = HEAD + b"Content-Length: %d\r\n\r\n" % LIMIT + b"x" * int(LEAST_RATE * BODY_SECONDS)
    fast = arrived(large, now=4.0)
    assert (fast.is_overdue(4.0 + BODY_SECONDS), fast.is_overdue(4.1 + BODY_SECONDS)) == (False, True)


def test_its_bytes_are_gone_with_it() -> None:
    gc.disable()
    try:
        arrival = arrived(LENGTH)
        gone = weakref.ref(arrival)
        del arrival
        assert gone() is None
    finally:
        gc.enable()
