"""A pull request is tried before it is merged: the reply, the platform's answer, and the end with the pull request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest

from bot.clients.github import GitHub, NewCommit
from bot.deploy.description import Description
from bot.deploy.operations import Outcome
from bot.deploy.owner import Owner
from bot.deploy.previews import Previews
from bot.deploy.swarm import ServiceStatus
from bot.deploy.versions import first
from bot.deploy.wanted import Preview
from bot.foreign import Markdown, Plain
from bot.hub.act import WorkflowOrder
from tests.flow.deployer import operate
from tests.flow.people import close_pull, delete_branch, merge, pull_of, push, repository, until_built
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene, announce
from tests.flow.test_operations import ANSWERS_LATER
from tests.flow.test_revise import green
from tests.flow.test_run import BODY, RED

__all__ = ["green"]

EXECUTOR = "services/upper-case/executor.py"
LABEL = "gptdeploy-preview"


class Platform:
    """The deploy workflow on a platform that holds previews alone; `commits` has what runs, by name."""

    def __init__(self) -> None:
        self.commits: dict[str, str] = {}
        self._there: dict[str, ServiceStatus] = {}

    def previews(self) -> tuple[ServiceStatus, ...]:
        return tuple(self._there.values())

    def preview(self, wanted: Preview) -> Outcome:
        version = first(wanted.description, wanted.image, wanted.commit).current
        status = ServiceStatus(wanted.slug, wanted.image, 1, 1, version, wanted.repository, wanted.preview)
        self._there[wanted.slug], self.commits[wanted.slug] = status, wanted.commit
        return Outcome(lambda _: Markdown(f"`{wanted.slug}` can be tried."))

    def end_preview(self, slug: str, pull: int) -> Outcome:
        assert self._there[slug].preview == pull
        del self._there[slug], self.commits[slug]
        return Outcome(lambda _: Markdown(f"`{slug}` is taken down."))

    def __call__(self, order: WorkflowOrder) -> tuple[str, str]:
        github = GitHub.with_token(order.api_url, order.token).repository(order.repository)
        if order.event_name == "pull_request_target":
            return "success", " ".join(Previews(self, github).end_closed())
        inputs = order.event["inputs"]

        def act() -> Outcome:
            slug, commit = inputs["service"], inputs["argument"]
            description = Description.model_validate(
                json.loads(github.folder(f"services/{slug}", commit)["service.json"])
            )
            wanted = Preview(description, "registry/x@sha256:1", commit, Owner(order.repository), int(inputs["pull"]))
            return Previews(self, github).bring(wanted)

        return operate(order, act)


@pytest.fixture
def waiting(green: tuple[Scene, int]) -> tuple[Scene, int, Platform]:
    """A pull request, #2, that waits for a person; its issue; and the platform."""
    scene, issue = green
    scene.finished(issue)
    platform = scene.deploys = Platform()
    return scene, issue, platform


def head_of(scene: Scene) -> str:
    return pull_of(scene, 2).head_sha


def labels(scene: Scene) -> list[str]:
    return [label.name for label in repository(scene).issues[2].labels]


def close(scene: Scene, issue: int) -> None:
    """Close the pull request as a person does; it has waited, so the bot says that it has heard."""
    with scene.house.hub.parts.state.lock:
        close_pull(scene, repository(scene).issues[issue])
    assert scene.next_comment(issue).startswith("⏹️ I have stopped: #2 was closed.")
    scene.finished(issue)


def tried(scene: Scene, number: int = 2) -> str:
    """Type the command, and return the reply and the platform's answer on the pull request."""
    scene.say(number, "/preview")
    reply = scene.next_comment(number)
    assert scene.platform_answer(2) == "`upper-case-pr-2` can be tried."
    return reply


