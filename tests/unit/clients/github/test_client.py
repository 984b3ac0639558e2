"""What the client makes of GitHub's answers: failures, limits, tokens, and 404."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.clients.github import GitHub, Repository
from bot.clients.github.auth import AppTokens, Clients
from bot.clients.github.names import RememberedNames
from bot.errors import Gone, Hindrance, TransientError, Unavailable, UserError
from tests.fakes.github_http import FakeGitHub, fake_github

REPO = "/repos/octo/shop"
SHA = "a" * 40
ISSUE = {
    "number": 1,
    "title": "QR",
    "body": None,
    "state": "open",
    "user": {"login": "octo"},
    "labels": [{"name": "microservice"}],
    "html_url": "https://example.com/octo/shop/issues/1",
}


@pytest.fixture(scope="module")
def key() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return private.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def token(minutes: float, value: str = "t1") -> dict[str, str]:
    return {
        "token": value,
        "expires_at": (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def test_the_apps_key_is_read_once_however_often_it_signs(key: str) -> None:
    began = time.process_time()
    serialization.load_pem_private_key(key.encode(), None)
    reading = time.process_time() - began
    tokens = AppTokens(Clients("http://127.0.0.1:9"), 1, key, RememberedNames())
    tokens.jwt()

    began = time.process_time()
    for _ in range(20):
        assert tokens.jwt().count(".") == 2

    assert time.process_time() - began < 10 * reading


# Failures


def test_read_is_repeated_after_502(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1", 502, b"<html>")
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE)

    issue = repository.issue(1)

    assert (issue.title, issue.body, issue.labels) == ("QR", "", ("microservice",))
    assert len(fake.requests) == 2


def test_write_is_sent_once_whatever_the_answer(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("PATCH", f"{REPO}/issues/1", 502, b"<html>")

    with pytest.raises(TransientError):
        repository.close_issue(1)

    assert len(fake.requests) == 1


def test_no_connection_is_transient() -> None:
    with fake_github() as gone:
        pass
    github = GitHub.with_token(gone.api_url, "secret-token")

    with pytest.raises(TransientError, match="read the repository") as error:
        github.repository("octo/shop").default_branch()

    assert "secret-token" not in str(error.value)


@pytest.mark.parametrize(
    ("status", "message", "headers", "expected"),
    [
        (403, "API rate limit exceeded for installation ID 1.", {"X_RateLimit_Remaining": "0"}, 60),
        (403, "You have exceeded a secondary rate limit.", {"Retry_After": "7"}, 7),
        (403, "You have exceeded a secondary rate limit.", {}, 60),
        (429, "Too many requests", {"Retry_After": "30"}, 30),
        (503, "Service unavailable", {"Retry_After": "120"}, 120),
    ],
)
def test_limits_are_waited_for_elsewhere(
    fake: FakeGitHub, repository: Repository, status: int, message: str, headers: dict[str, str], expected: float
) -> None:
    fake.on("GET", f"{REPO}/issues/1", status, {"message": message}, **headers)

    with pytest.raises(TransientError) as limited:
        repository.issue(1)

    assert limited.value.retry_after == expected
    assert len(fake.requests) == 1


def test_reset_time_of_the_primary_limit_is_honoured(fake: FakeGitHub, repository: Repository) -> None:
    reset = datetime.now(UTC).timestamp() + 600
    headers = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(int(reset))}
    fake.on("GET", f"{REPO}/issues/1", 403, {"message": "API rate limit exceeded"}, **headers)

    with pytest.raises(TransientError) as limited:
        repository.issue(1)

    assert limited.value.retry_after == pytest.approx(600, abs=5)


@pytest.mark.parametrize(
    ("status", "message", "advice"),
    [
        (403, "Resource not accessible by integration", "Accept the permissions"),
        (404, "Not Found", "Check that the GitHub App is installed"),
        (410, "This issue was deleted", "/retry"),
    ],
)
def test_what_a_person_can_mend_says_how(
    fake: FakeGitHub, repository: Repository, status: int, message: str, advice: str
) -> None:
    fake.on("GET", f"{REPO}/issues/1", status, {"message": message})

    with pytest.raises((UserError, Unavailable)) as refused:
        repository.issue(1)

    assert message in str(refused.value)
    assert advice in str(refused.value)
    assert "read issue #1" in str(refused.value)


# Tokens


def test_one_token_for_one_repository_serves_many_requests(fake: FakeGitHub, key: str) -> None:
    fake.on("POST", "/app/installations/5/access_tokens", 201, token(60))
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE)
    github = GitHub(fake.api_url, 1, key)

    github.repository("octo/shop", 5).issue(1)
    github.repository("octo/shop", 5).issue(1)
    github.close()

    minted = fake.asked("POST")
    assert [request.body["repositories"] for request in minted] == [["shop"]]
    assert minted[0].body["permissions"]["contents"] == "write"
    assert "workflows" not in minted[0].body["permissions"]
    assert {request.headers["authorization"] for request in fake.asked("GET")} == {"Bearer t1"}


def test_token_about_to_expire_is_replaced(fake: FakeGitHub, key: str) -> None:
    fake.on("POST", "/app/installations/5/access_tokens", 201, token(4))
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE)
    github = GitHub(fake.api_url, 1, key)

    for _ in range(2):
        github.repository("octo/shop", 5).issue(1)
    github.close()

    assert len(fake.asked("POST")) == 2


def test_refused_token_is_replaced_once_even_for_a_write(fake: FakeGitHub, key: str) -> None:
    fake.on("POST", "/app/installations/5/access_tokens", 201, token(60, "revoked"))
    fake.on("POST", "/app/installations/5/access_tokens", 201, token(60, "fresh"))
    fake.on("PATCH", f"{REPO}/issues/1", 401, {"message": "Bad credentials"})
    fake.on("PATCH", f"{REPO}/issues/1", 200, ISSUE)
    github = GitHub(fake.api_url, 1, key)

    github.repository("octo/shop", 5).close_issue(1)
    github.close()

    assert [r.headers["authorization"] for r in fake.asked("PATCH")] == ["Bearer revoked", "Bearer fresh"]


@pytest.mark.parametrize(
    ("status", "message", "headers", "hindrance", "permissions"),
    [
        (502, "Server Error", {}, Hindrance.OUTAGE, ()),
        (429, "Slow down", {"retry_after": "1"}, Hindrance.LIMIT, ()),
        (403, "Repository was archived so is read-only.", {}, Hindrance.ARCHIVED, ()),
        (403, "This installation has been suspended", {}, Hindrance.SUSPENDED, ()),
        (
            403,
            "Resource not accessible by integration",
            {"x_accepted_github_permissions": "issues=write,contents=read; pull_requests=write"},
            Hindrance.PERMISSION,
            ("issues: write", "contents: read"),
        ),
    ],
)
def test_what_concerns_more_than_a_request_says_what_and_where(
    fake: FakeGitHub,
    repository: Repository,
    status: int,
    message: str,
    headers: dict[str, str],
    hindrance: Hindrance,
    permissions: tuple[str, ...],
) -> None:
    fake.on("PATCH", f"{REPO}/issues/1", status, {"message": message}, **headers)
    with pytest.raises(Unavailable) as caught:
        repository.close_issue(1)
    assert (caught.value.hindrance, caught.value.permissions) == (hindrance, permissions)
    of_repository = hindrance in (Hindrance.ARCHIVED, Hindrance.PERMISSION)
    assert caught.value.place == ("octo/shop" if of_repository else "octo")


def test_an_app_that_was_uninstalled_is_gone_and_found_again_as_another_installation(
    fake: FakeGitHub, key: str
) -> None:
    fake.on("GET", f"{REPO}/installation", 404, {"message": "Not Found"})
    fake.on("GET", f"{REPO}/installation", 200, {"id": 6})
    fake.on("POST", "/app/installations/6/access_tokens", 201, token(60))
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE)
    github = GitHub(fake.api_url, 1, key)
    with pytest.raises(Gone, match="octo/shop is not there"):
        github.repository("octo/shop", 5).issue(1)
    assert github.repository("octo/shop", 5).issue(1).number == 1
    github.close()


def test_refused_key_is_said_so_and_not_asked_for_ever(fake: FakeGitHub, key: str) -> None:
    fake.on("POST", "/app/installations/5/access_tokens", 401, {"message": "A JSON web token could not be decoded"})
    github = GitHub(fake.api_url, 1, key)

    with pytest.raises(Unavailable, match="GITHUB_PRIVATE_KEY"):
        github.repository("octo/shop", 5).issue(1)
    github.close()

    assert len(fake.requests) == 2


def test_login_and_installation_are_looked_up(fake: FakeGitHub, key: str) -> None:
    fake.on("GET", "/app", 200, {"id": 1, "slug": "gptdeploy"})
    fake.on("GET", f"{REPO}/installation", 200, {"id": 5})
    fake.on("POST", "/app/installations/5/access_tokens", 201, token(60))
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE)
    github = GitHub(fake.api_url, 1, key)

    assert github.login() == "gptdeploy[bot]"
    assert github.repository("octo/shop").issue(1).number == 1
    github.close()


def test_client_is_lent_to_one_at_a_time_and_used_again() -> None:
    clients = Clients("http://127.0.0.1:1/api/v3")

    with clients.lend(lambda: "a") as first, clients.lend(lambda: "b") as second:
        assert first is not second
    with clients.lend(lambda: "c") as third:
        assert third in (first, second)


# Absence


def test_what_is_not_there_is_not_an_error(fake: FakeGitHub, repository: Repository) -> None:
    assert repository.permission("nobody") == "none"
    assert repository.head("gone") is None
    fake.on_graphql({"data": {"repository": {"id": "R_1", "object": None}}})
    assert repository.folder("services/gone", SHA) == {}
    assert repository.binary_folder("services/gone/fixtures", SHA) == {}
    assert repository.services(SHA) == []
    assert repository.workflow_run("microservice-build.yml", SHA) is None
    refused = {"type": "UNPROCESSABLE", "message": "Reference does not exist"}
    fake.on_graphql({"data": {"updateRefs": None}, "errors": [refused]})
    assert repository.delete_branch("gone", SHA)
