"""The lines of a job's log in one form, whoever wrote it: no stamps, no colours, nothing a carriage return overwrote.

Understood are GitHub's job logs, what `gh run view --log` prints of them, act's text and act's JSON, and plain output
of builders. Where act or `gh` tell of steps, lines of our own take the place of theirs: `STEP` and a step's name where
it begins, `FAILED` where it has failed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

STEP = "\0step "
FAILED = "\0failed"

LINE_LIMIT = 2_000
_HEAD, _TAIL = 1_300, 600

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
    """Yield the lines of a log, each at most about LINE_LIMIT characters: of a longer one its beginning and its end."""
    step = ""
    for raw in lines:
        line = raw
        # GitHub's stamp has seven decimals: 2026-01-31T12:00:00.1234567Z
        if line[27:29] in _ZULU and line[10:11] == "T":
            line = line[29:]
        elif line[:1] in _OTHERS or "\t20" in line or "\t\ufeff20" in line:
            line = line.lstrip("\ufeff")
            if line[:1] == "[" and (at := line.find("]   | ")) > 0:
                line = line[at + 6 :]
            elif line[:1] == "[" and (told := _ACT.match(line.rstrip("\r\n"))):
                yield _said_by_act(told[1])
                continue
            elif line[:1] == "{" and (event := _event(line)) is not None:
                yield from _of_event(event)
                continue
            elif "\t" in line and (told := _GH.match(line)):
                if told["step"] not in ("", "UNKNOWN STEP", step):
                    step = told["step"]
                    yield STEP + step
                line = told["text"]
            elif stamp := _STAMP.match(line):
                line = line[stamp.end() :]
        if line.isprintable():
            yield line if len(line) <= LINE_LIMIT else cut(line, LINE_LIMIT)
        else:
            yield clean(line)


def clean(line: str) -> str:
    """Return a line without stamp, colours, control characters and what a carriage return overwrote; a long one cut."""
    line = line.rstrip("\r\n")
    if "\r" in line:
        line = line.rpartition("\r")[2]
    if len(line) > 2 * LINE_LIMIT:
        line = cut(line, 2 * LINE_LIMIT)
    if "\x1b" in line:
        line = _COLOUR.sub("", line)
    if line.isprintable():
        return line if len(line) <= LINE_LIMIT else cut(line, LINE_LIMIT)
    if "\x1b" in line:
        line = _ANSI.sub("", line)
    if not line.isprintable():
        line = _CONTROL.sub("", line.expandtabs(4)).rstrip()
    if line[:1] == "2" and (stamp := _STAMP.match(line)):
        line = line[stamp.end() :]
    return line if len(line) <= LINE_LIMIT else cut(line, LINE_LIMIT)


def cut(line: str, limit: int) -> str:
    """Shorten a line from its middle, where it is longer than `limit` characters."""
    if len(line) <= limit:
        return line
    head, tail = limit * _HEAD // LINE_LIMIT, limit * _TAIL // LINE_LIMIT
    return f"{line[:head]} … ({len(line) - head - tail:,} characters) … {line[-tail:]}"


def _event(line: str) -> dict[str, object] | None:
    """Return one of act's events, or None for a line that only looks like one."""
    if '"msg"' not in line:
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "msg" in event and "level" in event else None


def _of_event(event: dict[str, object]) -> Iterator[str]:
    text = str(event["msg"])
    if event.get("raw_output"):
        yield from (clean(line) for line in text.removesuffix("\n").split("\n"))
    elif event.get("command") == "error":
        yield clean(f"##[error]{event.get('arg', '')}")
    elif event.get("stepResult") == "failure":
        yield f"{FAILED} {event.get('step', '')}"
    elif event.get("jobID") or event.get("level") in {"error", "fatal"}:
        yield _said_by_act(text.strip())


def _said_by_act(text: str) -> str:
    """Return act's word on a step as the line that says the same here, or ""."""
    text = clean(text)
    if begun := _ACT_STEP.search(text):
        return STEP + begun[1].strip()
    if ended := _ACT_END.search(text):
        return f"{FAILED} {ended[1]}"
    if command := _ACT_COMMAND.search(text):
        return f"##[{command[1]}]{command[2].strip()}"
    if code := re.fullmatch(r"(?:exit status|exitcode) '?(\d+)'?(?:: failure)?", text):
        return f"##[error]Process completed with exit code {code[1]}."
    return f"Error: {text}" if text.startswith(("Error response", "failed to", "Cannot connect")) else ""
