"""What of a failed job's log is shown: the cause with its neighbours first, then of the rest what there is room for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.buildlog.causes import TestFailure, Verdict, is_own, read_frame
from bot.buildlog.clues import Clue, show_clues
from bot.buildlog.failed_step import FailedStep
from bot.buildlog.lines import NumberedLine
from bot.buildlog.output import TestSection, is_change, is_suspicious
from bot.buildlog.shrink import collapse, is_progress, shrink

LIMIT = 6_000
"""Characters of an excerpt."""

_CLUES = 2_000
"""Characters that are left for clues, where there are so many."""
_FILLED = 4_500
"""Characters after which only what is near the cause is added."""
_GROUPS = 8
"""How many causes of failed tests are shown in full."""
_CHANGES = 24
"""How many lines of a diff are sure to be shown."""
_NAMES = 15
"""How many tests are named beside those."""

_CAUSE, _NEXT_TO_CAUSE, _NEAR_CAUSE, _END, _NEAR_END, _FAR, _CAPTURED, _NEVER = 0, 1, 2, 3, 4, 5, 6, 8
"""The ranks of lines, by what they are: a lower one is shown first."""

_REPEATED = re.compile(r"^… \(th")
"""How `collapse` begins the line that stands for others."""


class RankedLine(NamedTuple):
    """A line, and how much it matters that it is shown."""

    rank: int
    number: int
    text: str


def make_excerpt(step: FailedStep, verdict: Verdict, clues: Sequence[Clue]) -> str:
    """Return what a person has to see of a failed step, and of the clues what fits, at most LIMIT characters."""
    title = _title(step)
    body, others = _with_clues(step, verdict, clues, LIMIT - len(title) - 1, kept=0)
    if len(others) < _CLUES:
        # What is told of the cause may be so long that it leaves no room.
        body, others = _with_clues(step, verdict, clues, LIMIT - len(title) - 1, kept=_CLUES)
    return "\n".join(part for part in (title, body, others) if part).strip()[:LIMIT]


def _with_clues(step: FailedStep, verdict: Verdict, clues: Sequence[Clue], room: int, kept: int) -> tuple[str, str]:
    """Return what is told of the cause, and the clues that fit beside it, for which at least `kept` characters stay."""
    left = room - kept
    body = _show_tests(step, verdict.tests, left) if verdict.tests else _show_lines(step, verdict, left)
    return body, show_clues(clues, body, room - len(body) - 1)


def _title(step: FailedStep) -> str:
    title = shrink(" ".join(step.output.title.split()), 240)
    place = f"{step.place[0]}:{step.place[1]}: " if step.place else ""
    return f"{place}{title}" if title else ""


def _show_lines(step: FailedStep, verdict: Verdict, room: int) -> str:
    """Return the output's lines, those near the evidence first, and then the last ones."""
    lines = step.output.lines()
    evidence = {number for number in verdict.cause.evidence if number}
    ranked = list(_rank(collapse(lines), evidence, step.output.count))
    # What the runner and the builder say at the end has no number in the output.
    known = {line for _, line in lines}
    rank = _END if evidence else _NEXT_TO_CAUSE
    after = [line for line in dict.fromkeys([*step.errors, *_footer(step)]) if line not in known]
    ranked += [RankedLine(rank, number, line) for number, line in enumerate(after, step.output.count + 1)]
    return fit(ranked, room)


def _rank(lines: Sequence[NumberedLine], evidence: set[int], count: int) -> Iterator[RankedLine]:
    first, last = min(evidence, default=0), max(evidence, default=0)
    in_library = False
    for number, line in lines:
        distance = min((abs(number - other) for other in evidence), default=1_000)
        frame = read_frame(line.removeprefix("INTERNALERROR> "))
        if frame:
            in_library = not is_own(frame[0])
        elif line[:1] not in (" ", "I"):
            in_library = False
        between = first < number < last and (frame is not None or number - first < 30)
        if distance == 0:
            rank = _CAUSE
        elif is_progress(line) or not line.strip():
            rank = _CAPTURED if distance <= 2 else _NEVER
        elif distance <= 2:
            rank = _NEXT_TO_CAUSE
        elif in_library:
            rank = _FAR
        elif distance <= 8 or between:
            rank = _NEAR_CAUSE
        else:
            rank = _rank_by_end(count - number)
        yield RankedLine(rank, number, line)


def _rank_by_end(distance: int) -> int:
    return _END if distance < 12 else _NEAR_END if distance < 40 else _FAR


def _footer(step: FailedStep) -> Iterator[str]:
    """Yield BuildKit's account of the failure without what it has said before."""
    short = step.output.count < 4
    for line in step.footer:
        known = step.output.failure and step.output.failure in line
        if not known and (short or line.startswith(("ERROR", "failed"))) and not line.startswith((" > ", "-----")):
            yield line


