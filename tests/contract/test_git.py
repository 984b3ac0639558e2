"""The repositories are real: git clones and pushes over HTTP."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bot.hub.state import BranchRules
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World
from tests.contract.test_pulls import head_of, start


def git(folder: Path, *arguments: str, accept: int = 0) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=octo", "-c", "user.email=octo@example.com", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_TERMINAL_PROMPT": "0", "NO_PROXY": "*"},
        check=False,
    )
    assert done.returncode == accept, done.stderr
    return done.stdout + done.stderr


def test_clone_of_everything_the_bot_committed(world: World, tmp_path: Path) -> None:
    sha = start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})

    git(tmp_path, "clone", "--quiet", "--branch", "bot/x", f"{world.hub.url}/{REPOSITORY}.git", "copy")

    assert git(tmp_path / "copy", "rev-parse", "HEAD").strip() == sha
    assert (tmp_path / "copy/services/x/executor.py").read_text() == "x = 1\n"
    assert git(tmp_path / "copy", "fsck", "--strict").count("error") == 0
    git(tmp_path, "clone", "--quiet", f"{world.hub.url}/octo/nowhere.git", accept=128)


def test_push_of_a_person_is_announced_and_moves_the_pull(world: World, tmp_path: Path) -> None:
    start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    pulls = world.as_bot().rest.pulls
    number = pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}).parsed_data.number
    git(tmp_path, "clone", "--quiet", "--branch", "bot/x", f"{world.hub.url}/{REPOSITORY}.git", "copy")
    copy = tmp_path / "copy"
    (copy / "services/x/executor.py").write_text("x = 2\n")
    git(copy, "commit", "--quiet", "--all", "--message", "By hand")

    def push(token: str, accept: int = 0) -> None:
        address = world.hub.url.replace("http://", f"http://octo:{token}@")
        git(copy, "push", "--quiet", f"{address}/{REPOSITORY}.git", "bot/x", accept=accept)

    push("ghp_nobody", accept=128)
    push(world.hub.token("visitor"), accept=128)
    assert head_of(world, "bot/x") != git(copy, "rev-parse", "HEAD").strip()
    push(world.hub.token("octo"))

    sha = git(copy, "rev-parse", "HEAD").strip()
    assert pulls.get(OWNER, NAME, number).parsed_data.head.sha == sha
    moved = world.payload("pull_request", "synchronize")
    assert (moved["after"], moved["sender"]["login"]) == (sha, "octo")
    assert world.payload("push")["head_commit"]["message"] == "By hand"


def test_pushes_that_the_rules_refuse_change_nothing(world: World, tmp_path: Path) -> None:
    world.hub.add_collaborator(REPOSITORY, "mona", "write")
    repo = world.hub.repository(REPOSITORY)
    start(world, "kept", {"a": "1\n"})
    with world.hub.parts.state.lock:
        repo.protections["main"] = BranchRules(approvals=1)
        repo.protections["kept"] = BranchRules()
    before, announced = repo.git.branches(), world.events()
    git(tmp_path, "clone", "--quiet", "--branch", "kept", f"{world.hub.url}/{REPOSITORY}.git", "copy")
    copy = tmp_path / "copy"
    git(copy, "commit", "--quiet", "--amend", "--message", "Rewritten")

    def push(login: str, *what: str, accept: int = 1) -> str:
        address = world.hub.url.replace("http://", f"http://{login}:{world.hub.token(login)}@")
        return git(copy, "push", f"{address}/{REPOSITORY}.git", *what, accept=accept)

    refusals = [
        push("mona", "HEAD:main"),
        push("mona", "--force", "HEAD:kept"),
        push("octo", "--delete", "kept"),
    ]
    assert repo.git.branches() == before
    assert "GH006: Protected branch update failed for refs/heads/main" in refusals[0]
    assert "Changes must be made through a pull request." in refusals[0]
    assert "Cannot force-push to this branch" in refusals[1]
    assert "Cannot delete this branch" in refusals[2]
    assert world.events() == announced

    # An admin may set the rule for pull requests aside, and a branch without rules takes anything.
    push("octo", "HEAD:main", accept=0)
    push("mona", "HEAD:free", accept=0)
    git(copy, "commit", "--quiet", "--amend", "--message", "Again")
    push("mona", "--force", "HEAD:free", accept=0)
    assert world.payload("push")["forced"]
