"""Edits that nobody waits for: what is overtaken is not sent, and nothing older comes after what is newer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bot.clients.github import GitHub, Pace, Repository
from bot.clients.github.pacing import OF_A_REPOSITORY, OF_RUNS, Share, Urgency
from bot.errors import Hindrance, Unavailable
from bot.foreign import Markdown
from bot.render import hidden
from tests.fakes.github_http import FakeGitHub

REPO = "/repos/octo/shop"
PATH = f"{REPO}/issues/comments/3"


class Full(Pace):
    """A pace at which edits wait until a test lets one of them go; all else goes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Event()
        self.go = threading.Semaphore(0)

    def wait_aside(
        self, wanted: Callable[[], bool], of: str = "", *, within: Callable[[], int] = lambda: OF_RUNS
    ) -> bool:
        self.waiting.set()
        while not self.go.acquire(timeout=0.01):
            if not wanted():
                return False
        return wanted()


@pytest.fixture
def pace() -> Full:
    return Full()


@pytest.fixture
def talking(fake: FakeGitHub, repository: Repository, pace: Full) -> Iterator[Repository]:
    """A repository whose issue 1 has the bot's comment 3, which says "begun"."""
    fake.on_graphql({"data": {"viewer": {"login": "gptdeploy[bot]"}}})
    own = {"id": 3, "user": {"login": "gptdeploy[bot]"}, "html_url": "https://example.com/c/3"}
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [{**own, "body": hidden("status")}])
    fake.on("PATCH", PATH, 200, {**own, "body": "edited"})
    repository.pace = Share(pace, OF_A_REPOSITORY)
    yield repository
    ended()


def ended() -> None:
    """Wait until nobody sees to an edit any more."""
    deadline = time.monotonic() + 10
    while any(thread.name == "edit" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "edits do not end"
        time.sleep(0.01)


def always() -> bool:
    return True


def never() -> None:
    raise AssertionError("GitHub has refused nothing")


def sent(fake: FakeGitHub) -> list[str]:
    """Return what the comment was made to say, one after the other."""
    return [request.body["body"].split("\n")[0] for request in fake.asked("PATCH")]


def test_only_the_newest_of_several_edits_is_sent(fake: FakeGitHub, talking: Repository, pace: Full) -> None:
    for text in ("one", "two", "three"):
        talking.edit_aside(1, "status", Markdown(text), always, never)
    assert pace.waiting.wait(10) and sent(fake) == []
    pace.go.release()
    ended()

    assert sent(fake) == ["three"]


def test_an_edit_after_another_one_is_sent_as_well(fake: FakeGitHub, talking: Repository, pace: Full) -> None:
    for text in ("one", "two"):
        talking.edit_aside(1, "status", Markdown(text), always, never)
        pace.go.release()
        ended()

    assert sent(fake) == ["one", "two"]


def test_what_is_written_at_once_takes_the_place_of_what_waits(
    fake: FakeGitHub, talking: Repository, pace: Full
) -> None:
    talking.edit_aside(1, "status", Markdown("building"), always, never)
    assert pace.waiting.wait(10)
    talking.upsert_comment(1, "status", Markdown("done"))
    ended()
    pace.go.release()

    assert sent(fake) == ["done"]


def test_nothing_is_said_of_a_run_that_somebody_has_stopped_elsewhere(
    fake: FakeGitHub, talking: Repository, pace: Full
) -> None:
    talking.edit_aside(1, "status", Markdown("building"), lambda: False, never)
    pace.go.release()
    ended()

    assert sent(fake) == []


def test_edits_of_other_comments_wait_for_themselves(fake: FakeGitHub, talking: Repository, pace: Full) -> None:
    fake.on("POST", f"{REPO}/issues/1/comments", 201, {"id": 4, "html_url": "u", "body": "", "user": None})
    talking.edit_aside(1, "status", Markdown("building"), always, never)
    talking.upsert_comment(1, "help", Markdown("said"))
    pace.go.release()
    ended()

    assert sent(fake) == ["building"]


def test_an_edit_that_github_refuses_is_left_out_and_the_next_one_is_not(
    fake: FakeGitHub, talking: Repository, pace: Full
) -> None:
    fake.on("PATCH", f"{REPO}/issues/comments/5", 502, {"message": "Server Error"})
    own = {"id": 5, "user": {"login": "gptdeploy[bot]"}, "html_url": "u", "body": hidden("status")}
    fake.on("GET", f"{REPO}/issues/2/comments", 200, [own])
    talking.edit_aside(2, "status", Markdown("one"), always, never)
    pace.go.release()
    ended()
    fake.on("PATCH", f"{REPO}/issues/comments/5", 200, own)
    talking.edit_aside(2, "status", Markdown("two"), always, never)
    pace.go.release()
    ended()

    assert sent(fake) == ["one", "two"]


def test_a_run_hears_that_its_issue_is_gone(fake: FakeGitHub, talking: Repository, pace: Full) -> None:
    fake.on("GET", f"{REPO}/issues/2/comments", 410, {"message": "This issue was deleted"})
    refused = threading.Event()
    talking.edit_aside(2, "status", Markdown("one"), always, refused.set)
    pace.go.release()

    assert refused.wait(10)


def test_a_comment_that_somebody_deleted_is_not_made_by_an_edit(
    fake: FakeGitHub, talking: Repository, pace: Full
) -> None:
    fake.on("GET", f"{REPO}/issues/2/comments", 200, [])
    talking.edit_aside(2, "status", Markdown("one"), always, never)
    pace.go.release()
    ended()

    assert not sent(fake) and not fake.asked("POST", REPO)


def test_answers_to_people_have_turns_of_their_own() -> None:
    github = GitHub.with_token("http://127.0.0.1:9", "secret-token")
    answers, runs = github.repository("octo/shop", 1, answers=True), github.repository("octo/shop", 1)
    assert (answers.pace.urgency, runs.pace.urgency) == (Urgency.ANSWER, Urgency.STEP)


def test_what_comes_while_an_edit_fails_is_sent_all_the_same(
    fake: FakeGitHub, talking: Repository, pace: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    def wait(*_: object, **__: object) -> bool:
        nonlocal calls
        calls += 1
        if calls == 1:
            talking.edit_aside(1, "status", Markdown("waits"), always, never, held=True)
            raise Unavailable("the hour is used up", Hindrance.LIMIT, 600)
        return True

    monkeypatch.setattr(pace, "wait_aside", wait)
    talking.edit_aside(1, "status", Markdown("building"), always, never)
    ended()

    assert sent(fake) == ["waits"]


def test_a_comment_that_is_there_may_be_left_as_it_is(fake: FakeGitHub, talking: Repository, pace: Full) -> None:
    fake.on("GET", f"{REPO}/issues/2/comments", 200, [])
    fake.on("POST", f"{REPO}/issues/2/comments", 201, {"id": 4, "html_url": "u", "body": "", "user": None})
    for number in (1, 2):
        talking.edit_aside(number, "status", Markdown("waits"), always, never, anew=True, over=False)
        pace.go.release()
        ended()

    assert not sent(fake) and len(fake.asked("POST", f"{REPO}/issues/2")) == 1
