"""What stands in for a part of the bot that an evaluation leaves out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.buildlog import EXCERPT_LIMIT, read_failure
from bot.generate.files import Preflight
from bot.guard.packages import with_note
from bot.guard.source import Source
from bot.runs.world import World
from bot.values.failure import Failure
from bot.values.service import Spec


class NoPreflight(Preflight):
    """Leaves out every check that only saves builds; what protects people stays."""

    def executor(self, source: Source, before: Source | None, interface: str = "") -> list[str]:
        """Find nothing wrong."""
        return []

    def tests(self, source: Source, spec: Spec) -> list[str]:
        """Find nothing wrong."""
        return []

    def pinned(self, required: Sequence[str]) -> tuple[str, list[str]]:
        """Leave requirements that cannot be resolved as they are, unless a package must not be used."""
        pinned, faults = super().pinned(required)
        if faults and not self.refused(required):
            return with_note(required, "\n".join(required) + "\n"), []
        return pinned, faults

    def system_packages(self, names: Sequence[str]) -> list[str]:
        """Find nothing wrong."""
        return []

    def mended(self, source: Source, interface: str = "") -> Source:
        """Return the file as it is."""
        return source

    def lacking(self, source: Source, pinned: str) -> list[str]:
        """Return nothing."""
        return []

    def imports(self, source: Source, pinned: str) -> list[str]:
        """Find nothing wrong."""
        return []


def read_tail(lines: Iterable[str], step: str = "") -> Failure:
    """Return what the bot reads from a log, with the log's last 6,000 characters in place of the excerpt."""
    tail: deque[str] = deque()
    size = 0

    def kept() -> Iterator[str]:
        nonlocal size
        for line in lines:
            text = line.rstrip("\r\n")[-EXCERPT_LIMIT:]
            tail.append(text)
            size += len(text) + 1
            while size > 4 * EXCERPT_LIMIT and len(tail) > 1:
                size -= len(tail.popleft()) + 1
            yield line

    log = kept()
    failure = read_failure(log, step)
    for _ in log:
        pass
    return failure.model_copy(update={"excerpt": "\n".join(tail)[-EXCERPT_LIMIT:]})


_WITHOUT: Mapping[str, Callable[[World], World]] = {
    "preflight": lambda world: replace(world, preflight=NoPreflight),
    "excerpt": lambda world: replace(world, read_failure=read_tail),
}
PARTS = tuple(_WITHOUT)
"""The parts that can be left out."""


def without(world: World, parts: Iterable[str]) -> World:
    """Return what runs reach out to, without some of `PARTS`.

    Raises:
        KeyError: names what is no such part.
    """
    for part in parts:
        world = _WITHOUT[part](world)
    return world
