"""What code under test prints, quoted: each line gets a mark, so that it passes for no line of the build's own."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import IO

ANNOUNCEMENT = 'What code prints begins with "| " from here on.'
PASSED_ON = 1_000_000
"""Characters that are printed as they come. Builders cut off what comes after about twice as many."""
LAST_LINES = 2_000
"""How many lines of the rest are printed, at the end."""
LONGEST = 20_000
"""Characters of a line that are printed at most."""


def quote(text: str) -> Iterator[str]:
    """Yield the lines of a text with the mark, in whatever way they are ended; tabs and returns do nothing."""
    for line in text.expandtabs(4).splitlines():
        yield f"| {line[:LONGEST]}"


class Quoted:
    """Prints what comes in, quoted, until that ends.

    Args:
        source: what a process prints.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()

    def _pass_on(self) -> None:
        room = PASSED_ON
        rest: deque[str] = deque(maxlen=LAST_LINES)
        left_out = 0
        while line := self._source.readline(4 * LONGEST):
            for text in quote(line.decode("utf-8", "replace")):
                if room > 0:
                    print(text, flush=True)
                    room -= len(text) + 1
                else:
                    left_out += len(rest) == LAST_LINES
                    rest.append(text)
        if left_out:
            print(f"{left_out} lines are left out.")
        print(*rest, sep="\n", end="\n" if rest else "", flush=True)

    def end(self) -> None:
        """Wait until all is printed. A process that has left the tests' session does not keep the build waiting."""
        self._thread.join(2)
