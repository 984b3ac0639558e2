"""An event starts a run, wakes one, or brings a comment to a worker."""

from __future__ import annotations

from typing import Any

import pytest

from bot.values.command import CommandRequest, WelcomeRequest
from bot.values.naming import run_id
from bot.values.progress import Stage
from bot.values.run import RunKind, RunRequest
from bot.web import events
from bot.web.router import route
from tests.fakes.runs import FakeRuns
from tests.unit.web.routed import labeled, made


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


def opened(*labels: str) -> events.IssueOpened:
    event: events.IssueOpened = made(events.IssueOpened, issue=3, labels=labels, actor="octo", seen="words")
    return event


def test_an_issue_by_the_form_starts_a_run_that_sets_the_label() -> None:
    runs = FakeRuns()
    route(opened("bug"), runs)
    (request,) = runs.started
    assert (request.kind, request.actor, request.seen, request.unlabelled) == (RunKind.NEW, "octo", "words", True)
    assert runs.welcomes == []


def test_an_issue_by_the_form_that_has_its_label_is_left_to_that() -> None:
    runs = FakeRuns()
    assert route(opened("bug", "Microservice"), runs).startswith("ignored")
    assert runs.started == []


def test_a_bots_label_starts_no_second_run() -> None:
    runs = FakeRuns()
    route(opened(), runs)
    (request,) = runs.started
    label = labeled(delivery="another").model_copy(update={"by_bot": True, "actor": "gptdeploy[bot]"})
    assert "has had a run" in route(label, runs)
    runs.end(run_id(request.repo, 3, request.delivery), Stage.WAITING)
    assert "has had a run" in route(label, runs)
    assert len(runs.started) == 1
    # Another bot's, on an issue of which nothing is known, is as good as a person's.
    route(label.model_copy(update={"issue": 4}), runs)
    assert len(runs.started) == 2


def test_repositories_are_welcomed_where_the_app_is_installed() -> None:
    runs = FakeRuns()
    there = tuple((number, f"octo/r{number}") for number in range(101))
    event = events.Installed(delivery="guid", place="octo", installation=42, repositories=there)
    assert route(event, runs) == "welcomed 100 repositories, signalled 0 runs of octo"
    assert runs.welcomes[0] == WelcomeRequest(repo="octo/r0", installation=42, delivery="guid")


def test_a_repository_is_welcomed_at_what_is_first_heard_of_it() -> None:
    runs = FakeRuns()
    route(labeled("bug"), runs)
    route(commented("hi"), runs)
    assert runs.welcomes == [WelcomeRequest(repo="octo/services", installation=42)]


def test_a_repository_with_the_label_needs_no_welcome() -> None:
    runs = FakeRuns()
    route(labeled("Microservice"), runs)
    assert runs.welcomes == []


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
    repos = ("octo/services", "octo/other", "octo/none", "octo/.github", "other/.github")
    for name in repos[:2]:
        route(labeled().model_copy(update={"repo": name, "repository": repos.index(name)}), runs)
    event = events.SettingsPushed(delivery="guid", repo=repo, repository=repos.index(repo), installation=42)
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


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (events.PlaceChanged(delivery="guid", place="octo"), "octo"),
        (made(events.RepositoryChanged), "octo/services"),
        (made(events.RepositoryChanged, repo="octo/shop", before="octo/services"), "octo/services"),
    ],
)
def test_all_that_waits_in_a_place_is_woken(event: events.Event, place: str) -> None:
    runs = FakeRuns()
    route(labeled(), runs)
    assert route(event, runs) == f"signalled 1 runs of {place}"
    assert runs.signals == [("octo/services", 3)]


def test_a_repository_is_known_by_its_id() -> None:
    runs = FakeRuns()
    route(labeled(), runs)
    again: events.LabelAdded = made(
        events.LabelAdded, "another", repo="acme/shop", issue=3, label="microservice", actor="octo"
    )
    assert route(again, runs) == f"{run_id('octo/services', 3, 'guid')} is at work already"
