"""The lines of a job's log in one form, whoever wrote it.

Stamps, colours and what a carriage return overwrote are removed, and a long line loses its middle. The log may be
GitHub's, that of `gh run view --log`, act's text, act's JSON, or the plain output of a builder. Where act or `gh` tell
of steps, a line of ours replaces theirs: `STEP` and a step's name where it begins, `FAILED` where it has failed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

STEP = "\0step "
FAILED = "\0failed"
"""No line of a log begins like these: control characters are removed."""

NumberedLine = tuple[int, str]
"""A line of some output, with its number in it from 1."""
NumberedLines = Sequence[NumberedLine]

LINE_LIMIT = 2_000
"""Characters a line may have."""
_HEAD, _TAIL = 1_300, 600
"""How many of them are left of a longer line's beginning and end; the rest is for the note between them."""

_ZULU = frozenset(("Z ", "Z"))
_OTHERS = frozenset("[{2\ufeff")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u2028\u2029\ufeff]")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ?")
_ACT = re.compile(r"\[[^\]/]+/[^\]]+\]\s*(?!\s)(.*)")
_ACT_STEP = re.compile(r"⭐\s+Run (?:(?:Main|Pre|Post) )?(.+)")
_ACT_END = re.compile(r"❌\s+Failure - (?:(?:Main|Pre|Post) )?(.+?)(?: \[[\w.µ]+\])?$")
_ACT_COMMAND = re.compile(r"(?:❗|🚧|❓|⚠\ufe0f?|💬)\s+::(error|warning)[^:]*::(.*)")
_GH = re.compile(r"[^\t]*\t(?P<step>[^\t]*)\t\ufeff?(?:\d{4}-\d\d-\d\dT[\d:.]+Z ?)?(?P<text>.*)", re.DOTALL)


def plain_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a log in one form, each at most about LINE_LIMIT characters; see the module's docstring."""
    step = ""
    for raw in lines:
        line = raw
        # GitHub's stamp has seven decimals: 2026-01-31T12:00:00.1234567Z
        if line[27:29] in _ZULU and line[10:11] == "T":
            line = line[29:]
        elif line[:1] in _OTHERS or "\t20" in line or "\t\ufeff20" in line:
            line = line.lstrip("\ufeff")
            if (of_act := _act_lines(line)) is not None:
                yield from of_act
                continue
            if "\t" in line and (match := _GH.match(line)):
                if match["step"] not in ("", "UNKNOWN STEP", step):
                    step = match["step"]
                    yield STEP + step
                line = match["text"]
            elif stamp := _STAMP.match(line):
                line = line[stamp.end() :]
        # Most lines end here: this is the fast way through `clean`.
        if line.isprintable():
            yield line if len(line) <= LINE_LIMIT else without_middle(line, LINE_LIMIT)
        else:
            yield clean(line)


def clean(line: str) -> str:
    """Return a line without stamp, colours, control characters and what a carriage return overwrote."""
    line = line.rstrip("\r\n")
    if "\r" in line:
        line = line.rpartition("\r")[2]
    if len(line) > 2 * LINE_LIMIT:
        line = without_middle(line, 2 * LINE_LIMIT)
    if "\x1b" in line:
        line = _COLOUR.sub("", line)
    if line.isprintable():
        return line if len(line) <= LINE_LIMIT else without_middle(line, LINE_LIMIT)
    if "\x1b" in line:
        line = _ANSI.sub("", line)
    if not line.isprintable():
        line = _CONTROL.sub("", line.expandtabs(4)).rstrip()
    if line[:1] == "2" and (stamp := _STAMP.match(line)):
        line = line[stamp.end() :]
    return line if len(line) <= LINE_LIMIT else without_middle(line, LINE_LIMIT)


def without_middle(line: str, limit: int) -> str:
    """Return a line of more than `limit` characters without its middle, and how many characters that had."""
    if len(line) <= limit:
        return line
    head, tail = limit * _HEAD // LINE_LIMIT, limit * _TAIL // LINE_LIMIT
    return f"{line[:head]} … ({len(line) - head - tail:,} characters) … {line[-tail:]}"


def _act_lines(line: str) -> Iterable[str] | None:
    """Return what a line of act's, text or JSON, says here, or None for a line that act did not write."""
    if line[:1] == "[":
        if (at := line.find("]   | ")) > 0:
            return (clean(line[at + 6 :]),)
        if match := _ACT.match(line.rstrip("\r\n")):
            return (_act_message(match[1]),)
    elif line[:1] == "{" and (event := _act_event(line)) is not None:
        return _event_lines(event)
    return None


def _act_event(line: str) -> dict[str, object] | None:
    """Return the event that a line of act's JSON is, or None for a line that only looks like one."""
    if '"msg"' not in line:
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "msg" in event and "level" in event else None


def _event_lines(event: dict[str, object]) -> Iterator[str]:
    """Yield what an event says here, if anything."""
    text = str(event["msg"])
    if event.get("raw_output"):
        yield from (clean(line) for line in text.removesuffix("\n").split("\n"))
    elif event.get("command") == "error":
        yield clean(f"##[error]{event.get('arg', '')}")
    elif event.get("stepResult") == "failure":
        yield f"{FAILED} {event.get('step', '')}"
    elif event.get("jobID") or event.get("level") in {"error", "fatal"}:
        yield _act_message(text.strip())


def _act_message(text: str) -> str:
    """Return what act says of a step as the line that says the same here, or ""."""
    text = clean(text)
    if begin := _ACT_STEP.search(text):
        return STEP + begin[1].strip()
    if end := _ACT_END.search(text):
        return f"{FAILED} {end[1]}"
    if command := _ACT_COMMAND.search(text):
        return f"##[{command[1]}]{command[2].strip()}"
    if code := re.fullmatch(r"(?:exit status|exitcode) '?(\d+)'?(?:: failure)?", text):
        return f"##[error]Process completed with exit code {code[1]}."
    return f"Error: {text}" if text.startswith(("Error response", "failed to", "Cannot connect")) else ""
