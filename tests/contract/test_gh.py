"""`gh`, GitHub's own program for the terminal, on the hub: as people use it to see what the bot does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.errors import UserError
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World
from tests.contract.test_pulls import start
from tests.contract.test_webhooks import idle
from tests.word.fetch import ensure_program
from tests.word.pipe import pipe

Gh = Callable[..., str]


@pytest.fixture(scope="session")
def program() -> Path:
    try:
        return ensure_program("gh", "gh")
    except UserError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def gh(world: World, program: Path, tmp_path: Path) -> Iterator[Gh]:
    """Run `gh` as a person who may write; return what it prints."""
    world.hub.add_collaborator(REPOSITORY, "rev", "write")
    (tmp_path / "config.yml").write_text(f"http_unix_socket: {tmp_path}/socket\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GH_CONFIG_DIR": str(tmp_path),
        "GH_HOST": "github.example",
        "GH_REPO": f"github.example/{REPOSITORY}",
        "GH_ENTERPRISE_TOKEN": world.hub.token("rev"),
        "GH_NO_UPDATE_NOTIFIER": "1",
        "GH_PROMPT_DISABLED": "1",
    }

    def run(*arguments: str, code: int = 0) -> str:
        command = [str(program), *arguments]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    address = urlsplit(world.hub.url)
    with pipe(tmp_path / "socket", (str(address.hostname), int(address.port or 0))):
        yield run


@pytest.fixture
def number(world: World) -> int:
    """A pull request whose build is green."""
    start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    data = {"title": "Add x", "head": "bot/x", "base": "main", "body": "For #1"}
    number = world.as_bot().rest.pulls.create(OWNER, NAME, data=data).parsed_data.number
    idle(world)
    return int(number)


def test_issues(world: World, gh: Gh) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "Make codes", ["microservice"])

    assert gh("issue", "create", "--title", "Another", "--body", "text").endswith(f"/{REPOSITORY}/issues/2\n")
    assert [line.split("\t")[:4] for line in gh("issue", "list").splitlines()] == [
        ["2", "OPEN", "Another", ""],
        ["1", "OPEN", "An idea", "microservice"],
    ]
    assert f"/{REPOSITORY}/issues/1#issuecomment-" in gh("issue", "comment", "1", "--body", "/status")
    shown = gh("issue", "view", "1")
    assert "title:\tAn idea\n" in shown
    assert "labels:\tmicroservice\n" in shown
    assert shown.endswith("--\nMake codes\n")
    assert "/status" in gh("issue", "view", "1", "--comments")

    gh("issue", "close", "1")
    found = gh("issue", "list", "--state", "closed", "--label", "microservice", "--json", "number,state,author,labels")
    (issue,) = json.loads(found)
    assert (issue["number"], issue["state"], issue["author"]["login"]) == (1, "CLOSED", "octo")
    assert [label["name"] for label in issue["labels"]] == ["microservice"]
    gh("issue", "reopen", "1")
    assert world.hub.repository(REPOSITORY).issues[1].state == "open"


def test_pull_requests(world: World, gh: Gh, number: int) -> None:
    assert [line.split("\t")[:4] for line in gh("pr", "list").splitlines()] == [[str(number), "Add x", "bot/x", "OPEN"]]
    assert "title:\tAdd x\n" in gh("pr", "view", str(number))
    assert gh("pr", "checks", str(number)).split("\t")[:2] == ["build", "pass"]
    assert "+x = 1\n" in gh("pr", "diff", str(number))
    gh("pr", "comment", str(number), "--body", "/status")
    gh("pr", "review", str(number), "--approve", "--body", "Fine")
    seen = json.loads(gh("pr", "view", str(number), "--json", "comments,mergeable,reviews,state"))
    assert (seen["state"], seen["mergeable"]) == ("OPEN", "MERGEABLE")
    assert [(review["author"]["login"], review["state"]) for review in seen["reviews"]] == [("rev", "APPROVED")]
    assert [comment["body"] for comment in seen["comments"]] == ["/status"]

    gh("pr", "merge", str(number), "--squash")
    assert [line.split("\t")[3] for line in gh("pr", "list", "--state", "merged").splitlines()] == ["MERGED"]
    assert world.hub.repository(REPOSITORY).git.show("main", "services/x/executor.py") == b"x = 1\n"


def test_workflow_runs_and_their_logs(world: World, gh: Gh) -> None:
    world.runner.script = lambda _: ("failure", "it is broken")
    start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    world.as_bot().rest.pulls.create(OWNER, NAME, data={"title": "Add x", "head": "bot/x", "base": "main"})
    idle(world)

    (run,) = world.hub.repository(REPOSITORY).workflow_runs
    assert gh("run", "list").split("\t")[:4] == ["completed", "failure", "Add x", "Build"]
    assert f"{world.hub.url}/{REPOSITORY}/actions/runs/{run.id}" in gh("run", "view", str(run.id))
    assert "it is broken" in gh("run", "view", str(run.id), "--log")
    world.runner.script = lambda _: ("success", "all good")
    gh("run", "rerun", str(run.id), "--failed")
    idle(world)
    assert (run.latest.number, run.latest.conclusion) == (2, "success")


def test_workflows(world: World, gh: Gh) -> None:
    listed = [line.split("\t")[:2] for line in gh("workflow", "list").splitlines()]
    assert sorted(listed) == [["Build", "active"], ["Deploy", "active"]]
    gh("workflow", "run", "microservice-deploy.yml", "--field", "slug=one")
    idle(world)
    assert [order.event["inputs"] for order in world.runner.orders] == [{"slug": "one"}]
    assert "Deploy" in gh("workflow", "view", "microservice-deploy.yml")


def test_the_api_is_asked_directly(gh: Gh) -> None:
    assert gh("api", "repos/{owner}/{repo}", "--jq", ".full_name") == f"{REPOSITORY}\n"
    gh("api", "repos/{owner}/nothing", code=1)


def test_the_lines_of_the_set_up(world: World, gh: Gh) -> None:
    """What `gptdeploy doctor` has people paste."""
    world.hub.add_collaborator(REPOSITORY, "rev", "admin")
    actions = world.hub.repository(REPOSITORY).actions
    # As `gh variable set` does, which Debian's is too old for.
    variables = "repos/{owner}/{repo}/actions/variables"
    gh("api", "--silent", variables, "-f", "name=platform_host", "-f", "value=user@host")
    gh("api", "--silent", "--method", "PATCH", f"{variables}/PLATFORM_HOST", "-f", "value=deploy@host")
    assert actions.variables[""] == {"PLATFORM_HOST": "deploy@host"}
    gh("api", "--silent", variables, "-f", "name=GITHUB_X", "-f", "value=x", code=1)

    gh("secret", "set", "PLATFORM_SSH_KEY", "--env", "microservices", "--body", "key", code=1)
    gh("api", "--silent", "--method", "PUT", "repos/{owner}/{repo}/environments/microservices")
    for _ in range(2):
        gh("secret", "set", "PLATFORM_SSH_KEY", "--env", "microservices", "--body", "key")
    assert actions.secrets["microservices"] == {"PLATFORM_SSH_KEY"}
    assert gh("secret", "list", "--env", "microservices").split("\t")[0] == "PLATFORM_SSH_KEY"
