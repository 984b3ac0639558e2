"""What is kept of output that did not fail the job: other steps and other instructions. The cause may stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.buildlog.lines import NumberedLine, without_middle
from bot.buildlog.output import Output

REFUSES = (
    r"\*\*\* \w|\bNo rule to make\b|\b[Uu]nexpected (?:end|EOF|token|argument|option)\b|\b(?:unbound|undefined) |"
    r"\b[Mm]issing \w|\b[Ii]nvalid \w|\b[Cc]orrupt(?:ed)?\b|\b[Tt]runcated\b|\b[Tt]imed out\b|\b[Uu]nsupported\b|"
    r"\b[Uu]nrecognized\b|\bdoes not exist\b|\bnot (?:a|an|installed|supported|allowed|readable)\b|\b[Mm]ismatch\b|"
    r"\b[Rr]ejected\b|\b[Aa]borted\b"
)
"""How tools of all kinds say that they cannot do what they are asked, as a pattern."""
_TROUBLE = re.compile(
    r"rror|ERROR|E: |[Ff]ail|FAIL|[Ff]atal|FATAL|CRITICAL|Traceback|xception|[Kk]illed|[Pp]anic|OOM|ut of memory|"
    r"ealth|refused|[Dd]enied|not found|No such |Exit|exit code|Restarting|CrashLoop|egmentation|core dumped|curl: |"
    r"HTTP/|\"Output\"|Sorry: |[Cc]annot |[Cc]ould not |can't |toomany|[Nn]o space|unable |Unable |" + REFUSES
)
"""What lines say that may tell of a cause."""
_DIAGNOSTIC = re.compile(
    r"\b(?:logs|inspect|journalctl|dmesg|describe|diagnos\w*|events|ps)\b|\.(?:log|err|out)\b", re.IGNORECASE
)
"""What scripts call that show the log or the state of something else."""
_BEFORE, _AFTER = 14, 8
_LAST = 20
_LINES = 160
_LENGTH = 500
_KEPT = 20


def is_diagnostic(script: str) -> bool:
    """Return whether a script shows the log or the state of something else."""
    return _DIAGNOSTIC.search(script) is not None


def may_tell(line: str) -> bool:
    """Return whether a line may tell of a cause."""
    return _TROUBLE.search(line) is not None


@dataclass(frozen=True)
class Aside:
    """Output of another step or instruction than the one that failed, reduced to what may tell of a cause.

    Attributes:
        place: who wrote it: the step or the instruction.
        lines: at most 160, each at most about 500 characters.
        failed: it ended with an exit code other than 0, or its builder said that it failed.
        diagnostic: it shows the log or the state of something else, such as a container.
    """

    place: str
    lines: Sequence[NumberedLine]
    failed: bool = False
    diagnostic: bool = False


@dataclass
class Asides:
    """The asides of a job, the first ones and the last ones."""

    _first: list[Aside] = field(default_factory=list)
    _last: list[Aside] = field(default_factory=list)

    def add(self, aside: Aside | None) -> None:
        """Take the next aside, if there is one."""
        if aside is None:
            return
        if len(self._first) < _KEPT:
            self._first.append(aside)
        else:
            self._last = [*self._last, aside][-_KEPT:]

    def all(self) -> list[Aside]:
        """Return those that are kept, in order."""
        return [*self._first, *self._last]


def set_aside(place: str, output: Output, script: str = "", failed: bool = False) -> Aside | None:
    """Return what is kept of an output, or None where nothing in it may tell of a cause."""
    diagnostic = is_diagnostic(f"{place}\n{script}")
    lines = [*enumerate(output.everything(), start=1)]
    telling = [number for number, line in lines if may_tell(line)]
    if not lines or not (telling or failed or diagnostic):
        return None
    near = {other for number in telling for other in range(number - _BEFORE, number + _AFTER + 1)}
    kept = [(n, without_middle(line, _LENGTH)) for n, line in lines if n in near or n > len(lines) - _LAST]
    if len(kept) > _LINES:
        kept = [*kept[: _LINES // 2], *kept[-_LINES // 2 :]]
    return Aside(place, kept, failed, diagnostic)
