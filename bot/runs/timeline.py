"""A run as a Mermaid Gantt chart: what was done when, and every build of every strategy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.render import said
from bot.sentence import sentence
from bot.values.progress import Phase, Progress, Stage, StrategyRecord

PHASES = {
    Stage.SPECIFY: "plan",
    Stage.CLARIFY: "answers",
    Stage.TESTS: "plan",
    Stage.STRATEGIZE: "plan",
    Stage.PLAN: "approval",
    Stage.DEPLOY: "deploy",
    Stage.WAITING: "people",
}
"""What is done, or waited for, in the stages that belong to no strategy; the others show as builds."""
_CALLED = {
    "plan": sentence("plan"),
    "answers": sentence("an answer"),
    "approval": sentence("approval"),
    "deploy": sentence("deploy"),
    "people": sentence("people"),
}
"""What people read of each."""
_RUN = sentence("Run")
_LONGEST = 24
"""Characters of a strategy's name that fit beside its bars."""
_PLAIN = frozenset(" .,_-+()/")
_MINUTES, _DAY = 600, 86_400
"""Seconds from which on a chart tells no seconds, and from which on it tells the day."""


def timeline(progress: Progress) -> str:
    """Return a run as the text of a Gantt chart (https://mermaid.js.org/syntax/gantt.html); "" where nothing was timed.

    Bars that do not overlap share a row, so that a strategy is one row however many fixes it has; a bar's number is
    that of the build. Times are in UTC: of seconds since the epoch, Mermaid reads the begin and the end differently.
    """
    rows = list(_rows(progress))
    if not rows:
        return ""
    lines = [
        "---",
        "displayMode: compact",
        "config:",
        "  gantt:",
        "    leftPadding: 190",
        "---",
        "gantt",
        "  dateFormat YYYY-MM-DDTHH:mm:ss",
        f"  axisFormat {_axis(progress.seconds.total)}",
        "  todayMarker off",
        *rows,
    ]
    return "\n".join(lines)


def _axis(seconds: float) -> str:
    return "%a %H:%M" if seconds > _DAY else "%H:%M" if seconds > _MINUTES else "%H:%M:%S"


def _rows(progress: Progress) -> Iterator[str]:
    if progress.phases:
        yield f"  section {said(_RUN, progress.language)}"
        now = progress.started_at + progress.seconds.total
        for phase in progress.phases:
            lasts = phase.seconds is None
            seconds = now - phase.began if phase.seconds is None else phase.seconds
            yield _bar(said(_CALLED[phase.name], progress.language), "active" if lasts else "", phase.began, seconds)
    for number, record in enumerate(progress.strategies, start=1):
        if record.builds:
            yield f"  section {number} {label(record.name)}"
            yield from _builds(record)


def _builds(record: StrategyRecord) -> Iterator[str]:
    for number, build in enumerate(record.builds, start=1):
        yield _bar(str(number), "crit" if build.died_of else "done", build.began, build.seconds)


def _bar(name: str, tag: str, began: float, seconds: float) -> str:
    begin = datetime.fromtimestamp(round(began), UTC)
    return f"  {name} :{tag + ', ' if tag else ''}{begin:%Y-%m-%dT%H:%M:%S}, {max(1, round(seconds))}s"


def label(text: str) -> str:
    """Return a text as a label that means nothing to Mermaid: letters, digits and a few marks, cut to what fits."""
    plain = " ".join("".join(char if char.isalnum() or char in _PLAIN else " " for char in text).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1].rstrip() + "…"


def passed_through(phases: tuple[Phase, ...], stage: Stage, now: float) -> tuple[Phase, ...]:
    """Return the phases of a run that is in `stage` now."""
    name = PHASES.get(stage)
    *before, last = phases or (None,)
    if last is not None and last.seconds is None:
        if last.name == name:
            return phases
        phases = (*before, last.model_copy(update={"seconds": now - last.began}))
    return phases if name is None else (*phases, Phase(name=name, began=now))
