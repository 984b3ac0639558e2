"""What people read of what the bot has set aside, and what they can do."""

from __future__ import annotations

import pytest

from bot.values.aside import Why
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_clarify import QUESTIONS
from tests.flow.test_run import BODY

CRASHED = (
    "⚠️ My process has crashed three times in a row while it worked on this, so I have set it aside; everything else "
    "goes on. My log says more under `{id}`."
)
UPDATED = (
    "⚠️ I was updated while I worked on this, and my new version cannot go on where the old one was. What is pushed "
    "stays where it is."
)
RETRY = "`/retry` here begins anew; on a pull request that is open, it goes on with that one."


@pytest.mark.parametrize(
    ("why", "says", "note"),
    [
        (Why.CRASHES, CRASHED, "set aside after three crashes of the bot's process"),
        (Why.VERSION, UPDATED, "set aside, because the bot was updated"),
    ],
)
def test_a_run_that_is_set_aside_says_so_and_retry_goes_on(scene: Scene, why: Why, says: str, note: str) -> None:
    scene.hold_builds()
    scene.answers(spec(), suite(), strategies("first"), files())
    issue = scene.open(BODY)
    scene.shown(issue, "| first | #2 | 1 |")
    runs = scene.house.runs
    run = runs.active(scene.name, issue)
    assert run is not None

    runs.set_aside(run, why)
    assert scene.next_comment(issue) == f"{says.format(id=run)}\n\n{RETRY}"
    assert note in scene.status(issue)
    progress = scene.reached(issue, "failed")
    assert (progress.run_id, progress.note) == (run, note)
    # The same once more says nothing twice.
    runs.set_aside(run, why)

    scene.say(2, "/retry")
    assert scene.next_comment(2)
    scene.release_builds()
    assert scene.reached(issue, "done").strategies[0].pull == 2


def test_a_run_that_an_update_ends_before_it_has_pushed_anything_is_begun_anew_once(scene: Scene) -> None:
    scene.answers(spec(questions=QUESTIONS))
    issue = scene.open(BODY)
    assert "Which alphabet?" in scene.next_comment(issue)
    runs = scene.house.runs
    run = runs.active(scene.name, issue)
    assert run is not None

    scene.answers(spec(), suite(), strategies("first"), files())
    for _ in range(2):
        runs.set_aside(run, Why.VERSION)
    done = scene.reached(issue, "done")
    scene.ends(issue)
    assert done.run_id != run and [past.ended for past in done.earlier] == [
        "stopped: begun anew, because the bot was updated"
    ]
    assert len(runs.history(scene.name, issue)) == 2
    assert "begun anew, because the bot was updated" in scene.status(issue)
