"""What GitHub's answers say of its limits is kept, by the owner of the installation and by what is counted."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext

import pytest

from bot.clients.github import GitHub, Pace, Repository
from bot.clients.github.limits import Quota, Spends
from bot.clients.github.pacing import OF_A_REPOSITORY, Share
from bot.errors import Hindrance, Unavailable
from bot.foreign import Markdown
from bot.render import hidden
from bot.values.figures import RateLimit
from tests.fakes.app_key import app_key
from tests.fakes.github_http import FakeGitHub
from tests.unit.clients.github.test_client import ISSUE

REPO = "/repos/octo/shop"
TOKEN = {"token": "t", "expires_at": "2099-01-01T00:00:00Z"}
STANDING = {
    "databaseId": None,
    "issue": {"state": "OPEN", "locked": False, "labels": {"nodes": []}},
}


class Kept:
    """Keeps all that it is told."""

    def __init__(self) -> None:
        self.noted: list[RateLimit] = []

    def note(self, limit: RateLimit) -> None:
        self.noted.append(limit)

    def low(self) -> list[RateLimit]:
        return []


def headers(remaining: int, resource: str) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": "4000000000",
        "X-RateLimit-Resource": resource,
    }


def limit(remaining: int, resource: str = "core") -> RateLimit:
    return RateLimit(account="octo", resource=resource, remaining=remaining, limit=5000, resets_at=4e9)


def test_rest_and_graphql_are_told_apart(fake: FakeGitHub) -> None:
    kept = Kept()
    repository = GitHub(fake.api_url, 1, app_key(), limits=kept).repository("octo/shop", 5)
    fake.on("POST", "/app/installations/5/access_tokens", 201, TOKEN, **headers(4999, "core"))
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE, **headers(700, "core"))
    fake.on_graphql({"data": {"repository": STANDING}}, 200, **headers(60, "graphql"))

    repository.issue(1)
    repository.standing(1, None)

    # The App's own requests count against no installation.
    assert kept.noted == [limit(700), limit(60, "graphql")]


def test_a_limit_that_is_used_up_is_kept(fake: FakeGitHub) -> None:
    kept = Kept()
    repository = GitHub(fake.api_url, 1, app_key(), limits=kept).repository("octo/shop", 5)
    fake.on("POST", "/app/installations/5/access_tokens", 201, TOKEN)
    refusal = {"message": "API rate limit exceeded for installation"}
    fake.on("GET", f"{REPO}/issues/1", 403, refusal, **headers(0, "core"))

    with pytest.raises(Unavailable):
        repository.issue(1)

    (noted,) = kept.noted
    assert (noted.remaining, noted.left(time.time()), noted.left(5e9)) == (0, 0, 5000)


def test_a_server_that_tells_no_limits_is_used_all_the_same(fake: FakeGitHub) -> None:
    kept = Kept()
    repository = GitHub(fake.api_url, 1, app_key(), limits=kept).repository("octo/shop", 5)
    fake.on("POST", "/app/installations/5/access_tokens", 201, TOKEN)
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE)

    repository.issue(1)

    assert kept.noted == []


EDIT = f"{REPO}/issues/comments/3"


def repository_of(fake: FakeGitHub, *, answers: bool = False) -> Repository:
    """Return a repository whose issue 1 has the bot's status comment."""
    fake.on("POST", "/app/installations/5/access_tokens", 201, TOKEN)
    fake.on("GET", "/app", 200, {"slug": "gptdeploy"})
    own = {"id": 3, "user": {"login": "gptdeploy[bot]"}, "html_url": "u", "body": hidden("status")}
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [own], **headers(99, "core"))
    fake.on("PATCH", EDIT, 200, own, **headers(98, "core"))
    return GitHub(fake.api_url, 1, app_key()).repository("octo/shop", 5, answers=answers)


