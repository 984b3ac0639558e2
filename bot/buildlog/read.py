"""A failed job's log, read once from top to bottom and reduced to what an engineer must see.

Understands GitHub's log format (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands),
act's, BuildKit's plain progress, Docker's classic builder, pip, apt, pytest, Python's tracebacks and the smoke run.
In turn: `buildlog_lines` brings lines into one form, `buildlog_steps` finds where the job died, `buildlog_parts` keeps
what may matter of that, `causes` chooses the cause, `buildlog_excerpt` shows it. Memory is bounded whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.buildlog.builders import Death
from bot.buildlog.causes import judge as causes
from bot.buildlog.causes import phase as causes_phase
from bot.buildlog.causes.cause import Cause, Rank
from bot.buildlog.causes.fingerprint import fingerprint
from bot.buildlog.causes.judge import Verdict
from bot.buildlog.excerpt import LIMIT as EXCERPT_LIMIT
from bot.buildlog.excerpt import excerpt_of
from bot.buildlog.steps import find_death
from bot.values.failure import Failure, FailureClass, Phase

__all__ = ["EXCERPT_LIMIT", "HEADLINE_LIMIT", "find_failure", "read_failure"]

HEADLINE_LIMIT = 160


def read_failure(lines: Iterable[str], step: str = "") -> Failure:
    """Return what a job died of.

    Args:
        lines: the log, line by line; no more of it is taken than up to the end of the step that failed.
        step: name of that step, if known.
    """
    death = find_death(lines)
    return _failure(death, step, _judge(death, step) or _nothing(death, step))


def find_failure(lines: Iterable[str], step: str = "") -> Failure | None:
    """Return what a job died of, or None where the log tells of no failure. See `read_failure`."""
    death = find_death(lines)
    verdict = _judge(death, step)
    return _failure(death, step, verdict) if verdict is not None else None


def _judge(death: Death, step: str) -> Verdict | None:
    return causes.judge(death, step or death.step or causes_phase.step_name(death.header))


def _nothing(death: Death, step: str) -> Verdict:
    told = f"{step or death.step or 'The job'}: no reason given"
    return Verdict(Cause(FailureClass.INFRA, told, Rank.VAGUE, transient=True), Phase.OTHER)


def _failure(death: Death, step: str, verdict: Verdict) -> Failure:
    cause = verdict.cause
    headline = _cut_line(cause.headline) or "no reason given"
    return Failure(
        excerpt=excerpt_of(death, verdict) or headline,
        headline=headline,
        step=step or death.step or causes_phase.step_name(death.header) or _cut_line(death.part.title),
        phase=verdict.phase,
        fingerprint=fingerprint(cause, verdict.phase),
        failure_class=cause.failure_class,
        transient=cause.transient,
        file=cause.file,
        line=cause.line,
    )


def _cut_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= HEADLINE_LIMIT else text[: HEADLINE_LIMIT - 1] + "…"
