"""What people do on GitHub beside commenting and reviewing: push, merge, close, delete, and set the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.hub.merging import MergeOrder
from bot.hub.state import BranchRules, CheckRun, Issue, Pull, Repository
from tests.flow.scene import Scene


def repository(scene: Scene) -> Repository:
    """Return the hub's state of a scene's repository."""
    return scene.house.hub.repository(scene.name)


def pull_of(scene: Scene, number: int) -> Pull:
    pull = repository(scene).issues[number].pull
    assert pull is not None
    return pull


def protect(scene: Scene, **rules: Any) -> None:
    """Have the default branch ask for something; without rules for nothing."""
    with scene.house.hub.parts.state.lock:
        repository(scene).protections = {"main": BranchRules(**rules)} if rules else {}


def add_ruleset(scene: Scene, **rules: Any) -> None:
    """The same by a ruleset."""
    with scene.house.hub.parts.state.lock:
        repository(scene).rulesets = {"main": BranchRules(**rules)} if rules else {}


def allow(scene: Scene, **settings: Any) -> None:
    """Change how pull requests may be merged."""
    with scene.house.hub.parts.state.lock:
        for name, value in settings.items():
            setattr(repository(scene).merging, name, value)


def push(scene: Scene, branch: str, path: str, text: str | None, author: str = "octo") -> str:
    """Push one file to a branch, or delete it, and return the commit's sha."""
    hub = scene.house.hub
    with hub.parts.state.lock:
        files = {path: None if text is None else text.encode()}
        return hub.parts.pulls.commit(repository(scene), hub.caller(author), branch, "By hand", files)


def amend(scene: Scene, branch: str, author: str = "octo") -> str:
    """Push a branch with its newest commit amended: that keeps its author, and names the person as committer."""
    hub = scene.house.hub
    with hub.parts.state.lock:
        git, person = repository(scene).git, hub.caller(author)
        (head,) = git.log(branch, 1)
        names = (("author", head.author, head.author_email), ("committer", author, person.user.email))
        settings = [
            part
            for role, name, email in names
            for part in (*("-c", f"{role}.name={name}"), *("-c", f"{role}.email={email}"))
        ]
        parents = [part for parent in head.parents for part in ("-p", parent)]
        made = git.run(*settings, "commit-tree", head.tree, *parents, "-m", f"{head.headline}, better")
        sha = made.decode().strip()
        git.set_refs({f"refs/heads/{branch}": sha})
        hub.parts.pulls.moved(repository(scene), person, branch, head.sha, sha)
        return sha


def merge(scene: Scene, number: int, method: str = "squash", author: str = "octo") -> str:
    """Press the merge button, and return the sha of the base's new head."""
    hub = scene.house.hub
    with hub.parts.state.lock:
        return hub.parts.merging.merge(
            repository(scene), pull_of(scene, number), hub.caller(author), MergeOrder(method)
        )


def close_pull(scene: Scene, issue: Issue) -> None:
    hub = scene.house.hub
    hub.parts.pulls.set_state(repository(scene), pull_of(scene, 2), hub.caller("octo"), "closed")


def delete_branch(scene: Scene, issue: Issue) -> None:
    hub = scene.house.hub
    hub.parts.pulls.delete_branch(repository(scene), hub.caller("octo"), pull_of(scene, 2).head_ref)


def edit(scene: Scene, issue: int, by: str, body: str, title: str = "Upper case") -> None:
    """Somebody changes an issue's text."""
    hub = scene.house.hub
    with hub.parts.state.lock:
        hub.parts.issues.edit(repository(scene), repository(scene).issues[issue], hub.caller(by), title, body)


def close(scene: Scene, issue: Issue) -> None:
    hub = scene.house.hub
    hub.parts.issues.set_state(repository(scene), issue, hub.caller("octo"), "closed", "not_planned")


def lock(scene: Scene, issue: Issue) -> None:
    hub = scene.house.hub
    hub.parts.issues.lock(repository(scene), issue, hub.caller("octo"), locked=True)


def unlabel(scene: Scene, issue: Issue) -> None:
    hub = scene.house.hub
    hub.parts.issues.remove_label(repository(scene), issue, hub.caller("octo"), "microservice")


def delete(scene: Scene, issue: Issue) -> None:
    hub = scene.house.hub
    hub.parts.issues.delete(repository(scene), issue, hub.caller("octo"))


def until_built(scene: Scene) -> None:
    """Wait until a build has begun."""
    hub = scene.house.hub
    with hub.parts.state.lock:
        assert hub.parts.state.wait_for(lambda: bool(scene.builds), 60)


def grant_checks(scene: Scene, level: str) -> None:
    """Have the owner of the App's installation grant another level of `checks`; all repositories share it."""
    with scene.house.hub.parts.state.lock:
        app = scene.house.hub.parts.state.app
        assert app is not None
        scene.house.hub.parts.state.app = replace(app, permissions={**app.permissions, "checks": level})


def check_runs(scene: Scene) -> list[CheckRun]:
    """Return the check runs that Apps have created, oldest first."""
    with scene.house.hub.parts.state.lock:
        return list(repository(scene).check_runs)
