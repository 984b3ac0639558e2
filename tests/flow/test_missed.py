"""GitHub does not deliver: the bot finds what was said and done by itself, and does nothing twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.clients.github import GitHub
from bot.commands.missed import Missed
from bot.commands.redelivery import still_listed, undelivered
from bot.config import REPO_CONFIG_PATH
from bot.hub.webhooks import Delivery
from bot.values.news import HookDelivery
from tests.flow.house import House
from tests.flow.people import repository
from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.reviewing import on
from tests.flow.scene import Scene
from tests.flow.test_run import BODY
from tests.flow.test_settings import push


@contextmanager
def alone(scene: Scene) -> Iterator[None]:
    """Have who looks see this repository alone: the other ones are archived meanwhile."""
    parts = scene.house.hub.parts
    with parts.state.lock:
        others = [r for r in parts.state.repositories.values() if r.full_name != scene.name and not r.archived]
        for repo in others:
            repo.archived = True
        del parts.deliveries.all[:]
    try:
        yield
    finally:
        with parts.state.lock:
            for repo in others:
                repo.archived = False


@pytest.fixture
def missed(scene: Scene, house: House, github: GitHub) -> Iterator[Missed]:
    with alone(scene):
        yield Missed(github, house.runs, "microservice", grace=-1)


class Stopping(threading.Event):
    """Stops at the third wait, and remembers how long each was to be."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return len(self.waits) == 3


@pytest.mark.parametrize(("seconds", "first"), [(300, 30), (2, 2)])
def test_the_first_look_is_soon_after_the_start(missed: Missed, seconds: float, first: float) -> None:
    stopping = Stopping()
    missed.keep_looking(seconds, stopping)
    assert stopping.waits == [first, seconds, seconds]


def forgets(scene: Scene, *events: str) -> None:
    """Have GitHub forget to deliver some events of a repository."""

    def loses(delivery: Delivery) -> bool:
        return delivery.event in events and delivery.payload["repository"]["full_name"] == scene.name

    scene.house.hub.parts.deliveries.loses = loses


def delivered(scene: Scene) -> list[tuple[str, int | None]]:
    """Wait until all is delivered, and return what the bot has answered to each attempt."""
    deliveries = scene.house.hub.parts.deliveries
    deliveries.drain()
    return [(one.guid, one.status) for one in deliveries.all]


def test_a_delivery_that_failed_is_asked_for_again(scene: Scene, missed: Missed) -> None:
    scene.house.lost.add((scene.name, "issues"))
    issue = scene.open(BODY)
    failed = {guid for guid, status in delivered(scene) if status == 502}
    assert len(failed) == 2
    assert scene.house.runs.active(scene.name, issue) is None

    scene.house.lost.clear()
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    missed.look()
    assert {guid for guid, status in delivered(scene) if status == 202} >= failed
    first = scene.finished(issue)
    assert first.stage == "done"

    before = len(delivered(scene))
    for _ in range(3):
        missed.look()
    assert len(delivered(scene)) == before
    assert scene.finished(issue).run_id == first.run_id


def test_a_review_that_nobody_told_of_is_seen_once(scene: Scene, missed: Missed) -> None:
    push(scene, scene.name, {REPO_CONFIG_PATH: "merge: manual\n"})
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.next_comment(issue)
    assert scene.finished(issue).stage == "waiting"
    missed.look()
    asked = len(scene.model.requests)
    forgets(scene, "pull_request_review", "pull_request_review_comment")
    scene.answers(
        fix("Point 1: done: It strips.\nPoint 2: done: It takes any text.", "str(input.text).strip().upper()")
    )
    scene.review(2, "REQUEST_CHANGES", "Strip the text.", on(4, "Take any text, please."))
    delivered(scene)
    assert len(scene.model.requests) == asked
    missed.look()
    assert scene.next_comment(2).startswith("**Changed as asked**")
    assert scene.answered(2, 1)[0][1][0] == BOT
    assert scene.next_comment(issue)
    scene.ends(issue)
    builds, asked = len(scene.builds), len(scene.model.requests)
    for _ in range(3):
        missed.look()
    time.sleep(0.5)
    assert (len(scene.builds), len(scene.model.requests)) == (builds, asked)


