"""An event on a pull request starts a run, wakes one, or brings what is asked for to a worker."""

from __future__ import annotations

import pytest

from bot.values.command import RerunRequest, ReviewRequest
from bot.values.github import WorkflowRun
from bot.values.hint import Hint
from bot.values.naming import run_id
from bot.values.progress import Stage, StrategyRecord
from bot.values.run import RunKind
from bot.web import events
from bot.web.router import route
from tests.fakes.runs import FakeRuns
from tests.unit.web.routed import labeled, made

ENDED = WorkflowRun(id=9, attempt=1, head_sha="a" * 40, status="completed", conclusion="success", url="")
HINT = Hint(workflow="microservice-build.yml", workflow_run=ENDED)


def reviewed(review: int = 5, delivery: str = "guid", bot: int | None = None) -> events.ReviewSubmitted:
    event: events.ReviewSubmitted = made(events.ReviewSubmitted, delivery, issue=3, pull=12, review=review, bot=bot)
    return event


def test_a_review_goes_to_a_worker_and_wakes_the_run_that_may_wait_for_it() -> None:
    runs = FakeRuns()
    assert route(reviewed(), runs) == "queued review 5, signalled the run of #3"
    # GitHub also delivers each of its comments.
    route(reviewed(delivery="another"), runs)
    assert runs.reviews == [ReviewRequest(repo="octo/services", installation=42, number=12, review=5, delivery="guid")]
    assert runs.signals == [("octo/services", 3)] * 2


def test_reviews_of_bots_are_ignored_unless_they_are_allowed_by_id() -> None:
    runs = FakeRuns()
    assert route(reviewed(bot=8), runs, bots={9}) == "ignored: a bot"
    assert (runs.reviews, runs.signals) == ([], [])
    route(reviewed(bot=8), runs, bots={8})
    assert [request.by_bot for request in runs.reviews] == [True]


@pytest.mark.parametrize(
    "event",
    [
        made(events.ReviewDismissed, issue=3, pull=12),
        made(events.WorkflowRunFinished, issue=3, hint=HINT),
        made(events.PullClosed, issue=3, pull=12, merged=False, actor="octo"),
        made(events.PullChanged, issue=3, pull=12),
        made(events.PullPushed, issue=3, pull=12, actor="octo"),
        made(events.IssueClosed, issue=3),
        made(events.IssueEdited, issue=3),
    ],
)
def test_everything_else_wakes_the_run(event: events.Event) -> None:
    runs = FakeRuns()
    assert route(event, runs) == "signalled the run of #3"
    assert runs.signals == [("octo/services", 3)]
    assert runs.hints == ([HINT] if isinstance(event, events.WorkflowRunFinished) else [])
    assert runs.started == []


def test_a_pull_request_that_is_left_to_people_is_closed() -> None:
    runs = FakeRuns()
    closed = made(events.PullClosed, "other", issue=3, pull=12, merged=False, actor="octo")
    route(labeled(), runs)
    run = run_id("octo/services", 3, "guid")
    runs.end(run, Stage.WAITING)
    # It is not the one that waits.
    assert route(closed, runs) == "signalled the run of #3"
    runs.published[run] = runs.published[run].model_copy(update={"strategies": (StrategyRecord(name="a", pull=12),)})
    assert route(closed, runs).startswith("started ")
    assert [(request.kind, request.pull) for request in runs.started[1:]] == [(RunKind.CLOSED, 12)]


@pytest.mark.parametrize("stage", [Stage.WAITING, Stage.FAILED, Stage.STOPPED])
@pytest.mark.parametrize("bot", [None, 7, 8])
def test_a_push_to_what_is_left_to_people_is_gone_on_with(stage: Stage, bot: int | None) -> None:
    runs = FakeRuns()
    pushed = made(events.PullPushed, "other", issue=3, pull=12, actor="octo", bot=bot)
    route(labeled(), runs)
    run = run_id("octo/services", 3, "guid")
    runs.published[run] = runs.published[run].model_copy(update={"strategies": (StrategyRecord(name="a", pull=12),)})
    runs.end(run, stage)
    goes_on = stage is not Stage.STOPPED and bot in (None, 8)
    assert route(pushed, runs, bots={8}).startswith("started ") is goes_on
    assert [(request.kind, request.pull) for request in runs.started[1:]] == [(RunKind.PUSHED, 12)] * goes_on


def test_a_pull_request_that_is_opened_again_is_gone_on_with() -> None:
    runs = FakeRuns()
    reopened = made(events.PullReopened, issue=3, pull=12, actor="octo")
    assert route(reopened, runs).startswith("started ")
    assert [(request.kind, request.actor) for request in runs.started] == [(RunKind.REOPENED, "octo")]


def test_a_merge_by_somebody_else_is_seen_through() -> None:
    runs = FakeRuns()
    merged = made(events.PullClosed, issue=3, pull=12, merged=True, actor="octo")
    run = run_id("octo/services", 3, "guid")
    assert route(merged, runs) == f"started {run}"
    assert [(request.kind, request.pull) for request in runs.started] == [(RunKind.MERGED, 12)]
    # The run at work sees it through; where it has ended by then, there is nothing to do.
    later = made(events.PullClosed, "other", issue=3, pull=12, merged=True, actor="octo")
    assert route(later, runs) == f"signalled {run}"
    assert runs.signals == [("octo/services", 3)]


def test_another_run_of_a_build_is_queued_once_for_those_who_may_ask() -> None:
    runs = FakeRuns()
    asked: events.RerunAsked = made(events.RerunAsked, pull=12, actor="octo")
    for _ in range(2):
        assert route(asked, runs) == "queued another run of the build of #12"
    assert runs.reruns == [
        RerunRequest(repo="octo/services", installation=42, number=12, actor="octo", delivery="guid")
    ]
    by_bot: events.RerunAsked = made(events.RerunAsked, "another", pull=12, actor="ci[bot]", bot=8)
    assert route(by_bot, runs) == "ignored: a bot"
    assert route(by_bot, runs, bots=(8,)) == "queued another run of the build of #12"
    assert runs.reruns[1].by_bot


def test_its_own_check_run_wakes_nobody() -> None:
    runs = FakeRuns()
    own: events.ChecksFinished = made(events.ChecksFinished, issue=3, app=1)
    assert route(own, runs, app=1) == "ignored: the bot's own check run"
    assert runs.signals == []
    others: events.ChecksFinished = made(events.ChecksFinished, issue=3, app=5)
    assert route(others, runs, app=1) == "signalled the run of #3"
