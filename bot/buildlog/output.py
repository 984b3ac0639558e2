"""What is kept of the lines of one instruction or one step, so that memory stays bounded whatever it prints.

While a log streams by, lines are only sorted by cheap looks: the first ones, the last ones, those that may name a cause
with their neighbours, and pytest's report by test. What they mean is judged once, at the end, in `causes`.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import islice

from bot.buildlog.facts import ANNOUNCED_WITHIN, ANNOUNCEMENT, QUOTE, Facts, read_facts, without_quote
from bot.buildlog.lines import NumberedLine

_WORDS = ("rror", "ERROR", "E: ", "ailed", "atal", "Traceback", "xception")
"""A line without any of these, as most lines are, is kept only as one of the first, of the last, or as a neighbour."""

_STRONG = re.compile(
    r"(?:ERROR|Error|error|E|Err|W|fatal|FATAL|curl|docker|denied|unauthorized|toomanyrequests|gptdeploy)[ :]|"
    r" *[│×╰]|Traceback|During handling|The above exception|[A-Za-z_][\w.]*(?:Error|Exception|Exit|Warning)\b|"
    r"  note: | *(?:CMake Error|\S+:\d+:\d+: (?:fatal )?error:|error: command)|.*fatal error: |"
    r"INTERNALERROR|SCENARIO ERROR"
)
_CHANGED = re.compile(r"E +[-+?] ")
"""How pytest shows a line of a diff that is not the same on both sides."""
_SECTION = re.compile(r"^=+ (FAILURES|ERRORS|short test summary info|warnings summary|.* in \d[\d.:]*s.*) =+$")
_TITLE = re.compile(r"^_{3,} (.+?) _{3,}$")
_CAPTURED = re.compile(r"^-{3,} (?:Captured|generated|live log) .*-{3,}$")


_SECTIONS_ASIDE = 12
"""How many sections of pytest's report count where the report is not that of the failed instruction."""
_MESSAGE = 12
"""Lines of an error that are its message, and no diff."""


def is_suspicious(line: str) -> bool:
    """Return whether a line may name a cause."""
    return any(word in line for word in _WORDS)


def is_change(line: str) -> bool:
    """Return whether a line of pytest's diff is not the same on both sides."""
    return _CHANGED.match(line) is not None


class KeptLines:
    """Some of a sequence of lines: the first, the last, and those that were marked, with their neighbours.

    Args:
        first, last, marked: how many lines are kept of each kind; of marked ones, so many early and so many late ones.
        before, after: how many neighbours of a marked line are kept.
    """

    def __init__(self, first: int, last: int, marked: int, before: int = 8, after: int = 8) -> None:
        self._first: list[str] = []
        self._room = first
        self._last: deque[str] = deque(maxlen=last)
        self._early: dict[int, str] = {}
        self._late: deque[NumberedLine] = deque(maxlen=marked)
        self._marked = marked
        self._before, self._after = before, after
        self._until = 0
        self.count = 0

    def add(self, line: str) -> None:
        """Take the next line."""
        self.count = count = self.count + 1
        self._last.append(line)
        if count <= self._until:
            self._keep(count, line)
        if count <= self._room:
            self._first.append(line)

    def mark(self) -> None:
        """Keep the line added last, with its neighbours."""
        if self.count > self._until:
            back = [*islice(reversed(self._last), 1 + self._before)]
            for number, line in enumerate(reversed(back), start=self.count - len(back) + 1):
                self._keep(number, line)
        self._until = self.count + self._after

    def _keep(self, number: int, line: str) -> None:
        if len(self._early) < self._marked:
            self._early[number] = line
        elif number not in self._early and (not self._late or self._late[-1][0] < number):
            self._late.append((number, line))

    def lines(self) -> list[NumberedLine]:
        """Return what is kept, in order, each line with its number."""
        start = self.count - len(self._last) + 1
        kept = dict(enumerate(self._first, start=1))
        kept.update(self._early)
        kept.update(self._late)
        kept.update(enumerate(self._last, start=start))
        return sorted(kept.items())


class TestSection:
    """What pytest's report says of one failed test: the account of the failure, and what the test printed.

    Args:
        small: keep little of it, as one of many.
    """

    __test__ = False

    def __init__(self, title: str, small: bool) -> None:
        self.title = title
        self.account = KeptLines(
            first=6 if small else 60, last=8 if small else 40, marked=6 if small else 60, before=4, after=2
        )
        self.captured = KeptLines(first=8, last=2 if small else 25, marked=0 if small else 40, before=4)
        self._errors = 0

    def add(self, line: str) -> None:
        """Take the next line of the account."""
        self.account.add(line)
        if line[:2] not in ("E ", "E"):
            self._errors = 0
            return
        # Of a long diff, the lines that are the same on both sides say nothing.
        self._errors += 1
        if self._errors <= _MESSAGE or is_change(line):
            self.account.mark()

    def capture(self, line: str) -> None:
        """Take the next line of what the test printed."""
        line = line.removeprefix(QUOTE)
        self.captured.add(line)
        if is_suspicious(line):
            self.captured.mark()


