"""What is done with an event: it starts a run, wakes a run, or queues a comment or a review for the worker."""

from __future__ import annotations

from collections.abc import Collection

from bot.commands import hear_comment
from bot.config import DEFAULT_LABEL, DEFAULTS_REPOSITORY
from bot.runs import Runs, Started
from bot.values.command import CommandRequest, RerunRequest, ReviewRequest
from bot.values.progress import Stage
from bot.values.run import RunKind, RunRequest
from bot.web.events import (
    ChecksFinished,
    CommentCreated,
    Event,
    LabelAdded,
    PlaceChanged,
    PullClosed,
    PullPushed,
    PullReopened,
    RerunAsked,
    ReviewSubmitted,
    SettingsPushed,
)


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
    match event:
        case LabelAdded():
            return _label(event, runs, label)
        case CommentCreated():
            return _comment(event, runs, bots)
        case ReviewSubmitted():
            return _review(event, runs, bots)
        case RerunAsked():
            return _rerun(event, runs, bots)
        case ChecksFinished() if event.app is not None and event.app == app:
            return "ignored: the bot's own check run"
        case SettingsPushed():
            return _settings(event, runs)
        case PlaceChanged():
            return f"signalled {runs.signal_all(event.place)} runs of {event.place}"
        case PullClosed() | PullPushed() | PullReopened() if (kind := _wanted(event, runs, bots)) is not None:
            return _begin(event, runs, kind)
        case _:
            runs.signal(event.repo, event.issue)
            return f"signalled the run of #{event.issue}" if event.issue else "signalled all runs"


def _label(event: LabelAdded, runs: Runs, label: str) -> str:
    # To GitHub, labels that differ only in case are the same, too.
    if event.label.casefold() != label.casefold():
        return "ignored: another label"
    started = _start(event, runs, RunKind.NEW)
    return f"started {started.run_id}" if started.new else f"{started.run_id} is at work already"


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
    event: LabelAdded | PullClosed | PullPushed | PullReopened, runs: Runs, kind: RunKind, pull: int | None = None
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
            seen=event.seen if isinstance(event, LabelAdded) else "",
        )
    )


def _comment(event: CommentCreated, runs: Runs, bots: Collection[int]) -> str:
    request = CommandRequest(
        repo=event.repo,
        installation=event.installation,
        number=event.number,
        is_pull=event.is_pull,
        comment_id=event.comment_id,
        body=event.body,
        actor=event.actor,
        by_bot=event.bot is not None,
        delivery=event.delivery,
        seen=event.seen,
        at=event.at,
    )
    return hear_comment(request, event.bot, runs, bots)


def _review(event: ReviewSubmitted, runs: Runs, bots: Collection[int]) -> str:
    if event.bot is not None and event.bot not in bots:
        return "ignored: a bot"
    runs.review(
        ReviewRequest(
            repo=event.repo,
            installation=event.installation,
            number=event.pull,
            review=event.review,
            by_bot=event.bot is not None,
            delivery=event.delivery,
        )
    )
    # It may be the approval that a run waits for.
    runs.signal(event.repo, event.issue)
    return f"queued review {event.review}, signalled the run of #{event.issue}"


def _rerun(event: RerunAsked, runs: Runs, bots: Collection[int]) -> str:
    if event.bot is not None and event.bot not in bots:
        return "ignored: a bot"
    runs.rerun(
        RerunRequest(
            repo=event.repo,
            installation=event.installation,
            number=event.pull,
            actor=event.actor,
            by_bot=event.bot is not None,
            delivery=event.delivery,
        )
    )
    return f"queued another run of the build of #{event.pull}"


def _settings(event: SettingsPushed, runs: Runs) -> str:
    owner, _, name = event.repo.partition("/")
    # What an owner's repository of that name says holds in all the others.
    place = owner if name == DEFAULTS_REPOSITORY else event.repo
    return f"signalled {runs.signal_all(place)} runs of {place}"
