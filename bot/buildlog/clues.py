"""Clues: what else in a job's log may tell why it failed, beside the cause that was chosen, the most telling first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from bot.buildlog.asides import REFUSES, may_tell
from bot.buildlog.causes import Rank, is_own, named_cause, read_frame
from bot.buildlog.causes.tracebacks import Raised, read_chains, read_crash, read_syntax_error, short_name
from bot.buildlog.failed_step import FailedStep
from bot.buildlog.lines import NumberedLine, NumberedLines, without_middle
from bot.buildlog.shrink import is_progress, shape, shrink

HEADING = "=== Elsewhere in the log ==="
"""The line of an excerpt after which it tells no longer of the cause itself."""

_BLOCK = 900
"""Characters of one clue."""
_LENGTH = 600
_TITLE = 120
_LAST_WORDS = 12
"""Lines."""
_PREFIX = re.compile(
    r"^(?:#\d+ \d+\.\d+ |[\w./-]{1,60} +\| ?|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) |"
    r"[A-Z][a-z]{2} +\d+ [\d:]{8} \S+ \S+\[\d+\]: )+"
)
"""What builders, Docker and journals write before a program's own line."""
_ESCAPED = "Traceback (most recent call last):\\n"
_AFTER_ESCAPED = re.compile(r"""["'][)}\],].*$""")
_NAMED_EXCEPTION = re.compile(r"^(?:.*\b(?:ERROR|CRITICAL|Sorry)\b.*? )?(?:\w+\.)*[A-Z]\w*(?:Error|Exception): \S")
"""An exception that is only named, without its frames."""
_STATE = re.compile(
    r"\"OOMKilled\": true|\"ExitCode\": [1-9]|\"Error\": \"[^\"]|\bOOMKilled\b(?!\": false)|[Oo]ut of memory|"
    r"Killed process|\bExited \([1-9]|\bRestarting \(\d|\bCrashLoopBackOff|Segmentation fault|core dumped|"
    r"^Killed$|^Exit code [1-9]|exit code 1\d\d\b"
)
"""What Docker and the kernel say of a program that has died."""
_HEALTH = re.compile(r"\"Output\": \"[^\"]|[Uu]nhealthy|[Hh]ealth ?check|healthz|curl: \(\d+\)|HTTP/[\d.]+ [45]\d\d")
_TROUBLE = re.compile(
    r"command not found|No such file or directory|Permission denied|\b(?:FATAL|CRITICAL|fatal|panic)\b|"
    r"\b(?:ERROR|Error|error)\b.*\w|\bfailed\b|\bcannot\b|\bcould not\b|" + REFUSES
)
_JSON = re.compile(r"^\s*(?:\"[^\"]+\": .*|[{}\[\]]+,?)$")
_SAID_BELOW = re.compile(
    r"^(?:FAILED|ERROR) \S+\.py|^\S+\.py::|^[=!_-]{3,}|^E(?: |$)|"
    r"did not complete successfully|returned a non-zero code|"
    r"^executor failed running|Process completed with exit code|^Error: Job '|^\d+ (?:failed|passed)\b"
)
"""What pytest and builders say of what is told elsewhere."""


class ClueRank(IntEnum):
    """How telling a clue is; of several the lowest is shown first."""

    OWN_EXCEPTION = 0
    STATE = 1
    SHOWN_LOG = 2
    EXCEPTION = 3
    NAMED = 4
    LAST_WORDS = 5
    HEALTH = 6
    TROUBLE = 7


class Clue(NamedTuple):
    """Some lines that may tell of a cause.

    Attributes:
        rank: the lower, the more telling.
        place: the step, instruction or test that wrote them.
        lines: the lines, shortened.
        key: equal for clues that say the same.
        first: of an exception, the line that names it.
        elsewhere: it stands in another step or instruction than the one that failed.
        diagnostic: it stands where a log or the state of something else is shown.
        at: where in its place it stands.
    """

    rank: ClueRank
    place: str
    lines: tuple[str, ...]
    key: str
    first: str = ""
    elsewhere: bool = False
    diagnostic: bool = False
    at: int = 0


class _Source(NamedTuple):
    """Output in which clues are looked for."""

    place: str
    lines: NumberedLines
    failed: bool = False
    diagnostic: bool = False
    elsewhere: bool = False


def find_clues(step: FailedStep) -> list[Clue]:
    """Return the clues in all that is kept of a job, the most telling first, without repetitions."""
    clues: dict[str, Clue] = {}
    for source in _sources(step):
        for clue in _clues(source):
            if clue.key not in clues or clue.rank < clues[clue.key].rank:
                clues[clue.key] = clue._replace(elsewhere=source.elsewhere, diagnostic=source.diagnostic)
    return sorted(clues.values(), key=lambda clue: clue.rank)


def _sources(step: FailedStep) -> Iterator[_Source]:
    report = step.output.report
    for section in report.sections if report else ():
        yield _Source(f"Printed by {section.title}", section.captured.lines())
        accounts = section.account.lines()
        escaped = [(number, line[line.index(_ESCAPED) :]) for number, line in accounts if _ESCAPED in line]
        yield _Source(f"In the values of {section.title}", escaped)
    yield _Source("Warnings of the tests", step.output.warnings.lines())
    yield _Source("The same step", step.output.lines())
    for aside in step.asides:
        yield _Source(aside.place, aside.lines, aside.failed, aside.diagnostic, elsewhere=True)


