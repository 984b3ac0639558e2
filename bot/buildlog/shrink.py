"""Lines made shorter without losing what they say: long values, decoration, and what repeats."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.buildlog.lines import NumberedLine, without_middle

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[a-z])[A-Za-z0-9+/_-]{100,}={0,2}")
_HEX = re.compile(r"\b[0-9a-f]{72,}\b")
_BYTES = re.compile(r"(?:\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\[nrt0]){24,}")
_RUN = re.compile(r"(.)\1{79,}")
_WORDS = re.compile(r"(.{2,40}?)\1{19,}")
_RULE = re.compile(r"^([=_!~-])\1{3,} (.*?) \1{4,}$")
_DIGITS = re.compile(r"0x[0-9a-fA-F]+|\d+")
_PROGRESS = re.compile(
    r"^\s*(?:━+|[#=>.\s]*\d{1,3}(?:\.\d)?%|\d+(?:\.\d+)?/\d+(?:\.\d+)? [kMG]?B|Downloading .*\d%|"
    r"Get:\d+ |Ign:\d+ |Hit:\d+ |"
    r"Selecting previously |Preparing to unpack |Unpacking |Setting up |Processing triggers |\(Reading database|"
    r"debconf: |Downloading \S+|Using cached \S+|Collecting \S+|"
    r"Requirement already satisfied|Obtaining dependency information|\[notice\]|npm notice|[a-f0-9]{12}: [A-Z]|"
    r"copying |creating |adding |running |byte-compiling |"
    r"Created wheel|Stored in directory|Installing build dependencies|Getting requirements|Preparing metadata)"
)


def shrink(line: str, limit: int = 700) -> str:
    """Return a line, at most `limit` characters, with long values shortened to their beginning, kind and length."""
    if len(line) >= 60:
        if rule := _RULE.match(line):
            return f"{rule[1] * 3} {rule[2]} {rule[1] * 3}"
        if len(line) >= 72:
            line = _BASE64.sub(_shortened("base64"), line)
            line = _HEX.sub(_shortened("hex"), line)
            line = _BYTES.sub(_shortened("bytes"), line)
        line = _RUN.sub(lambda run: f"{run[1] * 8}…({len(run[0]):,} times {run[1]!r})", line)
        if len(line) > 200:
            line = _WORDS.sub(lambda run: f"{run[1] * 2}…({len(run[0]):,} characters of {run[1]!r})", line)
    return without_middle(line, limit)


def _shortened(kind: str) -> Callable[[re.Match[str]], str]:
    return lambda value: f"{value[0][:24]}…({len(value[0]):,} characters of {kind})"


def is_progress(line: str) -> bool:
    """Return whether a line only reports the progress of something that goes well."""
    return _PROGRESS.match(line) is not None


def shape(line: str) -> str:
    """Return a line without its numbers."""
    return _DIGITS.sub("0", line)


def collapse(lines: Sequence[NumberedLine]) -> list[NumberedLine]:
    """Replace runs of like lines, and of like groups of up to eight lines, by the first and how often it came.

    Lines are alike where only their numbers differ; of pytest's `E` lines all has to be the same.
    """
    collapsed: list[NumberedLine] = []
    shapes = [line if line.startswith("E ") else shape(line) for _, line in lines]
    at = 0
    while at < len(lines):
        period, times = _repeats(shapes, at)
        collapsed += lines[at : at + period]
        if times > 1:
            number, last = lines[at + period][0], lines[at + period * times - 1][0]
            repeated = "this line" if period == 1 else f"these {period} lines"
            span = last - lines[at][0] + 1
            # Of a long run not every line is there any more.
            count = f"{times} times" if span == period * times else f"over {span:,} lines"
            collapsed.append((number, f"… ({repeated}, or with other numbers, {count})"))
        at += period * times
    return collapsed


def _repeats(shapes: Sequence[str], at: int) -> tuple[int, int]:
    """Return the length of the group that repeats from `at` on, and how often it is there."""
    for period in range(1, 9):
        times = 1
        group = shapes[at : at + period]
        if len(group) < period or (period > 1 and shapes[at + period : at + period + 1] != group[:1]):
            continue
        while shapes[at + times * period : at + (times + 1) * period] == group:
            times += 1
        if times >= (4 if period == 1 else 3) and any(text.strip() for text in group):
            return period, times
    return 1, 1