def say(repository: Repository, *, held: bool) -> None:
    """Edit the status comment aside, and wait until that is done."""
    repository.edit_aside(1, "status", Markdown("waits"), lambda: True, lambda: None, held=held)
    deadline = time.monotonic() + 10
    while any(thread.name == "edit" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the edit does not end"
        time.sleep(0.01)


def test_the_reserve_is_left_to_word_of_the_wait(fake: FakeGitHub) -> None:
    repository = repository_of(fake)
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE, **headers(100, "core"))
    fake.on_graphql({"data": {"repository": STANDING}}, 200, **headers(4000, "graphql"))
    repository.issue(1)

    with pytest.raises(Unavailable) as refused:
        repository.issue(1)
    say(repository, held=False)
    assert len(fake.asked("GET", REPO)) == 1 and not fake.asked("PATCH")
    error = refused.value
    assert (error.hindrance, error.place) == (Hindrance.LIMIT, "octo")
    assert error.retry_after == pytest.approx(4e9 - time.time(), abs=60)
    # What GraphQL takes is counted by itself.
    repository.standing(1, None)
    say(repository, held=True)
    assert [request.path for request in fake.asked("PATCH")] == [EDIT]


@pytest.mark.parametrize(("left", "answered"), [(51, True), (50, False)])
def test_an_answer_to_a_person_may_use_half_of_the_reserve(fake: FakeGitHub, left: int, answered: bool) -> None:
    repository = repository_of(fake, answers=True)
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE, **headers(left, "core"))
    repository.issue(1)

    with nullcontext() if answered else pytest.raises(Unavailable):
        repository.issue(1)


def test_nothing_is_said_while_github_refuses(fake: FakeGitHub) -> None:
    repository = repository_of(fake)
    fake.on("GET", f"{REPO}/issues/1", 403, {"message": "You have exceeded a secondary rate limit"}, retry_after="60")
    with pytest.raises(Unavailable):
        repository.issue(1)
    asked = len(fake.asked("", REPO))

    say(repository, held=True)
    with pytest.raises(Unavailable):
        repository.issue(1)

    assert len(fake.asked("", REPO)) == asked


def test_a_run_that_waits_for_the_writes_of_an_hour_says_so(fake: FakeGitHub) -> None:
    repository, clock = repository_of(fake), Clock()
    repository.pace = Share(Pace(clock, clock.sleep), OF_A_REPOSITORY)
    for _ in range(OF_A_REPOSITORY):
        repository.pace.wait()
    with pytest.raises(Unavailable) as full:
        repository.close_issue(1)
    assert full.value.hindrance is Hindrance.LIMIT

    say(repository, held=True)
    assert [request.method for request in fake.asked("", REPO)] == ["GET", "PATCH"]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def heard(remaining: int, limit: int = 5000, resets_at: float = 2000.0, account: str = "octo") -> RateLimit:
    return RateLimit(account=account, resource="core", remaining=remaining, limit=limit, resets_at=resets_at)


def is_admitted(quota: Quota, owner: str = "octo", spends: Spends = Spends.NOTHING) -> bool:
    try:
        with quota.admitted(owner, "core", spends):
            return True
    except Unavailable:
        return False


def test_what_is_under_way_counts_as_used() -> None:
    quota = Quota(clock=Clock())
    quota.hear(heard(102))
    with quota.admitted("octo", "core", Spends.NOTHING), quota.admitted("octo", "core", Spends.NOTHING):
        assert not is_admitted(quota)
    assert is_admitted(quota)


def test_a_reset_ends_the_wait_of_its_owner_and_nobody_else_waits() -> None:
    clock = Clock()
    quota = Quota(clock=clock)
    quota.hear(heard(0))
    assert is_admitted(quota, "acme")
    assert not is_admitted(quota, spends=Spends.ALL)
    clock.now = 2000.0
    assert is_admitted(quota)


def test_an_answer_that_comes_late_gives_nothing_back() -> None:
    quota = Quota(clock=Clock())
    quota.hear(heard(100))
    quota.hear(heard(103, resets_at=2001.0))
    assert not is_admitted(quota)
    quota.hear(heard(4999, resets_at=5600.0))
    assert is_admitted(quota)


@pytest.mark.parametrize(("left", "admits"), [(2, True), (1, False)])
def test_a_small_limit_has_a_small_reserve(left: int, admits: bool) -> None:
    quota = Quota(clock=Clock())
    quota.hear(heard(left, 60))
    assert is_admitted(quota) is admits