def _show_tests(step: FailedStep, groups: Sequence[Sequence[TestFailure]], room: int) -> str:
    """Return one account for each cause, and which other tests it failed."""
    report = step.output.report
    ending = shrink(report.ending) if report else ""
    room -= len(ending) + 2
    shown = groups[:_GROUPS]
    others = _name_others([test for group in groups[_GROUPS:] for test in group], report.left_out if report else 0)
    room -= len(others) + 1
    accounts = []
    for number, group in enumerate(shown):
        left = len(shown) - number
        # What the first ones do not need is left for the others, and half of what there is is for them.
        share = max(260, room // left if left > 3 else room * 2 // (left + 1))
        account = _account(group, share)
        accounts.append(account)
        room -= len(account) + 1
        if room < 150:
            break
    return "\n".join(text for text in (*accounts, others, ending) if text)


def _name_others(tests: Sequence[TestFailure], left_out: int) -> str:
    """Return the tests that are not shown, and how many are not even named."""
    if not tests and not left_out:
        return ""
    lines = [shrink(f"{test.name}: {test.error}", 200) for test in tests[:_NAMES]]
    unnamed = len(tests) - len(lines) + left_out
    return "\n".join(["Also failed:", *lines, *([f"… and {unnamed} more"] if unnamed else [])])


def _account(group: Sequence[TestFailure], room: int) -> str:
    """Return what the first test of a group died of, and the names of the others."""
    first = group[0]
    others = [test.name for test in group[1:] if test.name != first.name]
    same = ""
    if others:
        names = ", ".join(others[:_NAMES]) + (f" and {len(others) - _NAMES} more" if len(others) > _NAMES else "")
        same = shrink(f"The same cause in {len(others)} more: {names}", max(120, room // 4))
    title = f"___ {first.section.title if first.section else first.name} ___"
    room -= len(title) + len(same) + 2
    body = fit(_rank_section(first.section), room) if first.section else shrink(first.error)
    return "\n".join(part for part in (title, body, same) if part)


def _rank_section(section: TestSection) -> list[RankedLine]:
    ranked: list[RankedLine] = []
    errors = 0
    own = False
    lines = collapse(section.account.lines())
    changes = [number for number, line in lines if is_change(line)][:_CHANGES]
    for number, line in lines:
        if line[:2] in ("E ", "E"):
            errors += 1
            distance = min((abs(number - change) for change in changes), default=1_000)
            if errors <= 6 or distance == 0:
                rank = _CAUSE
            elif distance <= 3:
                rank = _NEXT_TO_CAUSE
            else:
                rank = _NEAR_CAUSE if errors <= 30 else _FAR
        elif frame := read_frame(line):
            own = is_own(frame[0])
            rank = _NEXT_TO_CAUSE if own else _NEAR_END
        elif line.startswith((">", "The above exception", "During handling", "…")):
            rank = _NEXT_TO_CAUSE
        else:
            rank = _NEAR_CAUSE if own else _FAR
        ranked.append(RankedLine(rank, number, line))
    for number, line in collapse(section.captured.lines()):
        rank = _NEVER if not line.strip() else _NEAR_CAUSE if is_suspicious(line) else _CAPTURED
        ranked.append(RankedLine(rank, section.account.count + number, line))
    return ranked


def fit(lines: Sequence[RankedLine], room: int) -> str:
    """Return lines in the order of their numbers, as many as there is room for, those of a low rank first."""
    chosen: list[NumberedLine] = []
    filled = room - _FILLED
    for rank, number, line in sorted(lines, key=_priority):
        if rank >= _NEVER or (rank >= _NEAR_END and room < filled):
            continue
        text = shrink(line, 700 if rank <= _NEXT_TO_CAUSE else 300)
        # Each line may need a sign for a gap before it.
        if len(text) + 3 > room:
            if rank > _CAUSE:
                continue
            text = text[: max(0, room - 3)]
        chosen.append((number, text))
        room -= len(text) + 3
    return "\n".join(_with_gaps(sorted(chosen)))


def _priority(line: RankedLine) -> tuple[int, int]:
    """Return what lines are sorted by: of those far from the cause the last ones come first."""
    from_end = line.rank in (_END, _NEAR_END, _FAR)
    return line.rank, -line.number if from_end else line.number


def _with_gaps(lines: Sequence[NumberedLine]) -> list[str]:
    """Return the texts of lines with a sign where some are left out, and without empty lines in a row."""
    texts: list[str] = []
    before = None
    for number, text in lines:
        gap = before is not None and number > before + 1
        if gap and texts and texts[-1] != "…" and not _REPEATED.match(texts[-1]):
            texts.append("…")
        if text or (texts and texts[-1]):
            texts.append(text)
        before = number
    return texts
