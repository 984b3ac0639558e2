"""An event starts a run, wakes one, or brings a comment to a worker."""

from __future__ import annotations

from typing import Any

import pytest

from bot.values.command import CommandRequest, RerunRequest, ReviewRequest
from bot.values.naming import run_id
from bot.values.progress import Stage, StrategyRecord
from bot.values.run import RunKind, RunRequest
from bot.web import events
from bot.web.router import route
from tests.fakes.runs import FakeRuns


def made(kind: type[Any], delivery: str = "guid", **fields: Any) -> Any:
    return kind(delivery=delivery, repo="octo/services", installation=42, **fields)


def labeled(label: str = "microservice", delivery: str = "guid") -> events.LabelAdded:
    event: events.LabelAdded = made(events.LabelAdded, delivery, issue=3, label=label, actor="octo")
    return event


def commented(body: str, is_pull: bool = False, bot: int | None = None) -> events.CommentCreated:
    fields: dict[str, Any] = {
        "number": 3,
        "is_pull": is_pull,
        "comment_id": 99,
        "body": body,
        "actor": "octo",
        "bot": bot,
    }
    event: events.CommentCreated = made(events.CommentCreated, **fields)
    return event


def test_the_label_starts_a_run() -> None:
    runs = FakeRuns()
    run = run_id("octo/services", 3, "guid")
    assert route(labeled("Microservice"), runs) == f"started {run}"
    assert runs.started == [
        RunRequest(repo="octo/services", installation=42, issue=3, actor="octo", kind=RunKind.NEW, delivery="guid")
    ]


def test_a_duplicate_delivery_is_one_run() -> None:
    runs = FakeRuns()
    route(labeled(), runs)
    route(labeled(), runs)
    assert len(runs.started) == 1


def test_a_second_delivery_finds_the_run_at_work() -> None:
    runs = FakeRuns()
    route(labeled(), runs)
    assert route(labeled(delivery="another"), runs).endswith("is at work already")
    assert len(runs.started) == 1


@pytest.mark.parametrize(
    ("repo", "woken"), [("octo/services", 1), ("octo/.github", 2), ("octo/none", 0), ("other/.github", 0)]
)
def test_a_push_of_settings_wakes_the_runs_that_go_by_them(repo: str, woken: int) -> None:
    runs = FakeRuns()
    for name in ("octo/services", "octo/other"):
        route(labeled().model_copy(update={"repo": name}), runs)
    event = events.SettingsPushed(delivery="guid", repo=repo, installation=42)
    assert route(event, runs).startswith(f"signalled {woken} runs of ")
    assert len(runs.signals) == woken


def test_another_label_starts_nothing() -> None:
    runs = FakeRuns()
    assert route(labeled("bug"), runs).startswith("ignored")
    assert route(labeled(), runs, label="service please").startswith("ignored")
    assert runs.started == []


@pytest.mark.parametrize(
    "body", ["/retry", "\r\n/retry\r\n", "  /retry", "/approve\n\n/frobnicate", "@gptdeploy /retry"]
)
def test_a_line_with_a_slash_goes_to_a_worker(body: str) -> None:
    runs = FakeRuns()
    assert route(commented(body), runs) == "queued comment 99"
    assert runs.signals == []
    assert runs.commands == [
        CommandRequest(
            repo="octo/services",
            installation=42,
            number=3,
            is_pull=False,
            comment_id=99,
            body=body,
            actor="octo",
            delivery="guid",
        )
    ]


@pytest.mark.parametrize("body", ["ok", "Yes.\r\n", "see a/b", "> /retry", "    /retry", "//", "/ retry"])
def test_what_may_be_an_answer_wakes_the_run(body: str) -> None:
    runs = FakeRuns()
    assert route(commented(body), runs) == "signalled the run of #3"
    assert runs.signals == [("octo/services", 3)]
    assert runs.commands == []


@pytest.mark.parametrize("body", ["ok\n/approve", "/approve\r\n\r\nA PNG, please"])
def test_a_comment_may_be_both_a_command_and_an_answer(body: str) -> None:
    runs = FakeRuns()
    assert route(commented(body), runs) == "queued comment 99, signalled the run of #3"
    assert (len(runs.commands), runs.signals) == (1, [("octo/services", 3)])


@pytest.mark.parametrize("body", ["@gptdeploy a PNG, please", "@octo what do you think?"])
def test_what_is_said_to_a_name_goes_to_a_worker_that_knows_its_own(body: str) -> None:
    runs = FakeRuns()
    assert route(commented(body), runs) == "queued comment 99, signalled the run of #3"
    assert route(commented(body, is_pull=True), runs) == "queued comment 99"


def test_bots_are_ignored_unless_they_are_allowed_by_id() -> None:
    runs = FakeRuns()
    assert route(commented("/retry", bot=8), runs) == "ignored: a bot"
    assert route(commented("/retry", bot=8), runs, bots={9}) == "ignored: a bot"
    assert runs.commands == []
    assert route(commented("/retry", bot=8), runs, bots={8, 9}) == "queued comment 99"
    assert [request.by_bot for request in runs.commands] == [True]


@pytest.mark.parametrize("body", ["Thanks!", "> /retry"])
def test_talk_on_a_pull_request_goes_to_a_worker_that_may_say_how_to_be_heard(body: str) -> None:
    runs = FakeRuns()
    assert route(commented(body, is_pull=True), runs) == "queued comment 99"
    assert runs.signals == []


@pytest.mark.parametrize(("body", "is_pull"), [("", False), (" \r\n", False), ("", True), (" \r\n", True)])
def test_other_comments_cost_nothing(body: str, is_pull: bool) -> None:
    runs = FakeRuns()
    assert route(commented(body, is_pull), runs).startswith("ignored")
    assert (runs.commands, runs.signals) == ([], [])


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
        made(events.WorkflowRunFinished, issue=3, workflow="microservice-build.yml", head_sha="a" * 40),
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


@pytest.mark.parametrize("place", ["octo", "octo/services"])
def test_all_that_waits_in_a_place_is_woken(place: str) -> None:
    runs = FakeRuns()
    route(labeled(), runs)
    outcome = route(events.PlaceChanged(delivery="guid", place=place), runs)
    assert outcome == f"signalled 1 runs of {place}"
    assert runs.signals == [("octo/services", 3)]
