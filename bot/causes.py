"""Which lines of a build's output name its cause, and what kind of cause that is: pure functions on lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.failure import FailureClass


class Rank(IntEnum):
    """How much a cause says: of several in one part of a log the lowest is taken."""

    STOPPED = 0
    SMOKE = 1
    NETWORK = 2
    INSTALL = 3
    DOCKER = 4
    EXCEPTION = 5
    VAGUE = 6


STOPPED = Rank.STOPPED


@dataclass(frozen=True)
class Cause:
    """A candidate for what a build died of."""

    failure_class: FailureClass
    headline: str
    rank: Rank


_RULES: list[tuple[Rank, FailureClass, re.Pattern[str]]] = [
    (rank, failure_class, re.compile(pattern))
    for rank, failure_class, pattern in (
        (
            Rank.SMOKE,
            FailureClass.SMOKE,
            r"^(The service has stopped before .*|/healthz has not answered .*|POST /execute .* instead of 200)",
        ),
        (Rank.NETWORK, FailureClass.INFRA, r"^(?:E: |W: )?(.*Temporary failure (?:in name resolution|resolving).*)"),
        (Rank.NETWORK, FailureClass.INFRA, r"^E: (Failed to fetch .*)"),
        (Rank.NETWORK, FailureClass.INFRA, r"(no space left on device|failed to create endpoint .*)"),
        (Rank.NETWORK, FailureClass.INFRA, r"(Cannot connect to the Docker daemon)"),
        (Rank.NETWORK, FailureClass.INFRA, r"(toomanyrequests: .*|TLS handshake timeout|dial tcp .*: i/o timeout)"),
        (Rank.NETWORK, FailureClass.INFRA, r"^WARNING: Retrying .*((?:NewConnection|ReadTimeout|ConnectTimeout)Error)"),
        (Rank.INSTALL, FailureClass.APT, r"^E: (Unable to locate package .*)"),
        (Rank.INSTALL, FailureClass.APT, r"^E: (Package '.*' has no installation candidate)"),
        (Rank.INSTALL, FailureClass.APT, r"^E: (Version '.*' for '.*' was not found|Couldn't find any package .*)"),
        (Rank.INSTALL, FailureClass.APT, r"(fatal error: \S+\.h(?:pp)?: No such file or directory)"),
        (Rank.INSTALL, FailureClass.PIP, r"^ERROR: (No matching distribution found for .*)"),
        (Rank.INSTALL, FailureClass.PIP, r"^ERROR: (Cannot install .*|ResolutionImpossible.*|Invalid requirement.*)"),
        (Rank.INSTALL, FailureClass.PIP, r"^ *(?:× |error: )(No solution found when resolving dependencies.*)"),
        (Rank.INSTALL, FailureClass.PIP, r"^ *(?:╰─▶ |cause: )(Because .*)"),
        (Rank.INSTALL, FailureClass.PIP, r"^ *(?:ERROR: )?(Failed building wheel for .*|Failed to build .*)"),
        (Rank.INSTALL, FailureClass.PIP, r"^ERROR: (THESE PACKAGES DO NOT MATCH THE HASHES.*)"),
        (Rank.INSTALL, FailureClass.PIP, r"^ERROR: (.* requires a different Python.*)"),
        (Rank.DOCKER, FailureClass.DOCKER, r"(COPY failed: .*|dockerfile parse error.*|unknown instruction: .*)"),
        (
            Rank.DOCKER,
            FailureClass.DOCKER,
            r"(failed to (?:compute cache key|calculate checksum).*|pull access denied for .*)",
        ),
        (Rank.DOCKER, FailureClass.DOCKER, r"(manifest (?:for|unknown).*|Error response from daemon: .*)"),
        (Rank.DOCKER, FailureClass.DOCKER, r"^ERROR: failed to solve: (?!process )(.*)"),
        (Rank.VAGUE, FailureClass.DOCKER, r"^(?:ERROR|Error|error|fatal)(?:: | \S+: )(.*)"),
    )
]

_WORDS = (
    "ERROR",
    "rror",
    "E: ",
    "ailed",
    "Temporary failure",
    "space left",
    "Cannot ",
    "toomanyrequests",
    "timeout",
    "Retrying",
    "solution found",
    "Because ",
    "COPY failed",
    "unknown",
    "manifest for",
    "denied",
    "The service has stopped",
    "/healthz has not",
    "POST /execute",
    "fatal",
)
"""A line without any of these matches no rule: most lines are done with after this cheap look."""

_EXCEPTION = re.compile(
    r"^(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Timeout|Failed))\b(:?.*)$"
)
_REPORT = re.compile(r"^=+ (FAILURES|ERRORS) =+$")
_SUMMARY = re.compile(r"^=+ short test summary info =+$")
_PYTEST_END = re.compile(r"^=+ .*\bin \d+(?:\.\d+)?s.*=+$")
_TITLE = re.compile(r"^_{3,} (.+?) _{3,}$")
_OUTCOME = re.compile(r"^(FAILED|ERROR) (\S+?)(?:::(\S+))?(?: - (.*))?$")
_LIBRARY = re.compile(
    r"cannot open shared object file|cannot load library|no library called|Could not find .* shared library|"
    r"No such file or directory: '[a-z][\w.+-]*'$|is not installed or it's not in your PATH|Unable to find .* binary",
    re.IGNORECASE,
)
_MODULE = re.compile(r"No module named '([\w]+)")
_OWN = {"executor", "server", "test_executor"}


def of_line(line: str, in_traceback: bool = False) -> Cause | None:
    """Return the cause a line of output names, or None; an exception counts at the end of a traceback only."""
    named = any(word in line for word in _WORDS)
    for rank, failure_class, pattern in _RULES if named else ():
        match = pattern.search(line)
        if match:
            return Cause(failure_class, (match[1] if pattern.groups else match[0]).strip(), rank)
    if in_traceback and (match := _EXCEPTION.match(line)):
        return Cause(_class_of(match[0], FailureClass.CODE), match[1] + match[2], Rank.EXCEPTION)
    return None


def pytest_section(line: str) -> str:
    """Return "report", "summary" or "end" for a line that opens that part of pytest's output, else ""."""
    if not line.startswith("="):
        return ""
    if _REPORT.match(line):
        return "report"
    if _SUMMARY.match(line):
        return "summary"
    return "end" if _PYTEST_END.match(line) else ""