class PytestReport:
    """pytest's sections on failures and errors, and its short summary.

    Attributes:
        summary: the summary's lines on tests that failed.
        left_out: how many tests had no place any more.
        ending: the last line, with the counts.
    """

    _LARGE_SECTIONS = 80
    _SECTIONS = 2_000
    _SUMMARY = 300

    def __init__(self) -> None:
        self.sections: list[TestSection] = []
        self.summary: list[str] = []
        self.left_out = 0
        self.ending = ""

    def begin(self, title: str) -> None:
        """Begin a test's section."""
        if len(self.sections) < self._SECTIONS:
            self.sections.append(TestSection(title, small=len(self.sections) >= self._LARGE_SECTIONS))
        else:
            self.left_out += 1

    def add(self, line: str) -> None:
        """Take the next line of the account of a failure."""
        if not self.sections:
            self.begin("")
        self.sections[-1].add(line)

    def summarise(self, line: str) -> None:
        """Take a line of the short summary."""
        if line.startswith(("FAILED ", "ERROR ")) and len(self.summary) < self._SUMMARY:
            self.summary.append(line)


class Output(KeptLines):
    """The output of one instruction of the Dockerfile, or that of a step of the workflow outside of any instruction.

    Attributes:
        title: the instruction, e.g. "RUN pip install ...", or "".
        failure: the line with which its builder says that it failed, or "".
        report: pytest's, or None where pytest wrote none.
        warnings: of pytest's summary of warnings what may tell of a cause, such as an exception in a thread.
        facts: what the build itself states, or None.
    """

    def __init__(self, title: str = "") -> None:
        super().__init__(first=40, last=200, marked=300, before=12, after=10)
        self.title = title
        self.facts: Facts | None = None
        self._quoted = False
        self.failure = ""
        self.report: PytestReport | None = None
        self._weak: dict[int, str] = {}
        self._weak_late: deque[NumberedLine] = deque(maxlen=100)
        self._section = ""
        self.warnings = KeptLines(first=0, last=8, marked=60, before=3, after=20)

    def add(self, line: str) -> None:
        """Take the next line."""
        if self._quoted:
            line = without_quote(line) if line.startswith(QUOTE) else self._take_own(line)
        if self._section:
            if self._add_to_report(line):
                return
        elif line[:3] == "===":
            self._turn(line)
        # As in `KeptLines.add`, without a call: most of the time goes into these lines.
        self.count = count = self.count + 1
        self._last.append(line)
        if count <= self._until:
            self._keep(count, line)
        if count <= self._room:
            self._first.append(line)
            self._quoted = self._quoted or (count <= ANNOUNCED_WITHIN and line == ANNOUNCEMENT)
        for word in _WORDS:
            if word in line:
                self._consider(line)
                break

    def _take_own(self, line: str) -> str:
        """Take a line of the build's own among quoted ones; return it, or "" where it states facts for programs."""
        self._section = ""
        facts = read_facts(line)
        self.facts = facts or self.facts
        return "" if facts else line

    def close(self, line: str) -> None:
        """Take the line with which the builder says how this ended, whatever pytest was about to say."""
        self._section = ""
        self.add(line)

    def _add_to_report(self, line: str) -> bool:
        """Take a line of one of pytest's sections; return False where it counts as plain output as well."""
        if (line[:3] in ("===", "___", "---") or self._section == "summary") and self._turn(line):
            return True
        if self._section == "captured" and self.report is not None:
            self.report.sections[-1].capture(line)
        elif self._section == "report" and self.report is not None:
            self.report.add(line)
            if line[:3] == "---" and _CAPTURED.match(line):
                self._section = "captured"
        elif self._section == "warnings":
            self.warnings.add(line)
            if is_suspicious(line):
                self.warnings.mark()
        else:
            return False
        return True

    def _consider(self, line: str) -> None:
        """Mark a line that holds one of the words, if it begins like one that names a cause; else remember some."""
        if self.count <= self._until or _STRONG.match(line) or "Traceback (most recent call last)" in line:
            self.mark()
        elif len(self._weak) < 100:
            self._weak[self.count] = line
        else:
            self._weak_late.append((self.count, line))

    def _turn(self, line: str) -> bool:
        """Notice where pytest goes over to another section; return whether the line is the title of a test."""
        if section := _SECTION.match(line):
            name = section[1]
            if name in ("FAILURES", "ERRORS"):
                self.report = self.report or PytestReport()
                self._section = "report"
            elif name == "short test summary info":
                self.report = self.report or PytestReport()
                self._section = "summary"
            elif name == "warnings summary":
                self._section = "warnings"
            else:
                self._section = ""
                if self.report is not None:
                    self.report.ending = line
        elif self._section == "summary" and self.report is not None:
            self.report.summarise(line)
        elif self.report is not None and (title := _TITLE.match(line)):
            self.report.begin(title[1])
            self._section = "report"
            return True
        return False

    def lines(self) -> list[NumberedLine]:
        """Return the lines kept outside of pytest's report, in order, each with its number."""
        kept = dict(self._weak)
        kept.update(self._weak_late)
        kept.update(super().lines())
        return sorted(kept.items())

    def everything(self) -> list[str]:
        """Return all lines kept, those of pytest's report too."""
        texts = [line for _, line in self.lines()]
        for section in self.report.sections[:_SECTIONS_ASIDE] if self.report else ():
            texts += [f"___ {section.title} ___", *(line for _, line in section.account.lines())]
            texts += [line for _, line in section.captured.lines()]
        return [*texts, *(line for _, line in self.warnings.lines())]
