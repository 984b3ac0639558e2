"""Branches, commits and files."""

from __future__ import annotations

import re

import pytest

from bot.clients.github import GitHub, HeadMoved, MergeText, NewCommit, Repository
from bot.config import DEFAULTS_REPOSITORY, HOUSE_RULES_PATH, REPO_CONFIG_PATH
from bot.foreign import Markdown, Plain
from bot.values.github import Obstacle
from tests.contract.client.steps import BRANCH, FILES, MESSAGE, opened
from tests.contract.conftest import OWNER, REPOSITORY, World


def test_started_branch_is_adopted_or_left_alone(world: World, repository: Repository) -> None:
    _, sha = opened(world, repository)
    assert repository.start_branch(BRANCH, NewCommit(Plain(MESSAGE), FILES, "c0")) == sha
    with pytest.raises(HeadMoved):
        repository.start_branch(BRANCH, NewCommit(Plain(MESSAGE), FILES, "another"))


def test_somebody_elses_push_stays(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    theirs = repository.commit(
        BRANCH, sha, NewCommit(Plain("A person's"), {"services/qr/executor.py": "mine = 1\n"}, "not-c1")
    )

    with pytest.raises(HeadMoved, match=re.escape(BRANCH)):
        repository.commit(BRANCH, sha, NewCommit(Plain("Fix"), {"services/qr/executor.py": "x = 1\n"}, "c1"))
    refusal = repository.try_merge(number, sha, MergeText(Plain("qr"), Plain(MESSAGE))).refusal
    assert refusal is not None
    assert refusal.first is Obstacle.MOVED

    assert repository.folder("services/qr", theirs)["executor.py"] == "mine = 1\n"


def test_what_the_bot_alone_has_made_is_its_own(world: World, repository: Repository) -> None:
    _, sha = opened(world, repository)
    assert repository.is_own(sha)
    assert repository.is_own_commit(sha)
    hub = world.hub
    with hub.parts.state.lock:
        repo, person = hub.repository(REPOSITORY), hub.caller("octo")
        theirs = hub.parts.pulls.commit(repo, person, BRANCH, "Mine", {"services/qr/a.py": b"mine = 1"})
    on_top = repository.commit(BRANCH, theirs, NewCommit(Plain("Fix"), {"services/qr/executor.py": "x = 1\n"}, "c1"))
    assert [repository.is_own_commit(each) for each in (theirs, on_top)] == [False, True]
    assert not repository.is_own(on_top)


def test_a_branch_is_deleted_at_the_head_that_was_looked_at(world: World, repository: Repository) -> None:
    _, sha = opened(world, repository)
    theirs = repository.commit(BRANCH, sha, NewCommit(Plain("Theirs"), {"services/qr/executor.py": "x = 1\n"}, "c1"))

    assert not repository.delete_branch(BRANCH, sha)
    assert repository.heads("gptdeploy/") == {BRANCH: theirs}
    assert repository.delete_branch(BRANCH, theirs)
    assert repository.heads("gptdeploy/") == {}


def test_binary_files_are_committed_and_left_out_of_what_is_read(world: World, repository: Repository) -> None:
    picture = b"\x89PNG\r\n\0\xff"
    files: dict[str, str | bytes] = {**FILES, "services/qr/fixtures/page.html": "<p>", "services/qr/logo.png": picture}

    sha = repository.start_branch(BRANCH, NewCommit(Plain(MESSAGE), files, "c0"))
    sha = repository.commit(BRANCH, sha, NewCommit(Plain("More"), {"services/qr/fixtures/photo.png": picture}, "c1"))

    git = world.hub.repository(REPOSITORY).git
    assert git.show(sha, "services/qr/logo.png") == git.show(sha, "services/qr/fixtures/photo.png") == picture
    before = len(world.hub.requests)
    assert set(repository.folder("services/qr", sha)) == {"executor.py", "service.json"}
    assert len(world.hub.requests) == before + 1
    assert repository.folder("services/none", sha) == {}
    fixtures = repository.binary_folder("services/qr/fixtures", sha)
    assert fixtures == {"page.html": b"<p>", "photo.png": picture}
    repository.ensure_pull(BRANCH, Plain("qr"), Markdown("For #1"))
    assert world.payload("pull_request", "opened")["pull_request"]["changed_files"] == 5


def test_an_overview_holds_the_files_of_the_owners_own_repository(world: World, repository: Repository) -> None:
    issue = world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", []).number
    alone = repository.overview(issue)
    assert (alone.owner_config, alone.owner_house_rules) == ("", "")

    rules = {REPO_CONFIG_PATH: "fixes: 3\n", HOUSE_RULES_PATH: "Use pillow.\n"}
    world.hub.create_repository(f"{OWNER}/{DEFAULTS_REPOSITORY}", rules)
    before = len(world.hub.requests)
    overview = repository.overview(issue)
    assert len(world.hub.requests) == before + 1
    assert overview == alone.model_copy(
        update={"owner_config": "fixes: 3\n", "owner_house_rules": "Use pillow.\n", "owner_seen": True}
    )


@pytest.mark.parametrize("known", [False, True])
def test_a_private_repository_of_defaults_is_read_where_the_app_is_installed_on_it(
    world: World, github: GitHub, repository: Repository, known: bool
) -> None:
    issue = world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", []).number
    defaults = world.hub.create_repository(f"{OWNER}/{DEFAULTS_REPOSITORY}", {REPO_CONFIG_PATH: "fixes: 3\n"})
    defaults.private = True
    if known:
        # What the owner calls so now, is another one.
        assert github.repository(defaults.full_name).default_branch() == "main"
        with world.hub.parts.state.lock:
            world.hub.parts.owning.move(defaults, f"{OWNER}/defaults-before")
        defaults = world.hub.create_repository(f"{OWNER}/{DEFAULTS_REPOSITORY}", {REPO_CONFIG_PATH: "fixes: 3\n"})
        defaults.private = True
    overview = repository.overview(issue)
    assert (overview.owner_config, overview.owner_seen) == ("fixes: 3\n", True)

    left_out = world.hub.parts.state.app.left_out if world.hub.parts.state.app else set()
    left_out.add(defaults.id)
    unseen = repository.overview(issue)
    assert (unseen.owner_config, unseen.owner_seen) == ("", False)
    # That there is none is asked once, not for each run.
    repository.overview(issue)
    before = len(world.hub.requests)
    assert not repository.overview(issue).owner_seen
    assert len(world.hub.requests) == before + 1


def test_which_of_two_commits_holds_the_other(world: World, repository: Repository) -> None:
    _, newer = opened(world, repository)
    older = repository.head("main") or ""

    assert repository.descends(newer, older)
    assert not repository.descends(older, newer)
    assert not repository.descends(older, older)
    assert not repository.descends(newer, "a" * 40)