def is_failure_title(line: str) -> bool:
    return _TITLE.match(line) is not None


def choose(
    found: Sequence[Cause],
    report: Sequence[str],
    summary: Sequence[str],
    tail: Sequence[str],
    *,
    step: str,
    exit_code: int | None,
) -> Cause:
    """Return what the part of a log with these candidates died of.

    Args:
        report, summary: of pytest, empty where it did not run.
        tail: the part's last lines.
        step: name of the workflow's step.
        exit_code: of the step, if known.
    """
    if found and found[0].rank is Rank.STOPPED:
        return found[0]
    tested = _of_pytest(report, summary)
    if tested is not None:
        return tested
    killed = _killed(tail)
    if killed is not None:
        return killed
    if not found:
        return _nothing_found(tail, step, exit_code)
    rank = min(cause.rank for cause in found)
    same = [cause for cause in found if cause.rank == rank]
    if rank is Rank.SMOKE:
        return _of_smoke(same[0], found)
    # Of several exceptions the last one ended the program; of several refusals the first one led to the others.
    best = same[-1] if rank is Rank.EXCEPTION else same[0]
    if best.headline.startswith("No solution found"):
        best = next((cause for cause in same if cause.headline.startswith("Because ")), best)
    if "smoke" in step.lower() and best.failure_class is not FailureClass.INFRA:
        return Cause(FailureClass.SMOKE, best.headline, best.rank)
    return best


def normalised(text: str) -> str:
    """Return a line without what differs from run to run: numbers, ids, addresses, folders, timings."""
    text = re.sub(r"0x[0-9a-fA-F]+", "H", text)
    text = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,}(?:-[0-9a-f]+)*\b", "H", text)
    text = re.sub(r"(?:/[\w.@+~-]+)+/", "", text)
    text = re.sub(r"(?<![A-Za-z_])\d+(?:[.,:]\d+)*(?:m?s\b|[kKMG]i?B\b)?", "N", text)
    return " ".join(text.split())


def _of_pytest(report: Sequence[str], summary: Sequence[str]) -> Cause | None:
    outcomes = [match for line in summary if (match := _OUTCOME.match(line))]
    if not report and not outcomes:
        return None
    name, error = "", ""
    for line in report:
        title = _TITLE.match(line)
        if title and error:
            break
        if title:
            name = title[1]
        elif line.startswith("E  ") and not error:
            text = line[1:].strip()
            error = text if _EXCEPTION.match(text) or text.startswith(("assert ", "Failed: ")) else ""
    if outcomes:
        name = name or outcomes[0][3] or outcomes[0][2]
        error = error or outcomes[0][4] or ""
    collecting = name.startswith("ERROR collecting") or (bool(outcomes) and outcomes[0][3] is None)
    match = _EXCEPTION.match(error)
    short = match[1] + match[2] if match else error
    failure_class = _class_of(short, FailureClass.CODE if collecting else FailureClass.TEST)
    if failure_class is FailureClass.TEST:
        return Cause(failure_class, f"{name}: {short}".rstrip(": "), Rank.EXCEPTION)
    return Cause(failure_class, short or name, Rank.EXCEPTION)


def _class_of(error: str, otherwise: FailureClass) -> FailureClass:
    """Return which file mends an exception: requirements for a module, system packages for a library."""
    module = _MODULE.search(error)
    if module:
        return FailureClass.CODE if module[1] in _OWN else FailureClass.PIP
    return FailureClass.APT if _LIBRARY.search(error) else otherwise


def _of_smoke(symptom: Cause, found: Sequence[Cause]) -> Cause:
    """Join what the smoke run saw with the exception in the container's log."""
    raised = [cause.headline for cause in found if cause.rank is Rank.EXCEPTION]
    text = symptom.headline.replace(" with the example of service.json", "").rstrip(".:")
    return Cause(FailureClass.SMOKE, f"{text}: {raised[-1]}" if raised else text, Rank.SMOKE)


def _killed(tail: Sequence[str]) -> Cause | None:
    for line in reversed(tail[-40:]):
        if re.search(r"(?:exit code: |non-zero code: )137\b|out of memory: true|^Killed$", line):
            return Cause(FailureClass.CODE, "Killed, most likely because it used too much memory", Rank.EXCEPTION)
        if re.search(r"(?:exit code: |non-zero code: )124\b|^!+ KeyboardInterrupt !+$", line):
            return Cause(FailureClass.TEST, "The tests took too long and were stopped", Rank.EXCEPTION)
        if re.match(r"^=+ no tests ran in ", line):
            return Cause(FailureClass.TEST, "No tests ran", Rank.EXCEPTION)
    return None


def _nothing_found(tail: Sequence[str], step: str, exit_code: int | None) -> Cause:
    last = next((line for line in reversed(tail) if line.strip()), "")
    told = f"exit code {exit_code}" if exit_code is not None else "no reason given"
    failure_class = FailureClass.SMOKE if "smoke" in step.lower() else FailureClass.DOCKER
    return Cause(failure_class if last else FailureClass.INFRA, last or f"{step or 'The job'}: {told}", Rank.VAGUE)
