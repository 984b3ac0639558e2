"""A run's budget: a note at 80 %, the end at 100 %, and how to go on."""

from __future__ import annotations

from collections.abc import Callable

from bot.values.progress import StrategyOutcome
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY, RED

# The fake model's replies cost 110 tokens each.


def test_a_spent_budget_stops_the_run_with_what_it_has(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("max_tokens: 500")
    scene.answers(spec(), suite(), strategies("first"), files("input.text"), fix("Lower.", "input.text.lower()"))
    scene.build_logs(RED, RED)
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "waiting"
    assert progress.usage.tokens == 550
    assert progress.strategies[0].outcome is StrategyOutcome.STOPPED
    warning = scene.next_comment(issue)
    assert warning.startswith("Most of this run's budget is used: 440 of 500 tokens.")
    comment = scene.next_comment(issue)
    assert "The budget of this run is spent: 550 of 500 tokens." in comment
    assert "**first** (#2) has 2 commits and is not green yet" in comment
    assert "`/retry max_tokens=1000` here reads the issue again" in comment
    assert scene.house.hub.repository(scene.name).issues[2].state == "open"


def test_retry_takes_a_budget_of_its_own(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("max_tokens: 100")
    scene.answers(spec())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "waiting"
    assert "`/retry max_tokens=200`" in scene.next_comment(issue)

    scene.answers(spec(), suite(), strategies("first"), files())
    scene.say(issue, "/retry max_tokens=5000 max_minutes=30")
    assert scene.reached(issue, "done")
    assert scene.next_comment(issue)


def test_a_budget_that_is_no_number_starts_nothing(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("max_tokens: 100")
    scene.answers(spec())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "waiting"
    assert "`/retry max_tokens=200`" in scene.next_comment(issue)
    for typed, said in (("budget_usd=lots", "`budget_usd=lots`"), ("budget=2", "After `/retry` I understand only ")):
        scene.say(issue, f"/retry {typed}")
        assert said in scene.next_comment(issue)


def test_minutes_end_a_wait_for_a_build(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("max_minutes: 0.02", poll=0.05)
    scene.hold_builds()
    scene.answers(spec(), suite(), strategies("first"), files())
    issue = scene.open(BODY)
    progress = scene.finished(issue)
    scene.release_builds()
    # A slow machine spends the budget before the build.
    scene.model.answers.clear()
    assert progress.stage == "waiting"
    assert " of 0.02 minutes" in progress.note
    while "The budget is spent" not in scene.next_comment(issue):
        pass


def test_a_refused_reply_is_not_asked_for_again_beyond_the_budget(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("max_tokens: 350")
    scene.answers(spec(), suite(), strategies("first"), "no files at all")
    issue = scene.open(BODY)
    progress = scene.finished(issue)
    assert progress.stage == "waiting"
    assert progress.usage.tokens == 440
    assert "Most of this run's budget" in scene.next_comment(issue)
    assert "440 of 350 tokens" in scene.next_comment(issue)
