"""Check runs: created once, and what an installation has not granted breaks nothing."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.clients.github import GitHub, Rejected, Repository
from bot.clients.github.auth import PERMISSIONS
from bot.errors import TransientError
from bot.values.checks import Annotation, CheckRun
from tests.fakes.github_http import FakeGitHub

SHA = "a" * 40
RUNS, OF_COMMIT = "/repos/octo/shop/check-runs", f"/repos/octo/shop/commits/{SHA}/check-runs"
CHECK = CheckRun(
    name="gptdeploy",
    head_sha=SHA,
    external_id="7/1",
    conclusion="failure",
    url="https://github.com/octo/shop/actions/runs/7",
    title="It is red",
    summary="Why",
    annotations=(Annotation(path="services/x/executor.py", line=3, message="NameError: x"),),
)


def there(external_id: str = "7/1", slug: str = "gptdeploy") -> dict[str, object]:
    return {"total_count": 1, "check_runs": [{"external_id": external_id, "app": {"slug": slug}}]}


def viewer(fake: FakeGitHub) -> None:
    fake.on_graphql({"data": {"viewer": {"login": "gptdeploy[bot]"}}})


def test_one_request_says_all(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("POST", RUNS, 201, {"id": 1})

    assert repository.report_check(CHECK, look_first=False)
    (request,) = fake.requests
    assert request.body == {
        "name": "gptdeploy",
        "head_sha": SHA,
        "external_id": "7/1",
        "details_url": "https://github.com/octo/shop/actions/runs/7",
        "status": "completed",
        "conclusion": "failure",
        "output": {
            "title": "It is red",
            "summary": "Why",
            "annotations": [
                {
                    "path": "services/x/executor.py",
                    "start_line": 3,
                    "end_line": 3,
                    "annotation_level": "failure",
                    "message": "NameError: x",
                }
            ],
        },
    }


def test_what_is_there_is_not_created_again(fake: FakeGitHub, repository: Repository) -> None:
    viewer(fake)
    fake.on("GET", OF_COMMIT, 200, there())

    assert repository.report_check(CHECK, look_first=True)
    assert fake.asked("POST", RUNS) == []


@pytest.mark.parametrize("other", [there("7/2"), there(slug="github-actions"), {"total_count": 0, "check_runs": []}])
def test_others_check_runs_do_not_count(fake: FakeGitHub, repository: Repository, other: dict[str, object]) -> None:
    viewer(fake)
    fake.on("GET", OF_COMMIT, 200, other)
    fake.on("POST", RUNS, 201, {"id": 1})

    assert repository.report_check(CHECK, look_first=True)
    assert len(fake.asked("POST", RUNS)) == 1


def test_missing_permission_is_no_failure(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("POST", RUNS, 403, {"message": "Resource not accessible by integration"})
    assert not repository.report_check(CHECK, look_first=False)


def test_other_refusals_are_failures(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("POST", RUNS, 422, {"message": f"No commit found for SHA: {SHA}"})
    fake.on("POST", RUNS, 502)
    with pytest.raises(Rejected, match="No commit found"):
        repository.report_check(CHECK, look_first=False)
    with pytest.raises(TransientError):
        repository.report_check(CHECK, look_first=False)


@pytest.fixture(scope="module")
def key() -> str:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def test_token_of_an_installation_that_has_not_granted_it_yet(fake: FakeGitHub, key: str) -> None:
    tokens = "/app/installations/5/access_tokens"
    fake.on("POST", tokens, 422, {"message": "The permissions requested are not granted to this installation."})
    fake.on("POST", tokens, 201, {"token": "t", "expires_at": "2099-01-01T00:00:00Z"})
    more = {"checks": "read", "actions": "write", "issues": "admin", "secrets": "write"}
    fake.on("GET", "/app/installations/5", 200, {"permissions": {**PERMISSIONS, **more} | {"deployments": "none"}})
    fake.on("GET", "/repos/octo/shop/issues/1", 404, {"message": "Not Found"})
    github = GitHub(fake.api_url, 1, key)
    repository = github.repository("octo/shop", 5)
    with pytest.raises(Rejected):
        repository.issue(1)
    github.close()

    first, second = fake.asked("POST", tokens)
    assert first.body["permissions"] == PERMISSIONS
    # Nothing that the bot does not use, and nothing above the level that it uses.
    granted = {name: level for name, level in PERMISSIONS.items() if name != "deployments"} | {"checks": "read"}
    assert second.body["permissions"] == granted
    assert repository.credentials.lacking() == ("checks: write", "deployments: read")


def test_token_that_is_refused_for_another_reason(fake: FakeGitHub, key: str) -> None:
    tokens = "/app/installations/5/access_tokens"
    fake.on("POST", tokens, 422, {"message": "There is at least one repository that does not exist"})
    github = GitHub(fake.api_url, 1, key)
    with pytest.raises(Rejected, match="does not exist"):
        github.repository("octo/shop", 5).issue(1)
    github.close()
    assert len(fake.asked("POST", tokens)) == 1
