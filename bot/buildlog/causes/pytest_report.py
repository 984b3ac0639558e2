"""pytest's report: what each failed test died of, and which of them died of the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.buildlog.causes.message import goes_on, whole_message
from bot.buildlog.causes.tracebacks import Frame, find_place, read_chains, read_frame, short_name
from bot.buildlog.facts import Facts
from bot.buildlog.lines import NumberedLines
from bot.buildlog.output import PytestReport, TestSection

_OUTCOME = re.compile(r"^(FAILED|ERROR) (\S+\.py)?(?:::)?(.*?)(?: - (.*))?$")
_TITLED = re.compile(r"^(?:ERROR (?:at (?:setup|teardown) of|collecting) )?(.*)$")
_LINE = re.compile(r"^(\S+\.py):(\d+): (.+)$")
_E = re.compile(r"^E(?:$| +)")
_EXCEPTION = re.compile(r"[A-Za-z_]\w*(?:: |$)")
_FIXTURE = re.compile(r"^(?:fixture|recursive dependency involving fixture) '.*'.*")
_KINDS = {"ERROR at setup of": "setup", "ERROR at teardown of": "teardown", "ERROR coll": "collecting"}


@dataclass
class TestFailure:
    """One test that failed, or a file that could not be collected.

    Attributes:
        name: as in its title, e.g. "test_upper[a]".
        kind: what failed: "" (the test itself), "setup", "teardown" or "collecting".
        error: the first exception of the chain in one line, e.g. "AssertionError: assert 'a' == 'A'".
        continued: the error's first line says nothing without the ones after it, which `error` holds as well.
        details: the error's further lines, such as a diff.
        raised: all exceptions of the chain, in order.
        file, line: where in the service's own files; "" and None where the report does not say.
    """

    __test__ = False

    name: str
    kind: str = ""
    error: str = ""
    continued: bool = False
    details: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    file: str = ""
    line: int | None = None
    section: TestSection | None = None


def read_report(report: PytestReport) -> list[TestFailure]:
    """Return the failures of a report, in its order; those without a section from the summary."""
    failures = [_read_section(section) for section in report.sections]
    named = [failure for failure in failures if failure.name]
    summary = [failure for line in report.summary if (failure := _read_summary_line(line)) is not None]
    if named:
        _complete(named, summary)
        return named
    return summary or _read_short_lines(report) or [failure for failure in failures if failure.error]


def as_stated(failures: Sequence[TestFailure], facts: Facts) -> list[TestFailure]:
    """Return the failures that the build states, each as pytest's report tells it, or else as it is stated.

    What else a report tells was not written by pytest.
    """
    told = {failure.name: failure for failure in failures}
    stated = [(test, told.get(test.name.replace("::", "."))) for test in facts.failed]
    return [
        failure or TestFailure(test.name, error=test.error, raised=[test.error], file=test.file, line=test.line)
        for test, failure in stated
    ]


def _read_short_lines(report: PytestReport) -> list[TestFailure]:
    """Return the failures of a report with one line for each (`--tb=line`)."""
    failures = []
    for section in report.sections:
        for _, line in section.account.lines():
            if match := _LINE.match(line):
                file, number = find_place([(match[1], int(match[2]))])
                error = short_name(match[3]) or match[3]
                failures.append(TestFailure(name="", error=error, raised=[error], file=file, line=number))
    return failures


def _read_section(section: TestSection) -> TestFailure:
    title = _TITLED.match(section.title)
    kind = next((kind for beginning, kind in _KINDS.items() if section.title.startswith(beginning)), "")
    failure = TestFailure(name=title[1] if title else section.title, kind=kind, section=section)
    lines = section.account.lines()
    accounts = _read_accounts(lines)
    if accounts:
        _fill_from_accounts(failure, accounts)
    else:
        _fill_from_lines(failure, lines)
    return failure


class _Error(NamedTuple):
    """An exception in one line, the lines after its first one, and whether the first one says nothing alone."""

    text: str = ""
    details: Sequence[str] = ()
    continued: bool = False


class _Account(NamedTuple):
    """pytest's account of one exception: the texts of its `E` lines, and the frames it passed through."""

    texts: list[str]
    frames: list[Frame]


