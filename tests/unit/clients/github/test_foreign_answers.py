"""Something else answers in the place of GitHub, such as a proxy: that is an outage, whatever it says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_type_hints

import pytest

from bot.clients.github import GitHub, MergeText, NewCommit, Repository, SignIn, convert
from bot.errors import Hindrance, Unavailable
from bot.foreign import Markdown, Plain
from bot.values.checks import CheckRun
from bot.values.github import DeploymentStatus, LineComment, WorkflowRun
from bot.values.person import Person
from tests.fakes.app_key import app_key
from tests.fakes.github_http import FakeGitHub

SHA = "a" * 40
ANSWERS: dict[str, tuple[int, Any, str]] = {
    "JSON": (200, {"message": "ok"}, "application/json"),
    "a list": (200, ["ok"], "application/json"),
    "a page": (200, b"<html>ok", "text/html"),
    "nothing": (200, None, "application/json"),
    "a redirect": (302, b"<html>ok", "text/html"),
    "a refusal": (403, {"message": "Not today"}, "application/json"),
    "not found": (404, {"message": "Not Found"}, "application/json"),
}
GIVEN: dict[Any, Any] = {
    int: 1,
    float: 1.0,
    str: "x",
    bool: True,
    int | None: 1,
    Plain: Plain("x"),
    Markdown: Markdown("x"),
    Mapping[str, str]: {},
    Sequence[str]: ["x"],
    Person: Person(id=1, login="x"),
    NewCommit: NewCommit(Plain("x"), {}, "1"),
    MergeText: MergeText(Plain("x"), Plain("x")),
    DeploymentStatus: DeploymentStatus(state="success"),
    WorkflowRun: WorkflowRun(id=1, attempt=1, head_sha=SHA, status="completed", conclusion="failure", url=""),
    CheckRun: CheckRun(name="x", head_sha=SHA, external_id="1", conclusion="failure", url="", title="x", summary="x"),
    LineComment: LineComment(id=1, review=1, author="x", body="x", path="x", original_sha=SHA, hunk="", url=""),
}
ELSE: dict[str, dict[str, Any]] = {"react": {"issue": 1}}
"""Arguments that their types do not tell."""
UNSEEN = {"edit_aside"}
"""What is sent later, by a thread that only logs a failure."""
VERBS = [name for name, _ in inspect.getmembers(Repository, inspect.isfunction) if name[0] != "_"]


def answers(fake: FakeGitHub, kind: str) -> None:
    """Have something answer everything that is not prescribed, in a way of `ANSWERS`."""
    status, body, content_type = ANSWERS[kind]
    fake.otherwise = status, body, {"Content-Type": content_type, "X-GitHub-Request-Id": ""}


def is_an_outage(call: Callable[[], object]) -> None:
    with pytest.raises(Unavailable, match=r"^This is not GitHub's answer \(trying to ") as caught:
        call()
    assert caught.value.hindrance is Hindrance.OUTAGE


@pytest.fixture
def github(fake: FakeGitHub) -> Iterator[GitHub]:
    github = GitHub(fake.api_url, 1, app_key())
    yield github
    github.close()


@pytest.mark.parametrize("kind", ["JSON", "a page", "not found"])
@pytest.mark.parametrize("verb", sorted({*VERBS} - UNSEEN))
def test_no_verb_of_a_repository_takes_it(fake: FakeGitHub, repository: Repository, verb: str, kind: str) -> None:
    answers(fake, kind)
    call = getattr(repository, verb)
    types = get_type_hints(call)
    needed = [each.name for each in inspect.signature(call).parameters.values() if each.default is each.empty]
    arguments = {name: GIVEN[types[name]] for name in needed} | ELSE.get(verb, {})

    def called() -> None:
        result = call(**arguments)
        # A log is read while it arrives.
        if isinstance(result, Iterator):
            next(result)

    is_an_outage(called)


@pytest.mark.parametrize("kind", ANSWERS)
def test_neither_does_what_the_app_asks(fake: FakeGitHub, github: GitHub, kind: str) -> None:
    answers(fake, kind)
    hook, registered = github.hook(), github.registered()
    sign_in = SignIn(github, fake.api_url, "id", "secret")
    for call in (
        github.login,
        lambda: hook.deliveries(0.0, 1),
        lambda: hook.redeliver(1),
        hook.installations,
        lambda: hook.repositories(1, 1),
        registered.registration,
        registered.hook,
        lambda: registered.granted("octo/shop"),
        github.repository("octo/shop").default_branch,
        github.repository("octo/shop", 1).default_branch,
        lambda: sign_in.person("code"),
        lambda: sign_in.may_read(Person(id=1, login="octo"), "octo/shop"),
        lambda: convert(fake.api_url, "code"),
    ):
        is_an_outage(call)


def test_what_it_says_is_told(fake: FakeGitHub, github: GitHub, repository: Repository) -> None:
    fake.on("GET", "/app", 200, {"error": "sign in"}, X_GitHub_Request_Id="")
    fake.on("GET", "/repos/octo/shop/issues/1", 403, b"<html>\n<h1>Sign in", X_GitHub_Request_Id="")
    with pytest.raises(
        Unavailable,
        match=r"\(trying to see who the App is\): it has no X-GitHub-\* header, and says \{'error': 'sign in'",
    ):
        github.registered().registration()
    with pytest.raises(Unavailable, match=r"\(trying to read issue #1\): .*<html>.*<h1>Sign in"):
        repository.issue(1)


def test_a_page_of_githubs_own_is_no_answer_either(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", "/repos/octo/shop/issues/1", 200, b"<html>Sign in", Content_Type="text/html")
    is_an_outage(lambda: repository.issue(1))


def test_how_long_to_wait_counts_whoever_says_it(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", "/repos/octo/shop/issues/1", 429, b"", Retry_After="7", X_GitHub_Request_Id="")
    fake.on("GET", "/repos/octo/shop/issues/2", 503, b"", Retry_After="8", X_GitHub_Request_Id="")
    for number, seconds in ((2, 8.0), (1, 7.0)):
        with pytest.raises(Unavailable) as caught:
            repository.issue(number)
        assert caught.value.retry_after == seconds


def test_a_log_may_come_from_a_store_that_is_not_githubs(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", "/repos/octo/shop/actions/jobs/1/logs", 302, None, Location=f"{fake.url}/store")
    fake.on("GET", "/store", 200, b"line\n", Content_Type="text/plain", X_GitHub_Request_Id="")
    assert list(repository.job_log(1)) == ["line"]
