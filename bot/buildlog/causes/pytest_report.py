"""pytest's report: what each failed test died of, and which of them died of the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.buildlog.causes.tracebacks import chains, frame_of, own_place, short_name
from bot.buildlog.output import Block, Report

_OUTCOME = re.compile(r"^(FAILED|ERROR) (\S+\.py)?(?:::)?(.*?)(?: - (.*))?$")
_TITLED = re.compile(r"^(?:ERROR (?:at (?:setup|teardown) of|collecting) )?(.*)$")
_LINE = re.compile(r"^(\S+\.py):(\d+): (.+)$")
_E = re.compile(r"^E(?:$| +)")
_FIXTURE = re.compile(r"^(?:fixture|recursive dependency involving fixture) '.*'.*")


@dataclass
class TestFailure:
    """One test that failed, or a file that could not be collected.

    Attributes:
        name: as in its title, e.g. "test_upper[a]"; kind is "", "setup", "teardown" or "collecting".
        error: the first exception of the chain in one line, e.g. "AssertionError: assert 'a' == 'A'".
        details: the error's further lines, such as a diff.
        raised: all exceptions of the chain, in order.
    """

    __test__ = False

    name: str
    kind: str = ""
    error: str = ""
    details: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    file: str = ""
    line: int | None = None
    block: Block | None = None


def read_report(report: Report) -> list[TestFailure]:
    """Return the failures of a report, in its order; those without a block from the summary."""
    found = [_of_block(block) for block in report.blocks]
    named = [one for one in found if one.name]
    if named:
        _complete(named, report.summary)
        return named
    known = [one for line in report.summary if (one := _of_summary(line)) is not None]
    return known or _of_short_lines(report) or [one for one in found if one.error]


def _of_short_lines(report: Report) -> list[TestFailure]:
    """Return what `--tb=line` tells: a line a failure."""
    found = []
    for block in report.blocks:
        for _, line in block.told.lines():
            if match := _LINE.match(line):
                file, number = own_place([(match[1], int(match[2]))])
                error = short_name(match[3]) or match[3]
                found.append(TestFailure(name="", error=error, raised=[error], file=file, line=number))
    return found


def _of_block(block: Block) -> TestFailure:
    kind = ""
    for word, prefix in (
        ("setup", "ERROR at setup of"),
        ("teardown", "ERROR at teardown of"),
        ("collecting", "ERROR coll"),
    ):
        if block.title.startswith(prefix):
            kind = word
    title = _TITLED.match(block.title)
    one = TestFailure(name=title[1] if title else block.title, kind=kind, block=block)
    lines = block.told.lines()
    frames: list[tuple[str, int]] = []
    groups: list[tuple[list[str], list[tuple[str, int]]]] = []
    before = ""
    for _, line in lines:
        if _E.match(line):
            if not before.startswith("E"):
                groups.append(([], frames))
                frames = []
            groups[-1][0].append(line[1:])
            if (place := frame_of(line[1:])) and "File" in line:
                groups[-1][1].append(place)
        elif place := frame_of(line):
            # With --tb=long the place follows the error.
            (groups[-1][1] if groups and not frames and before == "" else frames).append(place)
        before = line
    if not groups:
        found = chains(lines)
        if found:
            one.raised = [raised.text for raised in found[-1]]
            one.error = one.raised[0]
            one.file, one.line = own_place(found[-1][0].frames)
        else:
            said = [line.strip() for _, line in lines if line.strip()]
            last = "" if not said else said[0] if kind == "collecting" else said[-1]
            one.error = short_name(last) or last
            one.file, one.line = own_place([place for _, line in lines if (place := frame_of(line))])
        return one
    errors = [_error(group) for group, _ in groups]
    one.raised = [error for error, _ in errors if error]
    one.error, one.details = next(((error, more) for error, more in errors if error), ("", []))
    number = next((number for number, (error, _) in enumerate(errors) if error), 0)
    one.file, one.line = own_place(groups[number][1])
    if not one.file:
        one.file, one.line = own_place([place for _, places in groups for place in places])
    return one


def _error(group: Sequence[str]) -> tuple[str, list[str]]:
    """Return the exception of some E lines, and the lines after it."""
    indents = [len(line) - len(line.lstrip()) for line in group if line.strip()]
    least = min(indents, default=0)
    texts = [line[least:] if line.strip() else "" for line in group]
    for number, text in enumerate(texts):
        if text.startswith(" ") or not text:
            continue
        told = short_name(text) or (text if text.startswith(("assert ", "Failed: ")) or _FIXTURE.match(text) else "")
        if told:
            if re.fullmatch(r"\w+:?", told) and number + 1 < len(texts) and texts[number + 1].strip():
                told = f"{told.rstrip(':')}: {texts[number + 1].strip()}"
            return told, [line for line in texts[number + 1 :] if line.strip()]
    first = next((text.strip() for text in texts if text.strip()), "")
    return first, [text for text in texts if text.strip()][1:]


def _of_summary(line: str) -> TestFailure | None:
    match = _OUTCOME.match(line)
    if match is None:
        return None
    error = match[4] or ""
    name = match[3] or match[2] or ""
    kind = "collecting" if match[1] == "ERROR" and not match[3] else "setup" if match[1] == "ERROR" else ""
    return TestFailure(name=name, kind=kind, error=short_name(error) or error, raised=[error], file=match[2] or "")


def _complete(found: Sequence[TestFailure], summary: Sequence[str]) -> None:
    """Take from the summary what a block does not say."""
    told = {one.name: one for line in summary if (one := _of_summary(line)) is not None}
    for one in found:
        other = told.get(one.name) or told.get(one.name.replace(".", "::"))
        if other is not None:
            if not _telling(one.error):
                one.error = other.error or one.error
            one.file = one.file or other.file


def _telling(error: str) -> bool:
    return error.startswith(("assert ", "Failed: ", "fixture ")) or short_name(error) != ""


def by_cause(found: Sequence[TestFailure]) -> list[list[TestFailure]]:
    """Return the failures in groups of the same cause, the first of each group as they came."""
    groups: dict[tuple[str, ...], list[TestFailure]] = {}
    for one in found:
        groups.setdefault(_key(one), []).append(one)
    return list(groups.values())


def _key(one: TestFailure) -> tuple[str, ...]:
    # The same exception at the same line is one cause, whatever the values; an assertion of a test is its own.
    name = one.error.partition(":")[0].strip()
    if one.error.startswith("assert ") or name in ("AssertionError", "Failed"):
        same = one.name.partition("[")[0] if "[" in one.name else ""
        return ("assert", same, one.file, str(one.line), "" if same else one.error)
    if one.kind == "collecting" or not one.file:
        return (one.error,)
    return (name, one.file, str(one.line))
