"""Python's tracebacks in a build's output: the exceptions of a chain, the first of which is the cause, and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

OWN = ("executor.py", "test_executor.py", "server.py")
_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)(?:, in (.+))?')
_SHORT = re.compile(r"^(\S[^:\n]*\.py):(\d+): (?:in (\S+)|(\w[\w.]*)|$)")
_NAME = re.compile(r"^([A-Za-z_][\w.]*)(?::\s(.*)|:?)$", re.DOTALL)
_UNRAISED = re.compile(r"^(?:INFO|ERROR|WARNING|DEBUG|CRITICAL|FATAL|error|warning|note|hint|usage|E|W|Exit|Error)$")
_LIBRARY = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|lib/python[\d.]+|usr/(?:local/)?(?:lib|bin)|opt/[^/]*venv)/|^<|\.venv/"
)
_TREE = re.compile(r"^ *[|+](?: +\|)*")


@dataclass
class Raised:
    """One exception of a chain.

    Attributes:
        text: e.g. "ValueError: bad", the name without its package.
        frames: file and line, the outermost first.
        first, last: numbers of the lines it was read from.
    """

    text: str = ""
    frames: list[tuple[str, int]] = field(default_factory=list)
    first: int = 0
    last: int = 0


Chain = list[Raised]


def chains(lines: Sequence[tuple[int, str]]) -> list[Chain]:
    """Return the chains of exceptions in some numbered lines, in order; exceptions in a chain as they were raised."""
    found: list[Chain] = []
    current: Raised | None = None
    joined = False
    indent = 0
    for number, raw in lines:
        line = raw.replace("INTERNALERROR> ", "", 1) if raw.startswith("INTERNALERROR") else raw
        if "|" in line[:16] or line.lstrip().startswith("+ "):
            # Groups of exceptions are drawn as a tree.
            line = _TREE.sub(lambda tree: " " * len(tree[0]), line)
        text = line.strip()
        if text.endswith("Traceback (most recent call last):"):
            current = Raised(first=number)
            # A server's log has its level before the first line only.
            indent = len(line) - len(line.lstrip()) if text.startswith(("Traceback", "Exception Group")) else 0
            if not (joined and found):
                found.append([])
            joined = False
            found[-1].append(current)
        elif current is not None and not current.text:
            if frame := _FRAME.match(line):
                current.frames.append((frame[1], int(frame[2])))
            elif text and len(line) - len(line.lstrip()) <= indent:
                current.text, current.last = short_name(text) or text[:300], number
        elif text.startswith(("During handling of the above", "The above exception was the direct cause")):
            joined = True
    return [chain for chain in ([one for one in chain if one.text] for chain in found) if chain]


def syntax_errors(lines: Sequence[tuple[int, str]]) -> Raised | None:
    """Return a syntax error that Python told without a traceback, as it does for the file it was to run."""
    place: tuple[str, int] | None = None
    start = 0
    for number, line in lines:
        if frame := _FRAME.match(line):
            place, start = (frame[1], int(frame[2])), number
        elif place and re.match(r"^(?:\*\*\* )?(?:Sorry: )?(?:SyntaxError|IndentationError|TabError): ", line):
            return Raised(text=line.replace("*** ", ""), frames=[place], first=start, last=number)
    return None


def short_name(text: str) -> str:
    """Return "Name: message" of what looks like an exception's line, without its package, else ""."""
    match = _NAME.match(text.split("\n")[0])
    if match is None or _UNRAISED.match(match[1]):
        return ""
    name = match[1].rpartition(".")[2]
    if not name[:1].isupper() and "." not in match[1] and not name.endswith(("error", "timeout", "Error")):
        return ""
    return name + text[len(match[1]) :]


def own_place(frames: Sequence[tuple[str, int]]) -> tuple[str, int | None]:
    """Return file and line of the innermost frame in the service's own files, or ("", None)."""
    for path, line in reversed(frames):
        if is_own(path):
            return own_name(path), line
    return "", None


def is_own(path: str) -> bool:
    return not _LIBRARY.search(path)


def own_name(path: str) -> str:
    """Return a file's path from the service's folder on."""
    name = path.rpartition("/")[2]
    if name in OWN or not path.startswith("/"):
        return name if name in OWN else path.removeprefix("./")
    parts = path.strip("/").split("/")
    return "/".join(parts[1:]) or name


def frame_of(line: str) -> tuple[str, int] | None:
    """Return file and line of a frame as Python or pytest (short, long) writes it."""
    if (match := _FRAME.match(line)) or (match := _SHORT.match(line)):
        return match[1], int(match[2])
    return None


def headline_of(chain: Chain) -> str:
    """Return a chain in one line: its first exception, which is the cause, and what became of it."""
    first, last = chain[0].text.split("\n")[0], chain[-1].text.split("\n")[0]
    if len(chain) == 1 or first == last:
        return first
    return f"{first} (then {last})"
