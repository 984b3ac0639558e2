"""What a job died of: one cause, chosen from what the output of its failed step tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.causes.install import install_cause
from bot.buildlog.causes.phase import find_phase, settle_phase
from bot.buildlog.causes.pytest_report import TestFailure, as_stated, group_by_cause, read_report
from bot.buildlog.causes.rules import named_causes
from bot.buildlog.causes.smoke import deployment_cause, smoke_cause
from bot.buildlog.causes.tests import classify, report_cause, silent_tests_cause, stated_cause, unittest_cause
from bot.buildlog.causes.tracebacks import chain_evidence, chain_headline, find_place, last_chain, read_crash
from bot.buildlog.failed_step import FailedStep
from bot.buildlog.lines import NumberedLines
from bot.values.failure import FailureClass, Phase

_EXIT_CODE = re.compile(r"(?:exit code: |non-zero code: |[Ee]xit code )(\d+)")
_ACTION = re.compile(r"^(?:Error: )?buildx (?:call )?failed with: ")
_TESTS_BEGAN = re.compile(r"=+ test session starts =+|^(?:Ran \d+ tests? in|INTERNALERROR>|FAIL: |gw0 )|\[100%\]$")
_DIFF_TIME = re.compile(r"\s+\d{4}-\d\d-\d\d .*")
_RUNNER = re.compile(r"'[^']*'|\bGitHub Actions \d+|\d+")
_CLASSES = {
    Phase.TEST: FailureClass.TEST,
    Phase.SMOKE: FailureClass.SMOKE,
    Phase.PIP: FailureClass.PIP,
    Phase.APT: FailureClass.APT,
}
"""The class of a failure in a phase, where the cause itself tells none."""
_SIGNALS = {
    132: "Illegal instruction (exit code 132): a package was built for another processor",
    134: "Aborted (exit code 134)",
    136: "Floating point exception (exit code 136)",
    137: "Killed, most likely because it used too much memory",
    139: "Segmentation fault (exit code 139)",
}
"""Exit codes of a program that a signal has ended: 128 and the signal's number."""
_SEGMENTATION_FAULT = 139
_TERMINATED = 143
_CHANGES = 12
"""How many lines of a diff are evidence."""


@dataclass
class Verdict:
    """The cause of a failure, its phase, and the tests that failed, by cause."""

    cause: Cause
    phase: Phase
    tests: list[list[TestFailure]] = field(default_factory=list)


@dataclass(frozen=True)
class _Case:
    """What is judged: a failed step, the phase it failed in, and the lines kept of its output."""

    step: FailedStep
    phase: Phase
    lines: NumberedLines

    @cached_property
    def exit_code(self) -> int | None:
        """The exit code of the tests or of the instruction that failed, or that of the step."""
        if self.step.output.facts is not None:
            return self.step.output.facts.exit_code
        for text in (self.step.output.failure, *reversed(self.step.footer)):
            if match := _EXIT_CODE.search(text):
                return int(match[1])
        return self.step.exit_code

    @cached_property
    def script(self) -> str:
        """What ran: the instruction, or the step's script."""
        return self.step.output.title or "\n".join(self.step.header)

    @cached_property
    def named(self) -> list[Cause]:
        """The causes that single lines name, in order; then those that runner and builder name at the end."""
        at_the_end = [(0, _ACTION.sub("", line)) for line in (*self.step.errors, *self.step.footer)]
        return named_causes([*self.lines, *at_the_end])

    @cached_property
    def best_named(self) -> Cause | None:
        """The first of the causes of the lowest rank that single lines name."""
        causes = self.named
        if self.phase is not Phase.PIP:
            # A header that is missing while pip builds a package is pip's matter; elsewhere a system package mends it.
            causes = [
                replace(cause, failure_class=FailureClass.APT) if cause.headline.startswith("fatal error: ") else cause
                for cause in causes
            ]
        return min(causes, key=lambda cause: cause.rank, default=None)


def judge(step: FailedStep) -> Verdict | None:
    """Return what a job died of, or None where its log tells of no failure."""
    lines = step.output.lines()
    phase = find_phase(step, lines)
    if step.stopped:
        key = _RUNNER.sub("", step.stopped)
        return Verdict(Cause(FailureClass.INFRA, step.stopped, Rank.STOPPED, transient=True, key=key), phase)
    facts = step.output.facts
    failures = read_report(step.output.report) if step.output.report else []
    if facts is not None:
        phase, failures = Phase.TEST, as_stated(failures, facts)
    if tests := group_by_cause(failures):
        return Verdict(report_cause(tests), Phase.TEST if phase in (Phase.OTHER, Phase.PIP) else phase, tests)
    case = _Case(step, phase, lines)
    cause = next((cause for ask in _JUDGES if (cause := ask(case)) is not None), None)
    if cause is None:
        return None
    from_dockerfile = cause.failure_class in (FailureClass.DOCKER, FailureClass.APT) and phase is not Phase.TEST
    if step.place and not cause.file and from_dockerfile:
        cause = replace(cause, file=step.place[0], line=step.place[1])
    return Verdict(cause, settle_phase(phase, cause))


# Each of these returns the cause of a case if it is of its kind, else None; `_JUDGES` is the order of trial.


def _smoke_run(case: _Case) -> Cause | None:
    return smoke_cause(case.lines) if case.phase is Phase.SMOKE else None


def _deployment(case: _Case) -> Cause | None:
    if case.phase is not Phase.DEPLOY:
        return None
    return deployment_cause([*case.lines, *((0, f"##[error]{line}") for line in case.step.errors)])