def test_a_label_that_nobody_told_of_starts_its_run(scene: Scene, missed: Missed) -> None:
    forgets(scene, "issues")
    issue = scene.open(BODY)
    delivered(scene)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    missed.look()
    forgets(scene)
    first = scene.finished(issue)
    assert first.stage == "done"
    for _ in range(3):
        missed.look()
    assert scene.house.runs.active(scene.name, issue) is None
    assert scene.finished(issue).run_id == first.run_id


def test_a_command_that_nobody_told_of_is_carried_out_once(scene: Scene, missed: Missed) -> None:
    forgets(scene, "issue_comment")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "done"
    comment = scene.say(issue, "/status")
    missed.look()
    assert scene.next_comment(issue).startswith("No longer at work on #1, stage **done**")
    assert scene.reactions(comment) == ["eyes"]
    for _ in range(3):
        missed.look()
    forgets(scene)


def test_what_was_answered_before_the_database_was_lost_stays_answered(
    scene: Scene, missed: Missed, github: GitHub
) -> None:
    """The bot's own comments and reactions say what it has done; its memory of runs is not needed for it."""
    forgets(scene, "issues", "issue_comment")
    issue = scene.open(BODY)
    comment = scene.say(issue, "/retry")
    repository = github.repository(scene.name)
    repository.react("eyes", comment=comment)
    repository.react("eyes", issue=issue)
    missed.look()
    missed.look()
    assert scene.house.runs.active(scene.name, issue) is None
    assert scene.house.runs.latest(scene.name, issue) is None
    forgets(scene)


def test_a_comment_that_was_edited_says_nothing(scene: Scene, missed: Missed, house: House) -> None:
    forgets(scene, "issues", "issue_comment")
    issue = house.hub.open_issue(scene.name, "Upper case", "Mine.", [], "octo").number
    scene.say(issue, "/help", author="visitor")
    with house.hub.parts.state.lock:
        (comment,) = house.hub.repository(scene.name).issues[issue].comments
        comment.updated_at = comment.updated_at.replace(year=comment.updated_at.year + 1)
    missed.look()
    assert scene.reactions(comment.id) == []
    forgets(scene)


def test_a_look_that_finds_nothing_costs_three_requests_a_repository_that_do_not_count(
    scene: Scene, missed: Missed, house: House
) -> None:
    for _ in range(3):
        missed.look()
    before = len(house.hub.requests)
    missed.look()
    asked = [r for r in house.hub.requests[before:] if f"/repositories/{repository(scene).id}/" in r.path]
    assert [request.status for request in asked] == [304, 304, 304]
    others = [r for r in house.hub.requests[before:] if r not in asked]
    assert [request.path for request in others] == ["/api/v3/app/hook/deliveries"]
    assert {request.actor for request in asked} == {BOT}


def attempt(guid: str, number: int, *, ok: bool = False, pending: bool = False) -> HookDelivery:
    return HookDelivery(id=number, guid=guid, at=number, pending=pending, ok=ok)


def test_only_what_no_attempt_brought_is_asked_for() -> None:
    attempts = [
        attempt("twice", 9),
        attempt("under way", 8, pending=True),
        attempt("in the end", 7, ok=True),
        attempt("never", 6),
        attempt("in the end", 5),
        attempt("under way", 4),
        attempt("twice", 3),
        attempt("at once", 2, ok=True),
    ]
    assert [(one.guid, one.id) for one in undelivered(attempts)] == [("never", 6), ("twice", 9)]


def test_of_what_was_asked_for_again_nothing_is_kept_that_github_lists_no_more() -> None:
    # One that is under way may fail again: how often it was tried still counts.
    listed = [attempt("under way", 2, pending=True), attempt("failed", 1)]
    tried = {"failed": (1, 3), "under way": (4, 9), "long ago": (5, 40)}
    assert still_listed(tried, listed) == {"failed": (1, 3), "under way": (4, 9)}
