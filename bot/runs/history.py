"""A run that begins, and the runs of its issue before it, which the status comment keeps."""

from __future__ import annotations

from collections.abc import Sequence

from bot.guard.text import WithIssues, issue_language
from bot.render import said
from bot.runs.store import Runs
from bot.sentence import Sentence, sentence, verbatim
from bot.values.progress import PastRun, Progress, Seconds, Stage
from bot.values.run import RunKind, RunRequest

_KEPT = 20
"""How many earlier runs have a line of their own; those before them share one."""
_LONGEST = 160
"""Characters of how a run has ended."""
_KEEPS = ("slug", "title", "is_update", "assumptions", "out_of_scope", "criteria", "strategies")
"""What a deployment changes nothing of."""


_ENDS = {
    Stage.DONE: sentence("live"),
    Stage.FAILED: sentence("failed"),
    Stage.STOPPED: sentence("stopped"),
    Stage.WAITING: sentence("waiting"),
}


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
        cause=str(cause(request)),
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
    known = {"language": progress.language or before.language}
    return progress.model_copy(update={"earlier": earlier, **known, **taken_over})


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
    how = _ENDS.get(progress.stage) or sentence("interrupted in %(stage)s", stage=progress.stage.called)
    note, text = " ".join(progress.note.split()), said(how, progress.language)
    if progress.stage in (Stage.FAILED, Stage.STOPPED, Stage.WAITING) and note and note != progress.stage:
        text = f"{text}: {note}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def language_of(runs: Runs, repository: WithIssues, repo: str, issue: int) -> str:
    """Return the language of an issue, as the newest run that knows it has it; else as `issue_language` does."""
    known = (progress.language for progress in runs.history(repo, issue))
    return next(filter(None, known), "") or issue_language(repository, issue)


def cause(request: RunRequest) -> Sentence:
    """Return in a few words what a run was started for."""
    number = request.pull if request.pull is not None else ""
    if number:
        on = {
            RunKind.RETRY_PULL: sentence("`/retry` on #%(number)s", number=number),
            RunKind.REVISE: sentence("changes asked for on #%(number)s", number=number),
            RunKind.MERGED: sentence("a merge of #%(number)s", number=number),
            RunKind.CLOSED: sentence("the closing of #%(number)s", number=number),
            RunKind.PUSHED: sentence("the push to #%(number)s", number=number),
            RunKind.REOPENED: sentence("the reopening of #%(number)s", number=number),
            RunKind.PICK: sentence("`/pick` on #%(number)s", number=number),
            RunKind.DEPLOY: sentence("`/deploy` on #%(number)s", number=number),
        }
        if request.kind in on:
            return on[request.kind]
    words = {RunKind.NEW: sentence("the issue"), RunKind.REVISE: sentence("changes asked for")}
    return words.get(request.kind) or verbatim(f"`/{request.kind}`")