def _stated_faults(case: _Case) -> Cause | None:
    facts = case.step.output.facts
    return stated_cause(facts, case.lines) if facts is not None else None


def _tests_without_report(case: _Case) -> Cause | None:
    return silent_tests_cause(case.lines, case.exit_code) if case.phase is Phase.TEST else None


def _killed_program(case: _Case) -> Cause | None:
    if case.exit_code not in _SIGNALS:
        return None
    crash = read_crash(case.lines)
    file, line = find_place(crash.frames) if crash else ("", None)
    shown = crash.first if crash else case.lines[-1][0] if case.lines else 0
    classes = {Phase.PIP: FailureClass.PIP, Phase.APT: FailureClass.APT, Phase.TEST: FailureClass.CODE}
    otherwise = FailureClass.CODE if case.exit_code == _SEGMENTATION_FAULT else FailureClass.DOCKER
    return Cause(
        classes.get(case.phase, otherwise),
        _SIGNALS[case.exit_code],
        Rank.EXCEPTION,
        file=file,
        line=line,
        evidence=(shown,),
    )


def _terminated_program(case: _Case) -> Cause | None:
    # What stops a runner ends the program of its step like that. A builder would say that the instruction failed.
    if case.exit_code != _TERMINATED or case.step.output.failure:
        return None
    evidence = tuple(number for number, _ in case.lines[-1:])
    headline = "Terminated (exit code 143)"
    return Cause(FailureClass.INFRA, headline, Rank.STOPPED, transient=True, evidence=evidence)


def _stopped_runner(case: _Case) -> Cause | None:
    return next((cause for cause in case.named if cause.rank is Rank.STOPPED), None)


def _installation(case: _Case) -> Cause | None:
    return install_cause(case.named, case.lines, case.phase, case.script)


def _named_by_line(case: _Case) -> Cause | None:
    """Return the best cause that a line names, but of running tests an exception is better."""
    best = case.best_named
    if best is None or best.rank > Rank.SHELL:
        return None
    if case.phase is Phase.TEST and any(_TESTS_BEGAN.search(line) for _, line in case.lines):
        return None
    return best


def _unittest(case: _Case) -> Cause | None:
    return unittest_cause(case.lines) if case.phase is Phase.TEST else None


def _exception(case: _Case) -> Cause | None:
    chain = last_chain(case.lines)
    if not chain:
        return None
    file, line = find_place(chain[0].frames)
    if not file:
        file, line = find_place([frame for raised in reversed(chain) for frame in raised.frames])
    # apt raises no exceptions of Python's.
    otherwise = FailureClass.CODE if case.phase is Phase.APT else _CLASSES.get(case.phase, FailureClass.CODE)
    return Cause(
        classify(chain[0].text, otherwise),
        chain_headline(chain),
        Rank.EXCEPTION,
        file=file,
        line=line,
        evidence=chain_evidence(chain),
    )


def _difference(case: _Case) -> Cause | None:
    """Return what `diff` shows first that is not the same in two files, if a script died of that."""
    heads = [
        (number, _DIFF_TIME.sub("", first[4:]), _DIFF_TIME.sub("", second[4:]))
        for (number, first), (_, second), (_, third) in zip(case.lines, case.lines[1:], case.lines[2:], strict=False)
        if first.startswith("--- ") and second.startswith("+++ ") and third.startswith("@@ ")
    ]
    if not heads:
        return None
    start, first, second = heads[0]
    changes = [(number, line) for number, line in case.lines if number > start + 1 and line[:1] in ("-", "+")]
    shown = changes[:_CHANGES]
    pair = [line for sign in "-+" for line in [next((text for _, text in shown if text[0] == sign), "")] if line]
    headline = f"{first} and {second} differ: {' '.join(pair)}"
    failure_class = _CLASSES.get(case.phase, FailureClass.TEST)
    return Cause(failure_class, headline, Rank.EXCEPTION, evidence=(start, *(number for number, _ in shown)))


def _named_vaguely(case: _Case) -> Cause | None:
    """Return what a line names that only may be the cause; of vague ones the last, as the first is often harmless."""
    best = case.best_named
    if best is None or (best.rank is Rank.VAGUE and not case.step.certain):
        return None
    vague = [cause for cause in case.named if cause.rank is Rank.VAGUE and cause.evidence != (0,)]
    if best.rank is not Rank.VAGUE or not vague:
        return best
    return replace(vague[-1], failure_class=_CLASSES.get(case.phase, vague[-1].failure_class))


def _last_line(case: _Case) -> Cause | None:
    """Return the last that was said, where something failed for certain."""
    step = case.step
    if not step.certain:
        return None
    for number, line in reversed(case.lines):
        if line.strip() and line != step.output.failure:
            return _last_words(case, line, number)
    return _last_words(case, step.output.failure or next(iter(step.errors), ""), 0)


def _last_words(case: _Case, text: str, number: int) -> Cause:
    if text:
        failure_class, headline = _CLASSES.get(case.phase, FailureClass.DOCKER), text.strip()
    else:
        reason = f"exit code {case.exit_code}" if case.exit_code is not None else "no reason given"
        failure_class, headline = FailureClass.INFRA, f"{case.step.name or 'The job'}: {reason}"
    return Cause(failure_class, headline, Rank.VAGUE, evidence=(number,))


_JUDGES: tuple[Callable[[_Case], Cause | None], ...] = (
    _smoke_run,
    _deployment,
    _stated_faults,
    _tests_without_report,
    _killed_program,
    _terminated_program,
    _stopped_runner,
    _installation,
    _named_by_line,
    _unittest,
    _exception,
    _difference,
    _named_vaguely,
    _last_line,
)
