"""What is done with an event: it starts a run, wakes a run, or queues a comment or a review for the worker."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.commands import hear_comment
from bot.config import DEFAULT_LABEL, DEFAULTS_REPOSITORY
from bot.runs import Runs, Started
from bot.values.command import CommandRequest, RerunRequest, ReviewRequest, WelcomeRequest
from bot.values.progress import Stage
from bot.values.run import RunKind, RunRequest
from bot.web.events import (
    ChecksFinished,
    CommentCreated,
    Delivered,
    Event,
    Installed,
    IssueOpened,
    LabelAdded,
    PlaceChanged,
    PullClosed,
    PullPushed,
    PullReopened,
    RepositoryChanged,
    RerunAsked,
    ReviewSubmitted,
    SettingsPushed,
    WorkflowRunFinished,
)

_WELCOMED_AT_ONCE = 100
"""Repositories; the worker finds the others when it looks for what it was not told."""


def route(
    event: Event, runs: Runs, label: str = DEFAULT_LABEL, bots: Collection[int] = (), app: int | None = None
) -> str:
    """Act on an event and return in a few words what was done, for the log and the answer to GitHub.

    When it returns, everything is stored. It raises whatever the store raises; GitHub then shows the delivery as
    failed, and a person can send it again.

    Args:
        label: what makes an issue a request for a service.
        bots: ids of the bots that may give commands.
        app: the bot's own id as an App.
    """
    event = _keyed(event, runs)
    _welcome(event, runs, label)
    match event:
        case LabelAdded() | IssueOpened():
            return _label(event, runs, label)
        case Installed():
            return _installed(event, runs)
        case CommentCreated():
            return _comment(event, runs, bots)
        case ReviewSubmitted() | RerunAsked():
            return _of_pull(event, runs, bots)
        case ChecksFinished() if event.app is not None and event.app == app:
            return "ignored: the bot's own check run"
        case SettingsPushed():
            return _settings(event, runs)
        case RepositoryChanged():
            return f"signalled {runs.signal_all(event.repo)} runs of {event.repo}"
        case PlaceChanged():
            return f"signalled {runs.signal_all(event.place)} runs of {event.place}"
        case PullClosed() | PullPushed() | PullReopened() if (kind := _wanted(event, runs, bots)) is not None:
            return _begin(event, runs, kind)
        case _:
            runs.signal(event.repo, event.issue, event.hint if isinstance(event, WorkflowRunFinished) else None)
            return f"signalled the run of #{event.issue}" if event.issue else "signalled all runs"


def _keyed(event: Event, runs: Runs) -> Event:
    """Return an event with its repository called as everything stored calls it, whatever name it has now."""
    if not isinstance(event, Delivered):
        return event
    before = event.before if isinstance(event, RepositoryChanged) else ""
    return event.model_copy(update={"repo": runs.key(event.repository, event.repo, before)})


def _welcome(event: Event, runs: Runs, label: str) -> None:
    """Have the label made in a repository that may be heard of for the first time."""
    # The repository has the label, or a run sees to it.
    has_label = isinstance(event, IssueOpened) or (isinstance(event, LabelAdded) and _same(event.label, label))
    if isinstance(event, Delivered) and not has_label:
        runs.welcome(WelcomeRequest(repo=event.repo, installation=event.installation))


def _same(one: str, other: str) -> bool:
    # To GitHub, labels that differ only in case are the same, too.
    return one.casefold() == other.casefold()


def _label(event: LabelAdded | IssueOpened, runs: Runs, label: str) -> str:
    if isinstance(event, IssueOpened):
        if any(_same(each, label) for each in event.labels):
            return "ignored: GitHub tells of the label by itself"
    elif not _same(event.label, label):
        return "ignored: another label"
    elif event.by_bot and runs.latest(event.repo, event.issue):
        # The bot's own, on an issue that it has begun without.
        return "ignored: a bot's label on an issue that has had a run"
    started = _start(event, runs, RunKind.NEW)
    return f"started {started.run_id}" if started.new else f"{started.run_id} is at work already"


def _installed(event: Installed, runs: Runs) -> str:
    welcome = event.repositories[:_WELCOMED_AT_ONCE]
    for repository, name in welcome:
        repo = runs.key(repository, name)
        runs.welcome(WelcomeRequest(repo=repo, installation=event.installation, delivery=event.delivery))
    return f"welcomed {len(welcome)} repositories, signalled {runs.signal_all(event.place)} runs of {event.place}"


def _wanted(event: PullClosed | PullPushed | PullReopened, runs: Runs, bots: Collection[int]) -> RunKind | None:
    """Return what has to be done about what somebody did to a pull request, where no run is at work that sees it."""
    match event:
        case PullClosed(merged=True):
            # A merge is as good as the bot's own.
            return RunKind.MERGED
        case PullClosed() if _is_left_to_people(event, runs):
            return RunKind.CLOSED
        case PullPushed(bot=bot) if bot is None or bot in bots:
            # Two bots that push could go on for ever.
            return RunKind.PUSHED if _is_left_to_people(event, runs, Stage.FAILED) else None
        case PullReopened():
            return RunKind.REOPENED
    return None


def _is_left_to_people(event: PullClosed | PullPushed, runs: Runs, *stages: Stage) -> bool:
    """Return whether the newest run of an issue has told people that its pull request waits for them, or is in one of
    some other stages."""
    progress = runs.latest(event.repo, event.issue)
    if progress is None or progress.stage not in (Stage.WAITING, *stages):
        return False
    return any(record.pull == event.pull for record in progress.strategies)


def _begin(event: PullClosed | PullPushed | PullReopened, runs: Runs, kind: RunKind) -> str:
    """Start a run for what somebody did to a pull request, or wake the one at work."""
    started = _start(event, runs, kind, event.pull)
    if started.new:
        return f"started {started.run_id}"
    runs.signal(event.repo, event.issue)
    return f"signalled {started.run_id}"


def _start(
    event: LabelAdded | IssueOpened | PullClosed | PullPushed | PullReopened,
    runs: Runs,
    kind: RunKind,
    pull: int | None = None,
) -> Started:
    return runs.start(
        RunRequest(
            repo=event.repo,
            installation=event.installation,
            issue=event.issue,
            actor=event.actor,
            kind=kind,
            pull=pull,
            delivery=event.delivery,
            seen=event.seen if isinstance(event, LabelAdded | IssueOpened) else "",
            unlabelled=isinstance(event, IssueOpened),
        )
    )


def _comment(event: CommentCreated, runs: Runs, bots: Collection[int]) -> str:
    request = CommandRequest(
        **_asked(event, event.number),
        is_pull=event.is_pull,
        comment_id=event.comment_id,
        body=event.body,
        actor=event.actor,
        seen=event.seen,
        at=event.at,
    )
    return hear_comment(request, event.bot, runs, bots)


def _of_pull(event: ReviewSubmitted | RerunAsked, runs: Runs, bots: Collection[int]) -> str:
    if event.bot is not None and event.bot not in bots:
        return "ignored: a bot"
    if isinstance(event, RerunAsked):
        runs.rerun(RerunRequest(**_asked(event, event.pull), actor=event.actor))
        return f"queued another run of the build of #{event.pull}"
    runs.review(ReviewRequest(**_asked(event, event.pull), review=event.review))
    # It may be the approval that a run waits for.
    runs.signal(event.repo, event.issue)
    return f"queued review {event.review}, signalled the run of #{event.issue}"


def _asked(event: CommentCreated | ReviewSubmitted | RerunAsked, number: int) -> dict[str, Any]:
    """Return what is stored of all that people ask for, on an issue or a pull request."""
    by_bot = event.bot is not None
    return {**event.model_dump(include={"repo", "installation", "delivery"}), "number": number, "by_bot": by_bot}


def _settings(event: SettingsPushed, runs: Runs) -> str:
    owner, _, name = runs.name(event.repo).partition("/")
    # What an owner's repository of that name says holds in all the others.
    place = owner if name == DEFAULTS_REPOSITORY else event.repo
    return f"signalled {runs.signal_all(place)} runs of {place}"
