"""What of a failed job's log is shown: the cause with its neighbours first, then of the rest what there is room for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.buildlog.builders import Death
from bot.buildlog.causes.judge import Verdict
from bot.buildlog.causes.pytest_report import TestFailure
from bot.buildlog.causes.tracebacks import frame_of, is_own
from bot.buildlog.output import Block
from bot.buildlog.shrink import Numbered, collapse, is_progress, shrink

LIMIT = 6_000

FILLED = 3_000
"""Once so much is shown, what is far from the cause is left out."""

_GROUPS = 8
_NAMES = 15


def excerpt_of(death: Death, verdict: Verdict) -> str:
    """Return what is to be seen of a death, at most LIMIT characters."""
    head = _head(death)
    room = LIMIT - len(head) - 1
    told = _of_tests(death, verdict.tests, room) if verdict.tests else _of_lines(death, verdict, room)
    return f"{head}\n{told}".strip()[:LIMIT]


def _head(death: Death) -> str:
    title = shrink(" ".join(death.part.title.split()), 240)
    place = f"{death.place[0]}:{death.place[1]}: " if death.place else ""
    return f"{place}{title}" if title else ""


def _of_lines(death: Death, verdict: Verdict, room: int) -> str:
    lines = death.part.lines()
    told = {number for number in verdict.cause.lines if number}
    first, last = min(told, default=0), max(told, default=0)
    end = death.part.count
    ranked: list[tuple[int, int, str]] = []
    library = False
    for number, line in collapse(lines):
        near = min((abs(number - one) for one in told), default=1_000)
        if place := frame_of(line.removeprefix("INTERNALERROR> ")):
            library = not is_own(place[0])
        elif line[:1] not in (" ", "I"):
            library = False
        if number in told:
            rank = 0
        elif is_progress(line) or not line.strip():
            rank = 6 if near <= 2 else 8
        elif near <= 2:
            rank = 1
        elif library:
            rank = 5
        elif near <= 8 or (first < number < last and (place or number - first < 30)):
            rank = 2
        elif end - number < 12:
            rank = 3
        else:
            rank = 4 if end - number < 40 else 5
        ranked.append((rank, number, line))
    # What a step of the runner and the builder's last words say has no number among the part's lines.
    after = [
        line for line in dict.fromkeys([*death.errors, *_footer(death)]) if not any(line == one for _, one in lines)
    ]
    ranked += [(1 if not told else 3, end + 1 + number, line) for number, line in enumerate(after)]
    return fit(ranked, room)


def _footer(death: Death) -> Iterable[str]:
    """Return BuildKit's last words without what it has said before."""
    few = death.part.count < 4
    for line in death.footer:
        known = death.part.died and death.part.died in line
        if not known and (few or line.startswith(("ERROR", "failed"))) and not line.startswith((" > ", "-----")):
            yield line


def _of_tests(death: Death, groups: Sequence[Sequence[TestFailure]], room: int) -> str:
    """Return one account a cause, and whom else it failed."""
    ending = death.part.report.ending if death.part.report else ""
    closing = shrink(ending)
    room -= len(closing) + 2
    shown = groups[:_GROUPS]
    more = [one for group in groups[_GROUPS:] for one in group]
    rest = _left_out(more, death)
    room -= len(rest) + 1
    told = []
    for number, group in enumerate(shown):
        left = len(shown) - number
        # What the first ones do not need is left for the others, and half of what there is is for them.
        share = max(260, room // left if left > 3 else room * 2 // (left + 1))
        text = _account(group, share)
        told.append(text)
        room -= len(text) + 1
        if room < 150:
            break
    return "\n".join([*told, *([rest] if rest else []), *([closing] if closing else [])])


def _left_out(more: Sequence[TestFailure], death: Death) -> str:
    count = death.part.report.left_out if death.part.report else 0
    if not more and not count:
        return ""
    lines = [shrink(f"{one.name}: {one.error}", 200) for one in more[:_NAMES]]
    others = len(more) - len(lines) + count
    return "\n".join(["Also failed:", *lines, *([f"… and {others} more"] if others else [])])


def _account(group: Sequence[TestFailure], room: int) -> str:
    first = group[0]
    others = [one.name for one in group[1:] if one.name != first.name]
    same = ""
    if others:
        names = ", ".join(others[:_NAMES]) + (f" and {len(others) - _NAMES} more" if len(others) > _NAMES else "")
        same = shrink(f"The same cause in {len(others)} more: {names}", max(120, room // 4))
    title = f"___ {first.block.title if first.block else first.name} ___"
    body = _of_block(first.block, room - len(title) - len(same) - 2) if first.block else shrink(first.error)
    return "\n".join(part for part in (title, body, same) if part)


def _of_block(block: Block, room: int) -> str:
    ranked: list[tuple[int, int, str]] = []
    errors = 0
    own = False
    for number, line in collapse(block.told.lines()):
        if line[:2] in ("E ", "E"):
            errors += 1
            rank = 0 if errors <= 6 else 2 if errors <= 30 else 5
        elif place := frame_of(line):
            own = is_own(place[0])
            rank = 1 if own else 4
        elif line.startswith((">", "The above exception", "During handling", "…")):
            rank = 1
        else:
            rank = 2 if own else 5
        ranked.append((rank, number, line))
    printed = collapse(block.printed.lines())
    ranked += [(6 if line.strip() else 8, block.told.count + number, line) for number, line in printed]
    return fit(ranked, room)


def fit(ranked: Sequence[tuple[int, int, str]], room: int) -> str:
    """Return lines in order, as many as there is room for, those of a low rank first.

    Args:
        ranked: rank, number and text of each line.
    """
    chosen: list[Numbered] = []
    filler = room - FILLED
    for rank, number, line in sorted(ranked, key=lambda one: (one[0], -one[1] if one[0] in (3, 4, 5) else one[1])):
        if rank >= 8 or (rank >= 4 and room < filler):
            continue
        text = shrink(line, 700 if rank <= 1 else 300)
        if len(text) + 3 > room:
            if rank > 0:
                continue
            text = text[: max(0, room - 3)]
        chosen.append((number, text))
        room -= len(text) + 3
    told: list[str] = []
    before = None
    for number, text in sorted(chosen):
        if before is not None and number > before + 1 and told[-1] != "…" and not re.match(r"^… \(th", told[-1]):
            told.append("…")
        if text or (told and told[-1]):
            told.append(text)
        before = number
    return "\n".join(told)
