"""A failed job's log, read once from top to bottom and reduced to what an engineer must see.

Understands GitHub's log format (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands),
act's, BuildKit's plain progress, Docker's classic builder, pip, apt, pytest, Python's tracebacks and the smoke run.
In turn: `lines` brings lines into one form, `steps` and `builders` find the step and the instruction that failed,
`output` keeps what may matter of its lines, `asides` what may matter of all other steps; `causes` chooses the cause,
`clues` finds what else may be one, `explain` adds a clue to a mere symptom, `excerpt` shows it all. Memory is bounded
whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.buildlog.causes import Cause, Rank, Verdict, fingerprint, judge, script_name
from bot.buildlog.clues import find_clues
from bot.buildlog.excerpt import make_excerpt
from bot.buildlog.explain import explained
from bot.buildlog.failed_step import FailedStep
from bot.buildlog.steps import find_failed_step
from bot.values.failure import FailedTest, Failure, FailureClass, Phase

HEADLINE_LIMIT = 160
"""Characters of a headline."""
_TESTS = 50
"""How many of the tests that failed are named."""


def read_failure(lines: Iterable[str], step: str = "") -> Failure:
    """Return what a job died of.

    Args:
        lines: the log, line by line; a step after the one that failed may show the cause, so all of it is taken.
        step: name of that step, if known.
    """
    failed = _failed_step(lines, step)
    return _failure(failed, judge(failed) or _no_reason(failed))


def find_failure(lines: Iterable[str], step: str = "") -> Failure | None:
    """Return what a job died of, or None where the log tells of no failure. See `read_failure`."""
    failed = _failed_step(lines, step)
    verdict = judge(failed)
    return _failure(failed, verdict) if verdict is not None else None


def _failed_step(lines: Iterable[str], name: str) -> FailedStep:
    failed = find_failed_step(lines, name)
    return replace(failed, name=name or failed.name)


def _no_reason(step: FailedStep) -> Verdict:
    headline = f"{step.name or 'The job'}: no reason given"
    return Verdict(Cause(FailureClass.INFRA, headline, Rank.VAGUE, transient=True), Phase.OTHER)


def _failure(step: FailedStep, verdict: Verdict) -> Failure:
    clues = find_clues(step)
    verdict = explained(verdict, clues)
    cause = verdict.cause
    headline = _one_line(cause.headline) or "no reason given"
    return Failure(
        excerpt=make_excerpt(step, verdict, clues) or headline,
        headline=headline,
        step=step.name or script_name(step.header) or _one_line(step.output.title),
        phase=verdict.phase,
        fingerprint=fingerprint(cause, verdict.phase),
        failure_class=cause.failure_class,
        transient=cause.transient,
        file=cause.file,
        line=cause.line,
        tests=tuple(_failed_tests(verdict))[:_TESTS],
        disputes=cause.disputes,
    )


def _failed_tests(verdict: Verdict) -> Iterator[FailedTest]:
    for test in (test for group in verdict.tests for test in group):
        yield FailedTest(name=test.name, error=_one_line(test.error), file=test.file, line=test.line)


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= HEADLINE_LIMIT else text[: HEADLINE_LIMIT - 1] + "…"
