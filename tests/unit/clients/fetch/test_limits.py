"""How much may come, and how long it may take."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from bot.clients.fetch import fetch
from bot.clients.fetch.content import LIMIT
from bot.clients.fetch.network import IDLE_SECONDS
from tests.fakes.internet import Internet, Site
from tests.unit.clients.fetch.refusals import postponement, refusal


def test_announced_size_is_believed_before_anything_is_read(site: Site, internet: Internet) -> None:
    read = threading.Event()

    def body() -> Iterator[bytes]:
        read.wait(5)
        yield b""

    site.answers["/"] = (200, {"Content-Length": str(LIMIT + 1)}, body())

    assert "larger than 10 MB" in refusal("http://files.example.com/", internet)
    read.set()


def test_content_of_exactly_the_limit_is_taken_and_a_byte_more_is_not(site: Site, internet: Internet) -> None:
    site.answers["/fits"] = (200, {}, b"x" * 1_000)
    site.answers["/more"] = (200, {}, iter([b"x" * 500, b"x" * 501]))

    assert len(fetch("http://files.example.com/fits", network=internet.network(), limit=1_000).content) == 1_000
    assert "larger than 0.001 MB" in refusal("http://files.example.com/more", internet, limit=1_000)


def test_endless_content_is_cut_off(site: Site, internet: Internet) -> None:
    site.answers["/"] = (200, {}, iter(lambda: b"x" * 100_000, b""))

    assert "larger than 10 MB" in refusal("http://files.example.com/", internet)


def test_packed_content_is_unpacked(site: Site, internet: Internet) -> None:
    content = bytes(range(256)) * 1_000
    packed = gzip.compress(content) + gzip.compress(b"and more")
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, iter([packed[:100], packed[100:]]))

    assert fetch("http://files.example.com/", network=internet.network()).content == content + b"and more"


def test_a_bomb_is_stopped_before_it_fills_the_memory(site: Site, internet: Internet) -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    assert len(bomb) < LIMIT
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, bomb)
    tracemalloc.start()

    reason = refusal("http://files.example.com/", internet)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 10 MB" in reason
    assert peak < 3 * LIMIT


def test_many_empty_packed_files_count_too(site: Site, internet: Internet) -> None:
    nothing = gzip.compress(b"")
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, iter(lambda: nothing * 100, b""))

    assert "larger than 0.1 MB" in refusal("http://files.example.com/", internet, limit=100_000)


@pytest.mark.parametrize(
    ("packing", "body", "why"), [("gzip", b"not packed", "packed wrongly"), ("br", b"x", "not asked for")]
)
def test_content_that_cannot_be_unpacked(site: Site, internet: Internet, packing: str, body: bytes, why: str) -> None:
    site.answers["/"] = (200, {"Content-Encoding": packing}, body)

    assert why in refusal("http://files.example.com/", internet)


def test_packed_content_that_ends_too_early_is_tried_again(site: Site, internet: Internet) -> None:
    site.answers["/"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(range(256)))[:-20])

    assert "too early" in str(postponement("http://files.example.com/", internet))


@pytest.mark.parametrize("slow", ["headers", "content"])
def test_a_byte_now_and_then_does_not_keep_it_waiting(site: Site, internet: Internet, slow: str) -> None:
    over = threading.Event()

    def drip() -> Iterator[bytes]:
        while not over.wait(0.05):
            yield b"x"

    if slow == "content":
        site.answers["/"] = (200, {}, drip())
    else:
        # One endless header: the handler's own headers come first, as the beginning of a value.
        site.answers["/"] = (200, {"X": "\r\nY: "}, drip())
    begun = time.monotonic()

    error = postponement("http://files.example.com/", internet, seconds=0.5)

    over.set()
    # Less than any wait that it does not ask for.
    assert time.monotonic() - begun < IDLE_SECONDS - 2
    assert "too long" in str(error) or "Timeout" in str(error)
