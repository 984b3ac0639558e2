"""The hub's web pages: what a person reads and does there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.hub.pulls import Branches
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World
from tests.contract.test_actions import commit_workflow, open_pull
from tests.contract.test_pulls import head_of, start
from tests.contract.test_webhooks import idle

FORM = (Path(__file__).parents[2] / ".github/ISSUE_TEMPLATE/microservice.yml").read_text()


@pytest.fixture
def browser(world: World) -> Iterator[httpx.Client]:
    """A client that sends what a browser sends with a form of the hub's own."""
    url = f"{world.hub.url}/{REPOSITORY}"
    headers = {"Origin": world.hub.url}
    with httpx.Client(base_url=url, headers=headers, verify=False, trust_env=False, follow_redirects=True) as client:  # noqa: S501
        yield client


def text(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert "not GitHub" in answer.text
    return answer.text


def be(browser: httpx.Client, world: World, login: str) -> None:
    browser.post(f"{world.hub.url}/_hub/as", data={"login": login, "back": "/"})


def test_form_of_the_repository_makes_an_issue_with_its_label(world: World, browser: httpx.Client) -> None:
    repo = world.hub.repository(REPOSITORY)
    path = ".github/ISSUE_TEMPLATE/microservice.yml"
    with world.hub.parts.state.lock:
        world.hub.parts.pulls.commit(repo, world.hub.caller("octo"), "main", "Add the form", {path: FORM.encode()})

    form = text(browser.get("/issues/new"))
    page = text(
        browser.post(
            "/issues/new",
            data={"title": "QR codes", "description": "Generate a QR code\r\nfrom text", "scenarios": ""},
        )
    )

    assert 'name="description"' in form
    assert repo.issues[1].body == (
        "### Description\n\nGenerate a QR code\nfrom text\n\n### Service to change\n\n_No response_\n\n"
        "### Test scenarios\n\n_No response_"
    )
    assert [label.name for label in repo.issues[1].labels] == ["microservice"]
    assert "<h3>Description</h3>" in page
    assert world.payload("issues", "labeled")["sender"]["login"] == "octo"


def test_issue_without_a_title_is_not_opened(world: World, browser: httpx.Client) -> None:
    page = text(browser.post("/issues/new", data={"title": " ", "body": "typed already"}))

    assert "Please fill in: title." in page
    assert "typed already" in page
    assert world.hub.repository(REPOSITORY).issues == {}


def test_both_people_comment_and_only_the_admin_closes_and_labels(world: World, browser: httpx.Client) -> None:
    issue = world.hub.open_issue(REPOSITORY, "An idea", "text", [])

    be(browser, world, "visitor")
    page = text(browser.post("/issues/1/comment", data={"body": "/retry"}))
    assert "Close issue" not in page
    assert browser.post("/issues/1/state", data={"state": "closed"}).status_code == 400
    assert browser.post("/issues/1/label", data={"name": "microservice"}).status_code == 400
    be(browser, world, "octo")
    text(browser.post("/issues/1/comment", data={"body": "/status"}))
    text(browser.post("/issues/1/label", data={"name": "microservice"}))
    page = text(browser.post("/issues/1/state", data={"state": "closed"}))

    assert [(comment.author.login, comment.body) for comment in issue.comments] == [
        ("visitor", "/retry"),
        ("octo", "/status"),
    ]
    assert (issue.state, [label.name for label in issue.labels]) == ("closed", ["microservice"])
    assert "Reopen issue" in page


def test_an_issue_is_edited_by_who_wrote_it_and_by_the_admin(world: World, browser: httpx.Client) -> None:
    mine = world.hub.open_issue(REPOSITORY, "An idea", "\ntext </textarea>", [], author="visitor")
    theirs = world.hub.open_issue(REPOSITORY, "Another", "text", [])

    be(browser, world, "visitor")
    assert "text &lt;/textarea&gt;</textarea>" in text(browser.get("/issues/1"))
    assert ">Save<" not in text(browser.get("/issues/2"))
    text(browser.post("/issues/1/edit", data={"title": "An idea", "body": "a\r\nbetter text"}))
    assert browser.post("/issues/2/edit", data={"title": "Mine now", "body": ""}).status_code == 400
    be(browser, world, "octo")
    assert browser.post("/issues/1/edit", data={"title": " ", "body": "x"}).status_code == 400
    text(browser.post("/issues/1/edit", data={"title": "The idea", "body": "a\nbetter text"}))

    assert (mine.title, mine.body, theirs.title) == ("The idea", "a\nbetter text", "Another")
    world.events()
    assert [change["changes"] for change in (item.payload for item in world.received if "changes" in item.payload)] == [
        {"body": {"from": "\ntext </textarea>"}},
        {"title": {"from": "An idea"}},
    ]


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_forms_of_other_sites_are_refused(world: World, browser: httpx.Client, origin: str | None) -> None:
    issue = world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    del browser.headers["Origin"]

    answer = browser.post(
        "/issues/1/comment", data={"body": "/deploy"}, headers={"Origin": origin} if origin is not None else {}
    )

    assert answer.status_code == 403
    assert issue.comments == []


def test_comments_are_rendered_and_harmless(world: World, browser: httpx.Client) -> None:
    world.hub.open_issue(
        REPOSITORY, "<b>An idea</b>", "**bold** <!-- gptdeploy:status --><script>alert(1)</script>", []
    )
    # Somebody who may not edit it, and therefore does not get it as it was typed.
    be(browser, world, "visitor")

    answer = browser.get("/issues/1")
    page = text(answer)

    assert "<strong>bold</strong>" in page
    assert "gptdeploy:status" not in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;An idea&lt;/b&gt;" in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_pull_page_shows_commits_checks_diff_and_how_it_ended(world: World, browser: httpx.Client) -> None:
    commit_workflow(world, "closed.yml", "name: Closed\non: {pull_request_target: {types: [closed]}}\njobs: {}\n")
    world.runner.script = lambda _: ("failure", "no such module")
    number, sha = open_pull(world, {"services/x/executor.py": "x = 1\n"})

    page = text(browser.get(f"/pull/{number}"))
    assert "Build #1</a>: failure" in page
    assert '<span class="add">+x = 1</span>' in page
    assert "No conflicts" in page
    assert browser.get(f"/issues/{number}").url.path.endswith(f"/pull/{number}")
    assert "+x = 1" in browser.get(f"/pull/{number}.diff").text

    world.runner.script = lambda _: ("success", "")
    world.as_bot().rest.pulls.merge(OWNER, NAME, number, data={"sha": sha, "merge_method": "squash"})
    idle(world)
    page = text(browser.get(f"/pull/{number}"))
    assert "Merged by" in page
    assert '<span class="add">+x = 1</span>' in page
    # The commit keeps the sign of its build beside what ran at its end.
    assert re.search(
        r'<span class="dot failure".{0,400}Build #1</a>: failure · <a [^>]+>Closed #1</a>: success', page, re.S
    )


def test_binary_and_large_files_are_named_and_not_shown(world: World, browser: httpx.Client) -> None:
    files = {
        "photo.png": b"\x89PNG\0\xff",
        "large.csv": b"1,2\n" * 200_000,
        "empty.txt": b"",
        "latin.txt": b"\xe9\x0c\n",
    }
    repo = world.hub.repository(REPOSITORY)
    with world.hub.parts.state.lock:
        octo = world.hub.caller("octo")
        world.hub.parts.pulls.create_branch(repo, octo, "files", head_of(world))
        sha = world.hub.parts.pulls.commit(repo, octo, "files", "Add files", files)
        number = world.hub.parts.pulls.open(repo, octo, "Files", "", Branches("files", "main")).number

    for path in (f"/pull/{number}", f"/commit/{sha}"):
        page = text(browser.get(path))
        assert page.count("Binary file not shown.") == 1
        assert page.count("Large diffs are not rendered.") == 1
        assert page.count("Empty file.") == 1
        assert "+200000" in page
        assert len(page) < 100_000
    diff = browser.get(f"/pull/{number}.diff").text
    assert "diff --git a/photo.png b/photo.png\nBinary file not shown.\n" in diff
    assert "Binary file." in text(browser.get(f"/blob/{sha}/photo.png"))
    patches = {file.filename: file for file in world.as_bot().rest.pulls.list_files(OWNER, NAME, number).parsed_data}
    assert {name for name, file in patches.items() if file.patch} == {"latin.txt"}
    assert (patches["latin.txt"].additions, patches["large.csv"].additions) == (1, 200_000)


def test_run_page_shows_steps_and_log(world: World, browser: httpx.Client) -> None:
    world.runner.script = lambda _: ("failure", "\x1b[31mno <such> module\x1b[0m")
    open_pull(world, {"services/x/executor.py": "x = 1\n"})
    (run,) = world.hub.repository(REPOSITORY).workflow_runs
    (job,) = run.latest.jobs

    for path in ("", "/attempts/1", f"/job/{job}"):
        page = text(browser.get(f"/actions/runs/{run.id}{path}"))
        assert '<span class="line">no &lt;such&gt; module</span>' in page
        assert '<span class="group">Run docker build</span>' in page
        assert '<span class="error">Process completed with exit code 1.</span>' in page
    assert f"/actions/runs/{run.id}" in text(browser.get("/actions"))


def test_code_is_shown(world: World, browser: httpx.Client) -> None:
    sha = start(world, "bot/x", {"services/x/executor.py": "x = '<1>'\n"})

    assert "README.md" in text(browser.get(""))
    assert "executor.py" in text(browser.get("/tree/main/services/one"))
    assert "x = &#39;&lt;1&gt;&#39;" in text(browser.get(f"/blob/{sha}/services/x/executor.py"))
    assert "services/x/executor.py" in text(browser.get(f"/commit/{sha}"))


@pytest.mark.parametrize(
    "path", ["/issues/99", "/pull/99", "/actions/runs/1", "/blob/main/nothing", "/tree/nothing", "/commit/0", "/x/y/z"]
)
def test_what_is_not_there_is_not_found(browser: httpx.Client, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_request_log_is_served(world: World, browser: httpx.Client) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    world.as_bot().rest.issues.create_comment(OWNER, NAME, 1, data={"body": "hi"})

    answer: dict[str, Any] = browser.get(f"{world.hub.url}/_hub/requests?actor=gptdeploy[bot]").json()

    assert answer["counts"] == {"gptdeploy[bot]": {"read": 0, "write": 1, "content": 1}}
    (request,) = answer["requests"]
    assert (request["method"], request["path"], request["status"]) == (
        "POST",
        f"/api/v3/repos/{REPOSITORY}/issues/1/comments",
        201,
    )
    assert [item["event"] for item in browser.get(f"{world.hub.url}/_hub/deliveries").json()] == [
        "issues",
        "issue_comment",
    ]


def test_a_form_gives_no_label_that_the_repository_does_not_have(world: World, browser: httpx.Client) -> None:
    repo = world.hub.repository(REPOSITORY)
    path = ".github/ISSUE_TEMPLATE/microservice.yml"
    form = FORM.replace("[microservice]", "[microservice, unheard-of]")
    assert form != FORM
    with world.hub.parts.state.lock:
        world.hub.parts.pulls.commit(repo, world.hub.caller("octo"), "main", "Add the form", {path: form.encode()})
    browser.post("/issues/new", data={"title": "QR codes", "description": "QR codes", "scenarios": ""})
    assert [label.name for label in repo.issues[1].labels] == ["microservice"]
    assert "unheard-of" not in [label.name for label in repo.labels]
    assert [label["name"] for label in world.payload("issues", "opened")["issue"]["labels"]] == ["microservice"]