def test_it_runs_until_the_pull_request_is_closed(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    sha = head_of(scene)
    doing = f"run `upper-case` as #2 has it at {sha[:7]}, beside what is live"
    assert tried(scene) == f"On it: I {doing}. {ANSWERS_LATER}"
    assert platform.commits == {"upper-case-pr-2": sha}
    assert labels(scene) == [LABEL]

    close(scene, issue)
    assert scene.workflow_comment(2, "preview-ended") == "`upper-case-pr-2` is taken down."
    assert platform.commits == {}
    scene.settled()
    assert labels(scene) == []


def test_it_ends_with_its_label(waiting: tuple[Scene, int, Platform]) -> None:
    scene, _, platform = waiting
    tried(scene)
    hub = scene.house.hub
    with hub.parts.state.lock:
        hub.parts.issues.remove_label(repository(scene), repository(scene).issues[2], hub.caller("octo"), LABEL)
    assert scene.workflow_comment(2, "preview-ended") == "`upper-case-pr-2` is taken down."
    assert platform.commits == {}


def test_each_request_is_answered(waiting: tuple[Scene, int, Platform]) -> None:
    """GitHub keeps one of several that wait in one concurrency group."""
    scene, _, platform = waiting
    begun, go_on = threading.Event(), threading.Event()

    def held(order: WorkflowOrder) -> tuple[str, str]:
        begun.set()
        go_on.wait(60)
        return platform(order)

    scene.deploys = held
    for _ in range(3):
        scene.say(2, "/preview")
        assert scene.next_comment(2).startswith("On it: I run `upper-case` as #2 has it")
        begun.wait(60)
    go_on.set()
    assert [scene.platform_answer(2) for _ in range(3)] == ["`upper-case-pr-2` can be tried."] * 3


def test_it_ends_with_the_merge(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    tried(scene)
    scene.deploys = lambda order: (platform if order.event_name == "pull_request_target" else announce)(order)
    merge(scene, 2)
    assert scene.workflow_comment(2, "preview-ended") == "`upper-case-pr-2` is taken down."
    assert platform.commits == {}
    scene.reached(issue, "done")
    scene.finished(issue)


def test_it_ends_with_its_branch(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    tried(scene)
    with scene.house.hub.parts.state.lock:
        delete_branch(scene, repository(scene).issues[issue])
    assert scene.next_comment(issue).startswith("⏹️ I have stopped: the branch of #2 was deleted.")
    assert scene.workflow_comment(2, "preview-ended") == "`upper-case-pr-2` is taken down."
    assert platform.commits == {}


def test_a_newer_commit_is_shown_when_somebody_asks(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    before = head_of(scene)
    tried(scene)
    after = push(scene, pull_of(scene, 2).head_ref, EXECUTOR, "# by hand\n")
    assert scene.next_comment(2).startswith("Somebody has pushed ")
    assert scene.next_comment(issue).startswith("🟢 #2 is green.")
    scene.settled()
    assert platform.commits == {"upper-case-pr-2": before}
    tried(scene)
    assert platform.commits == {"upper-case-pr-2": after}


def test_on_the_issue_its_open_pull_request_is_meant(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    sha = head_of(scene)
    assert tried(scene, issue) == (
        f"On it: I run `upper-case` as #2 has it at {sha[:7]}, beside what is live. "
        "The workflow `microservice-deploy.yml` does it, and its answer comes to #2 as a comment."
    )
    assert platform.commits == {"upper-case-pr-2": sha}


def test_of_several_open_ones_a_person_chooses(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    hub = scene.house.hub
    with hub.parts.state.lock:
        branch = "gptdeploy/1-00000000/2-other"
        hub.parts.pulls.create_branch(repository(scene), hub.caller("octo"), branch, head_of(scene))
    scene.call("POST", "/pulls", {"title": "Other", "head": branch, "base": "main"}, "octo")
    scene.say(issue, "/preview")
    assert scene.next_comment(issue) == "#2, #3 are open: type `/preview` on the one that you want to try."
    assert platform.commits == {}


def test_before_it_is_green(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.hold_builds()
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.say(issue, "/preview")
    nothing = "No pull request of #1 is open, so there is nothing to try before it is merged."
    assert scene.next_comment(issue) == nothing
    until_built(scene)
    scene.say(2, "/preview")
    sha = head_of(scene)
    reply = scene.next_comment(2)
    assert reply.startswith("[The build](http")
    assert reply.endswith(f" of {sha[:7]} has not ended yet. Type `/preview` again once it is green.")
    scene.release_builds()
    scene.next_comment(issue)
    scene.finished(issue)


def test_of_a_red_commit(waiting: tuple[Scene, int, Platform]) -> None:
    scene, _, platform = waiting
    scene.build_logs(RED)
    sha = push(scene, pull_of(scene, 2).head_ref, EXECUTOR, "# by hand\n")
    assert scene.next_comment(2).startswith("Somebody has pushed ")
    scene.settled()
    scene.say(2, "/preview")
    assert scene.next_comment(2).partition(")")[2] == (
        f" of {sha[:7]} is not green, so there is nothing to try. `/retry` on #2 makes more fixes, "
        "`/revise TEXT` changes it; then type `/preview` again."
    )
    assert platform.commits == {}


def test_of_a_closed_one(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    close(scene, issue)
    scene.say(2, "/preview")
    assert scene.next_comment(2) == ("#2 is closed. `/retry` on it opens it again; `/preview` works once it is green.")
    scene.say(issue, "/preview")
    assert scene.next_comment(issue).startswith("No pull request of #1 is open")
    assert platform.commits == {}


def test_of_a_merged_one(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene()
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.say(2, "/preview")
    assert scene.next_comment(2) == "#2 is merged, so it is no preview any more: `/list` shows what is live."


def test_a_visitor_may_not_try_it(waiting: tuple[Scene, int, Platform]) -> None:
    scene, issue, platform = waiting
    for number in (issue, 2):
        scene.say(number, "/preview", author="visitor")
        assert scene.next_comment(number).startswith("@visitor, `/preview` needs write access to this repository")
    assert platform.commits == {}


def test_on_anybody_elses_pull_request_nothing_is_heard(waiting: tuple[Scene, int, Platform]) -> None:
    scene, _, platform = waiting
    hub = scene.house.hub
    with hub.parts.state.lock:
        hub.parts.pulls.create_branch(repository(scene), hub.caller("octo"), "feature", head_of(scene))
    scene.call("POST", "/pulls", {"title": "Mine", "head": "feature", "base": "main"}, "octo")
    scene.say(3, "/preview")
    # What comes after it is answered, and nothing before that.
    scene.say(2, "/help")
    assert scene.next_comment(2).startswith("An issue with the label")
    assert platform.commits == {}


@pytest.mark.parametrize(
    "inputs",
    [
        "{service: {type: string}}",
        # Of the time when there was nothing but what is live.
        "{service: {}, argument: {}, answer: {}, request: {}, pull: {}, "
        "operation: {type: choice, options: [deploy, rollback]}}",
    ],
)
def test_a_workflow_file_without_previews_is_named(waiting: tuple[Scene, int, Platform], inputs: str) -> None:
    scene, _, _ = waiting
    person = GitHub.with_token(scene.house.hub.api_url, scene.house.hub.token("octo")).repository(scene.name)
    head = person.head("main")
    assert head is not None
    old = f"on: {{workflow_dispatch: {{inputs: {inputs}}}}}\njobs: {{}}\n"
    person.commit("main", head, NewCommit(Plain("Old"), {".github/workflows/microservice-deploy.yml": old}, "old"))
    scene.say(2, "/preview")
    assert scene.next_comment(2) == (
        "`.github/workflows/microservice-deploy.yml` of this repository is older than I am and does not know "
        "`/preview`. `gptdeploy init` writes the new one; commit it, then try again."
    )
