"""A stream of bytes becomes the same lines, however it is cut into chunks."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from bot.clients.stream import lines_of

TEXT = "\ufefffirst\r\nsecond ü\ufffd\n\nlast"


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_lines_do_not_depend_on_the_chunks(size: int) -> None:
    stream = TEXT.encode().replace("\ufffd".encode(), b"\xff")
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert list(lines_of(chunks)) == ["first", "second ü\ufffd", "", "last"]


def test_an_empty_stream_has_no_lines() -> None:
    assert list(lines_of([])) == []
    assert list(lines_of([b"\n"])) == [""]


def test_of_an_endless_line_both_ends_are_kept() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"begin "
        yield from (b"x" * 65_536 for _ in range(300))
        yield b" end\nnext"

    tracemalloc.start()
    line, after = lines_of(chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (line[:7], line[-5:], after) == ("begin x", "x end", "next")
    assert len(line) < 300_000
    assert peak < 3_000_000
