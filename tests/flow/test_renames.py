"""A repository gets another name or owner while the bot is at work, and others take its old name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.hub.webhooks import Delivery
from tests.flow.people import repository
from tests.flow.reader import BOT
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_clarify import QUESTIONS
from tests.flow.test_people import building
from tests.flow.test_run import BODY

MOVES = pytest.mark.parametrize("owner", ["octo", "acme"], ids=["renamed", "transferred"])


@MOVES
def test_a_repository_is_followed(scene: Scene, owner: str) -> None:
    """The run hears of its build under the new name, and merges it."""
    issue = building(scene)
    scene.move(f"{owner}/{scene.name.partition('/')[2]}-moved")
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    there = repository(scene)
    assert there.issues[issue].state == "closed"
    assert [comment.author.login for comment in there.issues[issue].comments] == [BOT]
    assert there.git.show("main", "services/upper-case/executor.py")


@MOVES
def test_commands_under_the_new_name_find_what_is_at_work(scene: Scene, owner: str) -> None:
    issue = building(scene)
    first = scene.house.runs.active(scene.key, issue)
    scene.move(f"{owner}/{scene.name.partition('/')[2]}-moved")
    scene.say(issue, "/status")
    assert scene.next_comment(issue).startswith(f"At work on #{issue}, stage **build**")
    scene.say(issue, "/retry")
    assert scene.next_comment(issue).startswith(f"I am already at work on #{issue} (stage: build)")
    scene.say(issue, "/stop")
    assert scene.next_comment(issue).startswith(f"Stopped the work on #{issue}")
    scene.ends(issue)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.say(issue, "/retry")
    assert scene.next_comment(issue).startswith("On it: I read the issue again and try fresh strategies.")
    scene.release_builds()
    again = scene.finished(issue)
    assert (again.stage, again.run_id != first) == ("done", True)
    assert len(scene.house.runs.history(scene.key, issue)) == 2


@pytest.mark.parametrize("told", [True, False], ids=["told", "not-told"])
def test_a_new_repository_with_the_old_name_is_another_one(make_scene: Callable[..., Scene], told: bool) -> None:
    """Also where GitHub did not deliver anything of the one that had the name before."""
    old = make_scene(poll=0.5)
    deliveries, number = old.house.hub.parts.deliveries, repository(old).id

    def loses(delivery: Delivery) -> bool:
        return not told and bool(delivery.payload.get("repository", {}).get("id") == number)

    old.answers(spec(questions=QUESTIONS))
    issue, name = old.open(BODY), old.name
    assert "Which alphabet?" in old.next_comment(issue)
    deliveries.loses = loses
    old.move(f"{name}-before")
    new = make_scene(name=name)
    new.answers(*(answers := (spec(), suite(), strategies("str.upper"), files())))
    assert new.open(BODY) == issue
    done = new.finished(issue)
    assert (done.note, done.stage, done.run_id.rpartition("-")[0]) == (
        "",
        "done",
        f"{name}~{repository(new).id}#{issue}",
    )
    old.answers(*answers)
    old.say(issue, "ok")
    assert old.finished(issue).stage == "done"
    for scene in (old, new):
        there = repository(scene)
        assert [len(there.issues), there.issues[issue].state] == [2, "closed"]
        assert there.git.show("main", "services/upper-case/executor.py")
    deliveries.loses = lambda _: False
