"""Rollouts of one service that end in another order than they began in, on a real engine and under load."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from docker.errors import NotFound

from bot.deploy.announced import deploy_announced
from bot.deploy.deployed import deployed
from bot.deploy.description import read_description
from bot.deploy.live import Live
from bot.deploy.owner import NOBODY, Owner
from bot.deploy.removal import withdraw
from bot.deploy.versions import Version
from bot.deploy.wanted import NewVersion
from bot.errors import UserError
from bot.values.github import DeploymentStatus, Pull
from tests.end_to_end import services
from tests.end_to_end.services import Drawing

OLD, NEW = "a" * 40, "b" * 40


class GitHub:
    """A repository with the commits OLD and NEW, in this order, and what it is told."""

    def __init__(self, *folders: str) -> None:
        self.folders = list(folders)
        self.statuses: list[tuple[str, str]] = []

    def default_branch(self) -> str:
        return "main"

    def head(self, _branch: str, /) -> str | None:
        return NEW

    def services(self, _ref: str, /) -> list[str]:
        return self.folders

    def descends(self, commit: str, ancestor: str, /) -> bool:
        return (commit, ancestor) == (NEW, OLD)

    def pulls_with_commit(self, _sha: str) -> list[Pull]:
        return []

    def comment_once(self, _number: int, _marker: str, _body: str) -> str:
        return ""

    def set_deployment(self, _environment: str, sha: str, status: DeploymentStatus) -> None:
        self.statuses.append((sha, status.state))


def deploy(drawing: Drawing, image: str, commit: str, github: GitHub) -> Live:
    version = NewVersion(read_description(drawing.folder), image, commit, Owner("octo/services", "1"))
    return deploy_announced(drawing.client, version, github, name=drawing.platform.name)


def running(drawing: Drawing) -> Version:
    return deployed(drawing.client, drawing.platform, "draw", NOBODY).history.current


@pytest.fixture(scope="module")
def slow(live: Drawing) -> str:
    """The service in an image that takes some seconds to start."""
    return live.variant('CMD ["sh", "-c", "sleep 4; exec python -m uvicorn server:app --host 0.0.0.0 --port 8080"]')


def test_an_older_commit_that_ends_later_does_not_replace_a_newer_one(live: Drawing, slow: str) -> None:
    github = GitHub("draw")
    with (
        services.load(live.platform, "draw.localhost", lambda answer: str(answer.status_code)) as said,
        ThreadPoolExecutor() as threads,
    ):
        older = threads.submit(deploy, live, slow, OLD, github)
        while running(live).commit != OLD:
            pass
        newer = deploy(live, live.variant("ENV X=new"), NEW, github)
        late = older.result()
    assert (newer.version.commit, newer.newer) == (NEW, False)
    assert (late.version.commit, late.newer, late.deployment) == (NEW, True, newer.deployment)
    assert running(live).commit == NEW
    assert set(said) == {"200"}
    # A workflow that is run again comes later still.
    assert deploy(live, slow, OLD, github).newer
    assert running(live).commit == NEW
    assert sorted(github.statuses) == [(OLD, "success"), (OLD, "success"), (NEW, "success")]


def test_what_was_removed_meanwhile_is_taken_down_again(live: Drawing) -> None:
    github = GitHub("draw")
    removed = iter([["draw"], []])
    github.services = lambda _ref, /: next(removed)  # type: ignore[method-assign]
    withdraw(live.client, live.platform, "draw")
    with pytest.raises(UserError, match="`services/draw` was removed from `main` after aaaaaaa"):
        deploy(live, live.variant("ENV X=removed"), OLD, github)
    assert github.statuses == [(OLD, "failure")]
    with pytest.raises(NotFound):
        live.client.services.get(live.platform.service("draw"))  # type: ignore[no-untyped-call]
    assert live.ask("GET", "/").status_code == 404
    assert live.deploy(live.image) == ""