def _read_accounts(lines: NumberedLines) -> list[_Account]:
    """Return pytest's account of each exception of a chain, in order."""
    accounts: list[_Account] = []
    frames: list[Frame] = []
    before = ""
    for _, line in lines:
        frame = read_frame(line)
        if _E.match(line):
            if not before.startswith("E"):
                accounts.append(_Account([], frames))
                frames = []
            accounts[-1].texts.append(line[1:])
            # A syntax error has its place in its own text.
            if "File" in line and (frame := read_frame(line[1:])):
                accounts[-1].frames.append(frame)
        elif frame and accounts and not frames and before == "":
            # With --tb=long the place follows the error.
            accounts[-1].frames.append(frame)
        elif frame:
            frames.append(frame)
        before = line
    return accounts


def _fill_from_accounts(failure: TestFailure, accounts: Sequence[_Account]) -> None:
    errors = [_read_error(account.texts) for account in accounts]
    failure.raised = [error.text for error in errors if error.text]
    first = next((number for number, error in enumerate(errors) if error.text), None)
    if first is not None:
        failure.error, failure.continued = errors[first].text, errors[first].continued
        failure.details = list(errors[first].details)
    failure.file, failure.line = find_place(accounts[first or 0].frames)
    if not failure.file:
        failure.file, failure.line = find_place([frame for account in accounts for frame in account.frames])


def _fill_from_lines(failure: TestFailure, lines: NumberedLines) -> None:
    """Read a section without `E` lines: it holds Python's own traceback, or a few words."""
    chains = read_chains(lines)
    if chains:
        failure.raised = [raised.text for raised in chains[-1]]
        failure.error = failure.raised[0]
        failure.file, failure.line = find_place(chains[-1][0].frames)
        return
    texts = [line.strip() for _, line in lines if line.strip()]
    text = "" if not texts else texts[0] if failure.kind == "collecting" else texts[-1]
    failure.error = short_name(text) or text
    failure.file, failure.line = find_place([frame for _, line in lines if (frame := read_frame(line))])


def _read_error(lines: Sequence[str]) -> _Error:
    """Return the exception in the texts of some `E` lines."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    least = min(indents, default=0)
    texts = [line[least:] if line.strip() else "" for line in lines]
    for number, text in enumerate(texts):
        if text.startswith(" ") or not text:
            continue
        error = short_name(text) or (text if _is_telling(text) else "")
        if error:
            after = texts[number + 1 :]
            return _Error(whole_message(error, after), [line for line in after if line.strip()], goes_on(error))
    filled = [text for text in texts if text.strip()]
    return _Error(filled[0].strip(), filled[1:]) if filled else _Error()


def _read_summary_line(line: str) -> TestFailure | None:
    match = _OUTCOME.match(line)
    if match is None:
        return None
    outcome, file, test, reason = match.groups(default="")
    kind = "" if outcome == "FAILED" else "setup" if test else "collecting"
    return TestFailure(name=test or file, kind=kind, error=short_name(reason) or reason, raised=[reason], file=file)


def _complete(failures: Sequence[TestFailure], summary: Sequence[TestFailure]) -> None:
    """Add from the summary what a test's section does not say."""
    by_name = {failure.name: failure for failure in summary}
    for failure in failures:
        same = by_name.get(failure.name) or by_name.get(failure.name.replace(".", "::"))
        if same is not None:
            # The summary cuts a long reason short.
            if not failure.raised or (not _is_telling(failure.error) and not _EXCEPTION.match(failure.error)):
                failure.error = same.error or failure.error
            failure.file = failure.file or same.file


def _is_telling(error: str) -> bool:
    """Return whether a text that names no exception says all the same why a test failed."""
    return error.startswith(("assert ", "Failed: ")) or _FIXTURE.match(error) is not None


def group_by_cause(failures: Sequence[TestFailure]) -> list[list[TestFailure]]:
    """Return the failures in groups of the same cause, in the order of the first of each."""
    groups: dict[tuple[str, ...], list[TestFailure]] = {}
    for failure in failures:
        groups.setdefault(_cause_key(failure), []).append(failure)
    return list(groups.values())


def _cause_key(failure: TestFailure) -> tuple[str, ...]:
    # The same exception at the same line is one cause, whatever the values; an assertion of a test is its own.
    name = failure.error.partition(":")[0].strip()
    if failure.error.startswith("assert ") or name in ("AssertionError", "Failed"):
        same = failure.name.partition("[")[0] if "[" in failure.name else ""
        return ("assert", same, failure.file, str(failure.line), "" if same else failure.error)
    if failure.kind == "collecting" or not failure.file:
        return (failure.error,)
    if failure.continued:
        name = failure.error
    return (name, failure.file, str(failure.line))
