"""What is kept of the lines of one instruction or one step, so that memory stays bounded whatever it prints.

While a log streams by, lines are only sorted by cheap looks: the first ones, the last ones, those that may tell a cause
with their neighbours, and pytest's report by test. What they mean is judged once, at the end, by `bot/causes.py`.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import islice

_WORDS = ("rror", "ERROR", "E: ", "ailed", "atal", "Traceback", "xception")
"""A line that holds none of these is kept only where it is among the first or the last ones: so are most lines."""

_STRONG = re.compile(
    r"(?:ERROR|Error|error|E|Err|W|fatal|FATAL|curl|docker|denied|unauthorized|toomanyrequests|gptdeploy)[ :]|"
    r" *[│×╰]|Traceback|During handling|The above exception|[A-Za-z_][\w.]*(?:Error|Exception|Exit|Warning)\b|"
    r"  note: | *(?:CMake Error|\S+:\d+:\d+: (?:fatal )?error:|error: command)|.*fatal error: |"
    r"INTERNALERROR|SCENARIO ERROR"
)
_SECTION = re.compile(r"^=+ (FAILURES|ERRORS|short test summary info|warnings summary|.* in \d[\d.:]*s.*) =+$")
_TITLE = re.compile(r"^_{3,} (.+?) _{3,}$")
_CAPTURED = re.compile(r"^-{3,} (?:Captured|generated|live log) .*-{3,}$")

Numbered = tuple[int, str]


class Kept:
    """Some of a sequence of lines: the first, the last, and those marked with their neighbours."""

    def __init__(self, first: int, last: int, marked: int, before: int = 8, after: int = 8) -> None:
        self._first: list[str] = []
        self._room = first
        self.last: deque[str] = deque(maxlen=last)
        self._early: dict[int, str] = {}
        self._late: deque[Numbered] = deque(maxlen=marked)
        self._marked = marked
        self._before, self._after = before, after
        self._until = 0
        self.count = 0

    def add(self, line: str) -> None:
        self.count = count = self.count + 1
        self.last.append(line)
        if count <= self._until:
            self._keep(count, line)
        if count <= self._room:
            self._first.append(line)

    def mark(self) -> None:
        """Keep the line added last, with its neighbours."""
        if self.count > self._until:
            back = [*islice(reversed(self.last), 1 + self._before)]
            for number, line in enumerate(reversed(back), start=self.count - len(back) + 1):
                self._keep(number, line)
        self._until = self.count + self._after

    def _keep(self, number: int, line: str) -> None:
        if len(self._early) < self._marked:
            self._early[number] = line
        elif number not in self._early and (not self._late or self._late[-1][0] < number):
            self._late.append((number, line))

    def lines(self) -> list[Numbered]:
        """Return what is kept, in order, each with its number from 1."""
        start = self.count - len(self.last) + 1
        found = dict(enumerate(self._first, start=1))
        found.update(self._early)
        found.update(self._late)
        found.update(enumerate(self.last, start=start))
        return sorted(found.items())


class Block:
    """pytest's account of one failed test: what it says, and some of what the test printed."""

    def __init__(self, title: str, small: bool) -> None:
        self.title = title
        self.told = Kept(
            first=6 if small else 60, last=8 if small else 40, marked=6 if small else 60, before=4, after=2
        )
        self.printed = Kept(first=8, last=2 if small else 25, marked=0)


class Report:
    """pytest's sections on failures and errors, and its short summary."""

    _BLOCKS = 80
    _ALL = 2_000
    _SUMMARY = 300

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.summary: list[str] = []
        self.left_out = 0
        self.ending = ""

    def title(self, title: str) -> None:
        if len(self.blocks) < self._ALL:
            self.blocks.append(Block(title, small=len(self.blocks) >= self._BLOCKS))
        else:
            self.left_out += 1

    def add(self, line: str) -> None:
        if not self.blocks:
            self.title("")
        told = self.blocks[-1].told
        told.add(line)
        if line[:2] in ("E ", "E"):
            told.mark()

    def summarise(self, line: str) -> None:
        if line.startswith(("FAILED ", "ERROR ")) and len(self.summary) < self._SUMMARY:
            self.summary.append(line)


class Part(Kept):
    """The lines of one instruction of the Dockerfile, or of one step of the workflow outside of any.

    Attributes:
        title: the instruction, e.g. "RUN pip install ...", or "".
        died: the builder's word on how it ended, or "".
        report: pytest's, or None where it did not run to a report.
    """

    def __init__(self, title: str = "") -> None:
        super().__init__(first=40, last=200, marked=300, before=12, after=10)
        self.title = title
        self.died = ""
        self.report: Report | None = None
        self._weak: dict[int, str] = {}
        self._weak_late: deque[Numbered] = deque(maxlen=100)
        self._mode = ""
        self._printed = Kept(0, 0, 0)

    def add(self, line: str) -> None:
        if self._mode:
            if self._aside(line):
                return
        elif line[:3] == "===":
            self._turn(line)
        # As in `Kept.add`; this is what most of the time goes into.
        self.count = count = self.count + 1
        self.last.append(line)
        if count <= self._until:
            self._keep(count, line)
        if count <= self._room:
            self._first.append(line)
        for word in _WORDS:
            if word in line:
                self._candidate(line)
                break

    def close(self, line: str) -> None:
        """Take the builder's word on how this ended."""
        self._mode = ""
        self.add(line)

    def _aside(self, line: str) -> bool:
        """Take a line of one of pytest's sections; return False where it counts as output as well."""
        if (line[:3] in ("===", "___", "---") or self._mode == "summary") and self._turn(line):
            return True
        if self._mode == "captured":
            self._printed.add(line)
        elif self._mode == "report" and self.report is not None:
            self.report.add(line)
            if line[:3] == "---" and _CAPTURED.match(line):
                self._mode, self._printed = "captured", self.report.blocks[-1].printed
        elif self._mode != "warnings":
            return False
        return True

    def _candidate(self, line: str) -> None:
        if self.count <= self._until or _STRONG.match(line):
            self.mark()
        elif len(self._weak) < 100:
            self._weak[self.count] = line
        else:
            self._weak_late.append((self.count, line))

    def _turn(self, line: str) -> bool:
        """Notice where pytest's output goes over to another section; return whether the line is a test's title."""
        if section := _SECTION.match(line):
            name = section[1]
            if name in ("FAILURES", "ERRORS"):
                self.report = self.report or Report()
                self._mode = "report"
            elif name == "short test summary info":
                self.report = self.report or Report()
                self._mode = "summary"
            elif name == "warnings summary":
                self._mode = "warnings"
            else:
                self._mode = ""
                if self.report is not None:
                    self.report.ending = line
        elif self._mode == "summary" and self.report is not None:
            self.report.summarise(line)
        elif self.report is not None and (title := _TITLE.match(line)):
            self.report.title(title[1])
            self._mode = "report"
            return True
        return False

    def lines(self) -> list[Numbered]:
        """Return the lines kept outside of pytest's report, in order, each with its number from 1."""
        found = dict(self._weak)
        found.update(self._weak_late)
        found.update(super().lines())
        return sorted(found.items())
