"""What a look at one part of the set-up has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.deploy import Gap


class State(StrEnum):
    """How a part is."""

    GREEN = "green"
    RED = "red"
    UNKNOWN = "unknown"
    """It cannot be seen from here, or not yet."""


@dataclass(frozen=True)
class Finding:
    """What was seen of one part.

    Attributes:
        remedy: the one thing to do where it is red; how to look where it is unknown. "" where nothing is to be done.
        link: a page where that is done, or "".
        lines: what does it in a shell, to be pasted.
        links: pages where parts of it are done, each after what it is for.
    """

    state: State
    seen: str
    remedy: str = ""
    link: str = ""
    lines: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def green(seen: str) -> Finding:
    """It is as it has to be."""
    return Finding(State.GREEN, seen)


def red(
    seen: str, remedy: str, link: str = "", *, lines: tuple[str, ...] = (), links: tuple[tuple[str, str], ...] = ()
) -> Finding:
    """It is not, and this is to be done."""
    return Finding(State.RED, seen, remedy, link, lines, links)


def missing(gap: Gap) -> Finding:
    """A link on the way there is missing."""
    return red(str(gap.seen), str(gap.remedy))


def unknown(seen: str, how: str, link: str = "", *, lines: tuple[str, ...] = ()) -> Finding:
    """It cannot be seen from here; this is how to look."""
    return Finding(State.UNKNOWN, seen, how, link, lines)
