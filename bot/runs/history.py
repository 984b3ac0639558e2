"""A run that begins, and the runs of its issue before it, which the status comment keeps."""

from __future__ import annotations

from collections.abc import Sequence

from bot.values.progress import PastRun, Progress, Seconds, Stage
from bot.values.run import RunKind, RunRequest

_KEPT = 20
"""How many earlier runs have a line of their own; those before them share one."""
_LONGEST = 160
"""Characters of how a run has ended."""
_KEEPS = ("slug", "title", "is_update", "assumptions", "out_of_scope", "criteria", "strategies")
"""What a deployment changes nothing of."""


def begun(request: RunRequest, run_id: str, now: float) -> Progress:
    """Return the progress of a run that begins.

    Args:
        now: seconds since the epoch.
    """
    return Progress(
        run_id=run_id,
        repo=request.repo,
        issue=request.issue,
        started_at=now,
        cause=_cause(request),
        asked="\n\n".join(point.text for point in request.points) if request.kind is RunKind.UPDATE else "",
    )


def continued(progress: Progress, before: Progress | None, *, deploys: bool) -> Progress:
    """Return a run's progress with what the status comment has told of the runs before it.

    Args:
        before: what the comment holds; None where there is none, or nobody can read it any more.
        deploys: the run deploys what those before it have built.
    """
    if before is None:
        return progress
    if before.run_id == progress.run_id:
        return progress.model_copy(update={"earlier": before.earlier})
    earlier = _kept((*before.earlier, past(before)))
    taken_over = {name: getattr(before, name) for name in _KEEPS} if deploys else {}
    return progress.model_copy(update={"earlier": earlier, **taken_over})


def past(progress: Progress) -> PastRun:
    """Return what is told of a run once another one has begun."""
    return PastRun(
        started_at=progress.started_at,
        cause=progress.cause,
        ended=_ended(progress),
        fixes=progress.fixes,
        reruns=progress.reruns,
        usage=progress.usage,
        seconds=progress.seconds,
    )


def together(runs: Sequence[PastRun]) -> PastRun:
    """Return several runs as one: figures are sums."""
    first, *others = runs
    usage, seconds = first.usage, first.seconds
    for run in others:
        usage += run.usage
        seconds = Seconds(**{name: value + getattr(run.seconds, name) for name, value in seconds})
    return PastRun(
        runs=sum(run.runs for run in runs),
        started_at=first.started_at,
        fixes=sum(run.fixes for run in runs),
        reruns=sum(run.reruns for run in runs),
        usage=usage,
        seconds=seconds,
    )


def _kept(runs: tuple[PastRun, ...]) -> tuple[PastRun, ...]:
    count = len(runs) - _KEPT
    return (together(runs[: count + 1]), *runs[count + 1 :]) if count > 0 else runs


def _ended(progress: Progress) -> str:
    if progress.stage is Stage.DONE:
        return "live"
    if not progress.stage.is_end:
        return f"interrupted in {progress.stage}"
    note = " ".join(progress.note.split())
    text = f"{progress.stage}: {note}" if note and note != progress.stage else str(progress.stage)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _cause(request: RunRequest) -> str:
    """Return in a few words what a run was started for."""
    on = f" on #{request.pull}" if request.pull is not None else ""
    words = {
        RunKind.NEW: "the issue",
        RunKind.RETRY: "`/retry`",
        RunKind.RETRY_PULL: f"`/retry`{on}",
        RunKind.REVISE: f"changes asked for{on}",
        RunKind.UPDATE: "`/update`",
        RunKind.MERGED: f"a merge{' of' + on.removeprefix(' on') if on else ''}",
        RunKind.CLOSED: f"the closing{' of' + on.removeprefix(' on') if on else ''}",
        RunKind.PUSHED: f"the push{' to' + on.removeprefix(' on') if on else ''}",
        RunKind.REOPENED: f"the reopening{' of' + on.removeprefix(' on') if on else ''}",
        RunKind.PICK: f"`/pick`{on}",
        RunKind.DEPLOY: f"`/deploy`{on}",
    }
    return words[request.kind]
