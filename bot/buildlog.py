"""A failed job's log, read once from top to bottom and reduced to what an engineer must see.

Understands GitHub's log format (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands),
BuildKit's plain progress, Docker's classic builder, pip, apt, pytest, Python's tracebacks and the smoke run. Lines that
belong together are collected in a `Part` (one instruction of the Dockerfile, one step of the workflow), and the part in
which the step died is searched for its cause. Memory is bounded whatever the log's size.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot import causes
from bot.causes import Cause
from bot.failure import Failure, FailureClass

EXCERPT_LIMIT = 6_000
HEADLINE_LIMIT = 160

_LINE_LIMIT = 500
_TAIL = 200
_REPORT = 500
_AROUND = 20
_WINDOWS = 5
_PARTS = 32

_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?\ufeff?|^\ufeff")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ACT = re.compile(r"^\[[^\]]+/[^\]]+\] {2,}\| ?")
_CLASSIC = re.compile(r"^Step \d+/\d+ : ")
_VERTEX = re.compile(r"^#(\d+) (.*)$")
_NOISE = re.compile(r"^ ---> |^Removing intermediate container |^#\d+ sha256:|^\s*━+")
_SECONDS = re.compile(r"^\d+\.\d+ ")
_DIED = re.compile(r"^The command '.*' returned a non-zero code: \d+$")
_EXIT = re.compile(
    r"^##\[error\]\s*(?:Process completed with exit code (\d+)|The operation was canceled|.*maximum execution time)"
)


@dataclass
class Part:
    """The lines of one instruction or step, as far as they are worth keeping.

    Attributes:
        title: the instruction, e.g. "RUN pip install ...", or empty.
        tail: the last lines.
        windows: lines around the first candidates for a cause, by line number.
        report: pytest's account of the failures; summary: its short summary.
    """

    title: str = ""
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    windows: dict[int, str] = field(default_factory=dict)
    found: list[Cause] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    _count: int = 0
    _open_until: int = 0
    _opened: int = 0
    _mode: str = ""
    _traceback: bool = False

    def add(self, line: str) -> None:
        self._count += 1
        self.tail.append(line)
        self._pytest(line)
        cause = causes.of_line(line, in_traceback=self._traceback)
        self._traceback = line.startswith("Traceback (most recent call last)") or (
            self._traceback and (not line or line.startswith((" ", "Traceback")))
        )
        if cause is not None and len(self.found) < 100:
            self.found.append(cause)
            if self._opened < _WINDOWS:
                self._opened += 1
                self._open_until = self._count + _AROUND
                before = list(self.tail)[-_AROUND:]
                self.windows.update(zip(range(self._count - len(before) + 1, self._count + 1), before, strict=True))
        if self._count <= self._open_until:
            self.windows[self._count] = line

    def _pytest(self, line: str) -> None:
        kind = causes.pytest_section(line)
        if kind:
            self._mode = "" if kind == "end" else kind
        if self._mode == "report" and (len(self.report) < _REPORT or line.startswith(("E  ", "____"))):
            self.report = self.report[-2 * _REPORT :]
            self.report.append(line)
        elif self._mode == "summary" and len(self.summary) < _REPORT:
            self.summary.append(line)

    def excerpt(self) -> str:
        """Return what is to be seen of this part, at most EXCERPT_LIMIT characters."""
        head = [self.title] if self.title else []
        if self.report or self.summary:
            summary = _cut("\n".join(self.summary), EXCERPT_LIMIT // 4)
            room = EXCERPT_LIMIT - len(summary) - len(self.title) - 2
            return "\n".join([*head, *_failures(self.report, room), *([summary] if summary else [])])
        lines = dict(self.windows)
        lines.update({self._count - back: line for back, line in enumerate(reversed(self.tail)) if back < 2 * _AROUND})
        shown = list(head)
        for number, last in zip(sorted(lines), [0, *sorted(lines)], strict=False):
            shown += ["…"] * (number > last + 1 > 1) + [lines[number]]
        return _cut("\n".join(shown), EXCERPT_LIMIT)


def read_failure(lines: Iterable[str], step: str = "") -> Failure:
    """Return what a job died of.

    Args:
        lines: the log, line by line; no more of it is taken than up to the end of the step that failed.
        step: name of that step, if known.
    """
    part, code = _failed_part(lines)
    cause = causes.choose(part.found, part.report, part.summary, list(part.tail), step=step, exit_code=code)
    excerpt = part.excerpt().strip() or cause.headline
    return Failure(
        excerpt=excerpt[:EXCERPT_LIMIT],
        headline=_cut_line(cause.headline),
        step=step,
        fingerprint=fingerprint(cause, part.summary),
        failure_class=cause.failure_class,
    )


def fingerprint(cause: Cause, summary: Iterable[str] = ()) -> str:
    """Return 16 hex digits that stay the same where only numbers, ids, paths and timings differ."""
    failed = sorted({causes.normalised(line) for line in summary if line.startswith(("FAILED ", "ERROR "))})
    text = "\n".join([cause.failure_class, causes.normalised(cause.headline), *failed])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def clean(line: str) -> str:
    """Return a line of a log without timestamp, colours, control characters and what a carriage return overwrote."""
    line = _ANSI.sub("", _STAMP.sub("", line.rstrip("\r\n")[: 4 * _LINE_LIMIT]))
    line = _ACT.sub("", line.rstrip("\r").rpartition("\r")[2])
    return _CONTROL.sub("", line.expandtabs(4)).rstrip()[:_LINE_LIMIT]


def _failed_part(lines: Iterable[str]) -> tuple[Part, int | None]:
    """Return the part in which the step died, and the step's exit code if it is told."""
    main, vertices, failed = Part(), dict[str, Part](), None
    in_header = False
    code: int | None = None
    for raw in lines:
        line = clean(raw)
        if line.startswith("##[group]Run "):
            # The next step; what it runs is listed up to the group's end, and is no output.
            main, vertices, failed, in_header = Part(), {}, None, True
        elif line.startswith("##[endgroup]"):
            in_header = False
        elif in_header:
            continue
        elif ended := _EXIT.match(line):
            code = int(ended[1]) if ended[1] else None
            if ended[1] is None:
                stopped = Cause(FailureClass.INFRA, line.removeprefix("##[error]").strip(), causes.STOPPED)
                (failed or main).found.insert(0, stopped)
            break
        elif failed is not None or _NOISE.match(line):
            # What follows a death is Docker's account of it, or another service.
            continue
        elif _CLASSIC.match(line):
            main = Part(title=_CLASSIC.sub("", line))
        elif vertex := _VERTEX.match(line):
            if _progress(vertices, vertex[1], vertex[2]):
                failed = vertices[vertex[1]]
        else:
            main.add(line.replace("##[error]", "Error: ").replace("##[group]", ""))
            if _DIED.match(line):
                failed = main
    return failed or main, code


