"""`gptdeploy serve --poll`: GitHub tells the bot of nothing, and the bot asks what is new."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bot.clients.github import GitHub
from bot.commands.missed import Missed
from bot.hub.webhooks import Delivery
from tests.flow.house import House
from tests.flow.people import merge, pull_of, push, repository
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.reviewing import EXECUTOR, GREEN
from tests.flow.scene import Scene
from tests.flow.test_checks import rerequest, stuck
from tests.flow.test_left_to_people import close_and_reopen, stood_back
from tests.flow.test_missed import alone
from tests.flow.test_people import BY_HAND
from tests.flow.test_run import BODY, RED

LOOK_SECONDS = 0.3


@contextmanager
def asking(scene: Scene, github: GitHub) -> Iterator[None]:
    """Have GitHub tell of nothing in this repository, and the bot ask."""
    deliveries, stopping = scene.house.hub.parts.deliveries, threading.Event()

    def loses(delivery: Delivery) -> bool:
        return (delivery.payload.get("repository") or {}).get("full_name") == scene.name

    missed = Missed(github, scene.house.runs, "microservice", grace=None)
    looking = threading.Thread(target=missed.keep_looking, args=(LOOK_SECONDS, stopping))
    with alone(scene):
        deliveries.loses = loses
        looking.start()
        try:
            yield
        finally:
            stopping.set()
            looking.join(30)
            deliveries.loses = lambda _: False
        assert not [each for each in deliveries.all if loses(each)]


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene(poll=LOOK_SECONDS)


def test_an_issue_is_done_without_a_single_webhook(scene: Scene, github: GitHub) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files(), fix("It lacks a call.", "str(input.text).upper()"))
    scene.build_logs(RED)
    with asking(scene, github):
        issue = scene.open(BODY)
        assert scene.finished(issue).stage == "done"
        assert scene.status(issue).startswith("### ✅ Upper case is live")
        comment = scene.say(issue, "/status")
        assert scene.next_comment(issue).startswith("No longer at work on #1, stage **done**")
        assert scene.reactions(comment) == ["eyes"]


@pytest.fixture
def waiting(make_scene: Callable[..., Scene], github: GitHub) -> Iterator[tuple[Scene, int]]:
    """A green pull request, #2, that waits for a person; the number of its issue."""
    scene = make_scene("merge: manual", poll=LOOK_SECONDS)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    with asking(scene, github):
        issue = scene.open(BODY)
        assert scene.next_comment(issue) == GREEN
        assert scene.finished(issue).stage == "waiting"
        yield scene, issue


def test_what_a_person_merges_is_seen_through(waiting: tuple[Scene, int]) -> None:
    scene, issue = waiting
    merge(scene, 2)
    assert scene.reached(issue, "done").deployment is not None
    scene.finished(issue)
    assert repository(scene).issues[2].closed_by.login == "octo"  # type: ignore[union-attr]


def test_what_a_person_closes_and_opens_again_waits_as_before(waiting: tuple[Scene, int]) -> None:
    scene, issue = waiting
    close_and_reopen(scene, issue)
    assert scene.next_comment(issue) == GREEN
    first = scene.finished(issue)
    assert first.stage == "waiting"
    # It is gone on with once, whatever else changes.
    scene.say(2, "/status")
    assert "**waiting**" in scene.next_comment(2)
    assert scene.finished(issue).run_id == first.run_id


def test_what_a_person_pushes_is_built_once(waiting: tuple[Scene, int]) -> None:
    scene, issue = waiting
    head = push(scene, pull_of(scene, 2).head_ref, EXECUTOR, BY_HAND)
    stood_back(scene, "say so when it is green")
    assert scene.next_comment(issue) == GREEN
    first = scene.finished(issue)
    assert [build.head_sha for build in scene.builds][1:] == [head]
    scene.say(2, "/status")
    assert "**waiting**" in scene.next_comment(2)
    assert scene.finished(issue).run_id == first.run_id


def test_a_bot_that_may_not_command_pushes_in_vain(waiting: tuple[Scene, int]) -> None:
    scene, issue = waiting
    first = scene.finished(issue)
    with scene.house.hub.parts.state.lock:
        scene.house.hub.parts.state.user("linter[bot]", "Bot")
    push(scene, pull_of(scene, 2).head_ref, EXECUTOR, BY_HAND, author="linter[bot]")
    scene.say(2, "/status")
    assert "**waiting**" in scene.next_comment(2)
    assert scene.finished(issue).run_id == first.run_id


@pytest.mark.parametrize("whole_suite", [False, True])
def test_rerun_builds_again_once(scene: Scene, github: GitHub, whole_suite: bool) -> None:
    with asking(scene, github):
        issue = stuck(scene)
        rerequest(scene, whole_suite=whole_suite)
        assert scene.next_comment(2).startswith("On it: I build this branch again, and go on from there.")
        assert scene.reached(issue, "done").reruns == 1
        assert [build.attempt for build in scene.builds] == [1, 2, 3, 4]


def test_a_repository_gets_its_label_where_nobody_tells_of_it(scene: Scene, github: GitHub) -> None:
    repository(scene).labels.clear()
    with asking(scene, github):
        scene.until(lambda: [label.name for label in repository(scene).labels] == ["microservice"])


def test_a_look_asks_github_for_nothing_that_it_does_not_need(scene: Scene, github: GitHub, house: House) -> None:
    with alone(scene):
        missed = Missed(github, house.runs, "microservice", grace=None)
        for _ in range(3):
            missed.look()
        before = len(house.hub.requests)
        missed.look()
        asked = [request for request in house.hub.requests[before:] if request.actor != "octo"]
        assert [request.status for request in asked] == [304, 304, 304]