def _clues(source: _Source) -> Iterator[Clue]:
    lines = _plain(source.lines)
    shown: set[int] = set()
    for clue, numbers in _exceptions(source.place, lines):
        shown.update(numbers)
        yield clue._replace(at=numbers.start)
    for number, line in lines:
        rank = None if number in shown else _line_rank(line)
        if rank is not None:
            shown.add(number)
            yield _clue(rank, source.place, [line])._replace(at=number)
    if source.failed or source.diagnostic:
        rest = [number for number, line in lines if number not in shown and _may_be_last_words(line)][-_LAST_WORDS:]
        rank = ClueRank.SHOWN_LOG if source.diagnostic else ClueRank.LAST_WORDS
        texts = [line for number, line in lines if number in rest]
        if texts:
            yield _clue(rank, source.place, texts)._replace(at=rest[0])


def _may_be_last_words(line: str) -> bool:
    return bool(line.strip()) and not (is_progress(line) or _SAID_BELOW.search(line) or _JSON.match(line))


def _plain(lines: NumberedLines) -> list[NumberedLine]:
    """Return lines without what Docker and others write before them, and tracebacks in values as lines of their own."""
    texts: list[str] = []
    for _, raw in lines:
        line = _PREFIX.sub("", raw).replace("\\\\n", "\\n")
        before, escaped, rest = line.partition(_ESCAPED)
        texts.append(without_middle(before, _LENGTH))
        if escaped:
            *inner, last = rest.replace("\\'", "'").replace('\\"', '"').split("\\n")
            texts += [_ESCAPED.removesuffix("\\n"), *inner, _AFTER_ESCAPED.sub("", last)]
    return [*enumerate(texts)]


def _exceptions(place: str, lines: Sequence[NumberedLine]) -> Iterator[tuple[Clue, range]]:
    """Yield a clue for each exception, with the numbers of the lines that tell it."""
    ended = (error for error in (read_syntax_error(lines), read_crash(lines)) if error is not None)
    chains = [*read_chains(lines), *([error] for error in ended)]
    for raised in (raised for chain in chains for raised in chain):
        yield _exception_clue(place, raised, lines), range(raised.first, raised.last + 1)
    yield from _reported(place, lines)


def _exception_clue(place: str, raised: Raised, lines: Sequence[NumberedLine]) -> Clue:
    own = [frame for frame in raised.frames if is_own(frame[0])]
    told = [line for number, line in lines if raised.first <= number <= raised.last]
    texts: list[str] = []
    # A crash is told with the innermost frame first, and without lines of source.
    crashed = raised.first < raised.last and told[0].strip() == raised.text
    for at, line in enumerate(told):
        if (frame := read_frame(line)) and frame in own[-2:]:
            texts = [line, *texts] if crashed else [*texts, *told[at : at + 2]]
    rank = ClueRank.OWN_EXCEPTION if own else ClueRank.EXCEPTION
    clue = _clue(rank, place, [*dict.fromkeys(texts), raised.text], key=f"{raised.text} {own[-1:]}")
    return clue._replace(first=short_name(told[-1].strip()) or told[-1].strip())


def _reported(place: str, lines: Sequence[NumberedLine]) -> Iterator[tuple[Clue, range]]:
    """Yield a clue for each error in pytest's report on another step's tests."""
    frame, before = "", ""
    for number, line in lines:
        if line[:2] == "E " and before[:1] != "E" and (text := short_name(line[1:].strip()) or line[1:].strip()):
            yield _clue(ClueRank.OWN_EXCEPTION, place, [frame, text] if frame else [text]), range(number, number + 1)
        frame = line if read_frame(line) else frame
        before = line


def _line_rank(line: str) -> ClueRank | None:
    """Return the rank of a line that tells something alone, or None."""
    if not may_tell(line) or is_progress(line) or _SAID_BELOW.search(line):
        return None
    if _STATE.search(line):
        return ClueRank.STATE
    if _NAMED_EXCEPTION.match(line):
        return ClueRank.EXCEPTION
    cause = named_cause(line)
    if cause is not None and cause.rank < Rank.VAGUE:
        return ClueRank.NAMED
    if _HEALTH.search(line):
        return ClueRank.HEALTH
    return ClueRank.TROUBLE if cause is not None or _TROUBLE.search(line) else None


def _clue(rank: ClueRank, place: str, lines: Sequence[str], key: str = "") -> Clue:
    texts = [shrink(line.rstrip(), _BLOCK // max(1, min(3, len(lines)))) for line in lines if line.strip()]
    while len(texts) > 1 and sum(map(len, texts)) > _BLOCK:
        del texts[0]
    return Clue(rank, shrink(" ".join(place.split()), _TITLE), tuple(texts), shape(key or "\n".join(texts)))


def _is_known(clue: Clue, known: str) -> bool:
    """Return whether a text tells of a clue's exception already; its frames then say nothing new."""
    if not clue.first or not all(word in known for word in re.findall(r"[\w']+", clue.lines[-1])):
        return False
    return any(line.rstrip().endswith(clue.first) for line in known.split("\n"))


def show_clues(clues: Iterable[Clue], known: str, room: int) -> str:
    """Return as many clues as there is room for, under the places where they stand, without lines that are `known`."""
    by_place: dict[str, list[tuple[int, str]]] = {}
    shown = {line.strip() for line in known.split("\n")}
    room -= len(HEADING) + 1
    for clue in clues:
        lines = [line for line in clue.lines if line.strip() not in shown]
        size = sum(len(line) + 1 for line in lines) + (0 if clue.place in by_place else len(clue.place) + 6)
        if not lines or size > room or _is_known(clue, known):
            continue
        by_place.setdefault(clue.place, []).append((clue.at, "\n".join(lines)))
        shown.update(line.strip() for line in lines)
        room -= size
    blocks = ["\n".join([f"--- {place}:", *(text for _, text in sorted(texts))]) for place, texts in by_place.items()]
    return "\n".join([HEADING, *blocks]) if blocks else ""
