"""What is against GitHub's word is found, whoever says it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.clients.github import GitHub
from tests.contract.conftest import REPOSITORY, World
from tests.word.fetch import ANSWERS, REQUESTS, WEBHOOKS
from tests.word.front import Word
from tests.word.rest import Answer, Request, Rest, Webhooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TESTS = Path(__file__).parents[1]
AGENT = {"user-agent": "a test"}


@pytest.fixture(scope="module")
def rest(packages: Path) -> Rest:
    return Rest(packages / ANSWERS, packages / REQUESTS)


UNKNOWN = "GitHub knows no such parameter here"
ISSUES = "/repos/o/n/issues"


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "fault"),
    [
        ("GET", "/repos/o/n/isues", "", "", "GitHub has no such operation"),
        ("PUT", ISSUES, "", "", "GitHub has no such operation"),
        ("GET", ISSUES, "label=x", "", f"query label: {UNKNOWN}"),
        ("GET", "/repos/o/n/git/matching-refs/heads/x", "per_page=9", "", f"query per_page: {UNKNOWN}"),
        ("GET", ISSUES, "per_page=101", "", "query per_page: 101 is not between 1 and 100"),
        ("GET", ISSUES, "page=one", "", 'query page: all of it: "one" is not of type "integer"'),
        ("GET", ISSUES, "direction=up", "", 'query direction: all of it: "up" is not one of "asc" or "desc"'),
        ("GET", ISSUES, "", "{}", "body: GitHub takes none here"),
        ("POST", ISSUES, "", "", "body: it is missing"),
        ("POST", ISSUES, "", "{", "body: it is no JSON"),
        ("POST", ISSUES, "", "{}", 'body all of it: "title" is a required property'),
        ("POST", ISSUES, "", '{"title": "x", "labels": "y"}', 'body labels: "y" is not of type "array"'),
        (
            *("POST", ISSUES, "", '{"title": "x", "label": []}'),
            "body all of it: Unevaluated properties are not allowed ('label' was unexpected)",
        ),
    ],
)
def test_wrong_request(rest: Rest, method: str, path: str, query: str, body: str, fault: str) -> None:
    assert list(rest.of_request(Request(method, path, query, AGENT, body.encode()))) == [fault]


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/repos/o/n/contents/a/b.py", "ref=main"),
        ("GET", "/repos/o/n/commits/a/branch/check-runs", "per_page=100&check_name=x"),
        ("GET", "/repositories/17/issues/1", ""),
        ("DELETE", "/repos/o/n/issues/1/labels/needs%2Fan%20answer", ""),
    ],
)
def test_right_request(rest: Rest, method: str, path: str, query: str) -> None:
    assert list(rest.of_request(Request(method, path, query, AGENT, b""))) == []


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, {"slug": "x"}, 'all of it: "id" is a required property'),
        (204, None, "GitHub describes no status 204 here"),
        (404, {"message": 404}, 'message: 404 is not of type "string"'),
    ],
)
def test_wrong_answer(rest: Rest, status: int, body: object, fault: str) -> None:
    request = Request("GET", "/app", "", AGENT, b"")
    answer = Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())
    assert fault in list(rest.of_answer(request, answer))


def test_bot_that_names_no_version(rest: Rest) -> None:
    said = list(rest.of_request(Request("GET", "/app", "", {"user-agent": "gptdeploy"}, b"")))
    assert said == ["header X-GitHub-Api-Version is missing"]


def test_wrong_webhook(packages: Path) -> None:
    webhooks = Webhooks(packages / WEBHOOKS)
    assert list(webhooks.faults_of("issues", {"action": "melted"})) == ["GitHub describes no such webhook"]
    assert 'all of it: "issue" is a required property' in list(webhooks.faults_of("issues", {"action": "opened"}))


def test_every_hub_of_flow_and_contract_tests_is_held() -> None:
    makes = re.compile(r"\bHub\(")
    texts = {path: path.read_text() for folder in ("flow", "contract") for path in TESTS.glob(f"{folder}/**/*.py")}
    making = {path for path, text in texts.items() if makes.search(text) and path != Path(__file__)}
    assert len(making) > 2
    assert [path.name for path in making if "word.hold(" not in texts[path]] == []


def test_all_that_passes_is_checked(world: World, github_word: Word) -> None:
    """Also what goes wrong before the hub is asked, and what the bot's own client sends."""
    said = {"id": "no number"}

    def wrong(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json"), ("X-GitHub-Request-Id", "0400:1A2B")])
        return [json.dumps(said).encode()]

    world.hub.front = wrong
    github_word.hold(world.hub)
    repository = GitHub.with_token(world.hub.api_url, "x").repository(REPOSITORY)
    httpx.post(f"{world.hub.api_url}/repos/{REPOSITORY}/issues", json={"titel": "x"})
    repository.must_be_there()

    found = github_word.faults()
    assert f'POST /repos/{REPOSITORY}/issues: body all of it: "title" is a required property' in found
    assert f'GET /repos/{REPOSITORY} -> 200: id: "no number" is not of type "integer"' in found
    assert not [line for line in found if "header" in line]
