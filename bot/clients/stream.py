"""A stream of bytes as lines of text, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

_LONGEST = 65_536
"""Characters kept of each end of a line that is too long."""


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a stream of UTF-8, without line ends; of a line over 128 kB only the beginning and the end.

    Undecodable bytes become U+FFFD, a byte order mark is removed.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in lines:
            yield line.removesuffix("\r")
        if len(rest) > 2 * _LONGEST:
            rest = rest[:_LONGEST] + rest[-_LONGEST:]
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest.removesuffix("\r")