def _progress(vertices: dict[str, Part], number: str, text: str) -> bool:
    """Take one line of BuildKit's progress; return whether it says that the vertex failed."""
    if text.startswith(("DONE ", "CACHED", "CANCELED")):
        vertices.pop(number, None)
        return False
    known = number in vertices
    if not known:
        while len(vertices) >= _PARTS:
            del vertices[next(iter(vertices))]
        vertices[number] = Part(title=text)
    died = text.startswith("ERROR: ")
    if known or died:
        vertices[number].add(_SECONDS.sub("", text, count=1))
    return died


def _failures(report: list[str], room: int) -> list[str]:
    """Return pytest's report cut to `room` characters, so that every failure keeps its end, where the error is."""
    blocks: list[list[str]] = [[]]
    for line in report:
        if causes.is_failure_title(line) and blocks[-1]:
            blocks.append([])
        blocks[-1].append(line)
    blocks = blocks[:6]
    share = max(200, room // len(blocks) - 3)
    return ["\n".join(block) if len("\n".join(block)) <= share else _keep_end(block, share) for block in blocks]


def _keep_end(block: list[str], limit: int) -> str:
    end = "\n".join(block[1:])[-(limit - len(block[0]) - 3) :]
    return f"{block[0]}\n…\n{end.partition(chr(10))[2] or end}"


def _cut(text: str, limit: int) -> str:
    """Shorten from the middle: the beginning names what ran, the end says how it ended."""
    if len(text) <= limit:
        return text
    head = limit // 3
    return f"{text[:head].rpartition(chr(10))[0]}\n… (cut)\n{text[head + 20 - limit :].partition(chr(10))[2]}"


def _cut_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= HEADLINE_LIMIT else text[: HEADLINE_LIMIT - 1] + "…"
