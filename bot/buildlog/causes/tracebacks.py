"""Python's tracebacks in a build's output: chains of exceptions, the first of which is the cause, and where it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.buildlog.causes.message import LINES, goes_on, whole_message
from bot.buildlog.lines import NumberedLines

OWN_FILES = ("executor.py", "interface.py", "test_executor.py", "server.py")
_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)(?:, in (.+))?')
_SHORT = re.compile(r"^(\S[^:\n]*\.py):(\d+): (?:in (\S+)|(\w[\w.]*)|$)")
_NAME = re.compile(r"^([A-Za-z_][\w.]*)(?::\s(.*)|:?)$", re.DOTALL)
_UNRAISED = re.compile(r"^(?:INFO|ERROR|WARNING|DEBUG|CRITICAL|FATAL|error|warning|note|hint|usage|E|W|Exit|Error)$")
_LIBRARY = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|lib/python[\d.]+|usr/(?:local/)?(?:lib|bin)|opt/[^/]*venv)/|^<|\.venv/"
)
_CRASH = "Fatal Python error: "
_CRASH_FRAME = re.compile(r'^  File "([^"]+)", line (\d+) in ')
_CHECKED_OUT = re.compile(r"^/(?:home/runner/work/[^/]+/[^/]+|github/workspace|__w/[^/]+/[^/]+)/")
"""Where runners check repositories out."""
_TREE = re.compile(r"^ *[|+](?: +\|)*")


_NO_MESSAGE = ("Traceback ", "During handling of", "The above exception", "Exception in ", "##[", "ERROR", "INFO")

Frame = tuple[str, int]
"""File and line."""


@dataclass
class Raised:
    """One exception of a chain.

    Attributes:
        text: e.g. "ValueError: bad", the name without its package.
        frames: the outermost first.
        first, last: numbers of the lines it was read from.
    """

    text: str = ""
    frames: list[Frame] = field(default_factory=list)
    first: int = 0
    last: int = 0


Chain = list[Raised]
"""Exceptions, each raised while the one before it was handled, in the order in which they were raised."""


def read_chains(lines: NumberedLines) -> list[Chain]:
    """Return the chains of exceptions in some lines, in order."""
    chains: list[Chain] = []
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
            if not (joined and chains):
                chains.append([])
            joined = False
            chains[-1].append(current)
        elif current is not None and not current.text:
            if frame := _FRAME.match(line):
                current.frames.append((frame[1], int(frame[2])))
            elif text and len(line) - len(line.lstrip()) <= indent:
                current.text, current.last = short_name(text) or text[:300], number
        elif text.startswith(("During handling of the above", "The above exception was the direct cause")):
            joined = True
    complete = [[raised for raised in chain if raised.text] for chain in chains]
    for raised in (raised for chain in complete for raised in chain if goes_on(raised.text)):
        raised.text = whole_message(raised.text, _lines_after(raised.last, lines))
    return [chain for chain in complete if chain]


def _lines_after(number: int, lines: NumberedLines) -> list[str]:
    """Return the next lines that may belong to the message of an exception."""
    texts: list[str] = []
    for other, line in lines:
        if number < other <= number + LINES:
            if line.lstrip().startswith(_NO_MESSAGE):
                break
            texts.append(line)
    return texts


def last_chain(lines: NumberedLines) -> Chain:
    """Return the exceptions that ended a program, the last ones in its output; an empty chain where there are none."""
    chains = read_chains(lines)
    if chains:
        return chains[-1]
    error = read_syntax_error(lines)
    return [error] if error is not None else []


def read_syntax_error(lines: NumberedLines) -> Raised | None:
    """Return a syntax error that Python reports without a traceback, as it does for the file it is started with."""
    place: Frame | None = None
    start = 0
    for number, line in lines:
        if frame := _FRAME.match(line):
            place, start = (frame[1], int(frame[2])), number
        elif place and re.match(r"^(?:\*\*\* )?(?:Sorry: )?(?:SyntaxError|IndentationError|TabError): ", line):
            return Raised(text=line.replace("*** ", ""), frames=[place], first=start, last=number)
    return None


def read_crash(lines: NumberedLines) -> Raised | None:
    """Return Python's account of how its interpreter itself ended, or None where there is none.

    https://docs.python.org/3/library/faulthandler.html: it tells the innermost frame first.
    """
    crash: Raised | None = None
    current = False
    for number, line in lines:
        if crash is None and line.startswith(_CRASH):
            crash = Raised(text=line.strip(), first=number, last=number)
        elif crash is not None and line.startswith("Current thread "):
            current = True
        elif crash is not None and (frame := _CRASH_FRAME.match(line)) and (current or not crash.frames):
            crash.frames.insert(0, (frame[1], int(frame[2])))
            crash.last = number
        elif crash is not None and crash.frames:
            break
    return crash


def short_name(text: str) -> str:
    """Return a line that looks like an exception's as "Name: message", the name without its package; else ""."""
    match = _NAME.match(text.split("\n")[0])
    if match is None or _UNRAISED.match(match[1]):
        return ""
    name = match[1].rpartition(".")[2]
    if not name[:1].isupper() and "." not in match[1] and not name.endswith(("error", "timeout", "Error")):
        return ""
    return name + text[len(match[1]) :]


def find_place(frames: Sequence[Frame]) -> tuple[str, int | None]:
    """Return file and line of the innermost frame in the service's own files, or ("", None)."""
    for path, line in reversed(frames):
        if is_own(path):
            return _own_name(path), line
    return "", None


def is_own(path: str) -> bool:
    """Return whether a file is the service's own, and none of Python's or of a package's."""
    return not _LIBRARY.search(path)


def _own_name(path: str) -> str:
    """Return a file's path from the service's folder on."""
    path = _CHECKED_OUT.sub("", path)
    name = path.rpartition("/")[2]
    if name in OWN_FILES or not path.startswith("/"):
        return name if name in OWN_FILES else path.removeprefix("./")
    parts = path.strip("/").split("/")
    return "/".join(parts[1:]) or name


def read_frame(line: str) -> Frame | None:
    """Return the frame of a line as Python or pytest (short, long) writes it, or None."""
    if (match := _FRAME.match(line)) or (match := _SHORT.match(line)):
        return match[1], int(match[2])
    return None


def chain_headline(chain: Chain) -> str:
    """Return a chain in one line: its first exception, which is the cause, and the last one."""
    first, last = chain[0].text.split("\n")[0], chain[-1].text.split("\n")[0]
    if len(chain) == 1 or first == last:
        return first
    return f"{first} (then {last})"


def chain_evidence(chain: Chain) -> tuple[int, ...]:
    """Return the numbers of the lines that tell a chain: where it begins, and where each exception is named."""
    return (chain[0].first, *(raised.last for raised in chain))
