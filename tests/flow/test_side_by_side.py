"""Strategies that are built side by side, where the first green one wins."""

from __future__ import annotations

from collections.abc import Callable

from bot.values.progress import StrategyOutcome
from tests.flow.people import merge, pull_of, push, repository
from tests.flow.replies import files, fix
from tests.flow.scene import Scene
from tests.flow.test_run import RED
from tests.flow.yard import Yard, begin, row

FAILED, MERGED, STOPPED = StrategyOutcome.FAILED, StrategyOutcome.MERGED, StrategyOutcome.STOPPED
SECOND_WINS = "⏹️ I close this pull request: **second** (#3) got green first and is merged."


def test_the_first_green_one_is_merged_and_the_others_are_closed(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second", "third")
        assert scene.status(issue).startswith("### ⏳ Upper case\n\n**Build**: second\n")
        yard.green(3)
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [STOPPED, MERGED, StrategyOutcome.PLANNED]
    assert scene.next_comment(2) == SECOND_WINS
    issues = repository(scene).issues
    assert issues[2].state == issues[3].state == "closed"
    assert pull_of(scene, 3).merged_at and not pull_of(scene, 2).merged_at
    assert [run.id for run in repository(scene).workflow_runs if run.latest.cancelled.is_set()] == [
        scene.builds[0].run_id
    ]
    assert len(scene.builds) == 2
    assert repository(scene).git.branches().keys() == {"main"}
    status = scene.status(issue)
    closed = "closed: **second** (#3) got green first and is merged"
    assert row(status, "first") == ["⏹️", "first", "#2", "1", closed]
    assert row(status, "second") == ["🟣", "second", "#3", "1", "merged"]


def test_fixes_of_one_go_on_while_another_is_built(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        scene.answers(fix("It returned the text as it is.", "input.text.upper()"))
        yard.red(3, RED)
        scene.shown(issue, "| second | #3 | 2 |")
        assert row(scene.status(issue), "first") == ["🟡", "first", "#2", "1", "building"]
        died_of = "`test_hello_gives_hello: AssertionError: assert 'hello' == 'HELLO'`"
        assert row(scene.status(issue), "second") == ["🟡", "second", "#3", "2", f"after fix 1: {died_of}"]
        yard.green(3)
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [(record.outcome, record.commits) for record in progress.strategies] == [(STOPPED, 1), (MERGED, 2)]
    assert scene.next_comment(2) == SECOND_WINS


def test_one_that_is_given_up_leaves_its_place_and_what_it_has_shown_to_the_next(
    make_scene: Callable[..., Scene],
) -> None:
    scene = make_scene("parallel: 2\nfixes: 0")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second", "third")
        scene.answers(files())
        yard.red(2, RED)
        assert scene.next_comment(2).startswith("**first** is given up after 1 commit: still red after 0 fixes: ")
        scene.shown(issue, "| 🟡 | third | #4 | 1 |")
        assert (
            "- first: It died of: test_hello_gives_hello: AssertionError: assert 'hello' == 'HELLO'"
            in scene.model.prompt()
        )
        yard.green(4)
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [FAILED, STOPPED, MERGED]
    assert scene.next_comment(3) == ("⏹️ I close this pull request: **third** (#4) got green first and is merged.")


def test_when_all_are_given_up_one_comment_says_what_each_died_of(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2\nfixes: 0")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second", "third")
        scene.answers("sorry", "I cannot", "no files", "none")
        yard.red(2, RED)
        scene.next_comment(2)
        yard.red(3, RED)
        progress = scene.finished(issue)

    assert progress.stage == "failed"
    scene.next_comment(3)
    said = scene.next_comment(issue)
    assert said.startswith("### No strategy got green\n\n1. **first** (#2): still red after 0 fixes: ")
    assert "\n2. **second** (#3): still red after 0 fixes: " in said
    assert "\n3. **third**: " in said and "no usable answer" in said


def test_stop_stops_them_all(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        scene.say(issue, "/stop")
        assert scene.next_comment(issue).startswith(f"Stopped the work on #{issue}.")
        assert scene.finished(issue).stage == "stopped"
        yard.green(2, 3)
        scene.say(issue, "/status")
        assert f"No longer at work on #{issue}, stage **stopped**" in scene.next_comment(issue)
    assert repository(scene).issues[2].state == repository(scene).issues[3].state == "open"
    assert not pull_of(scene, 2).merged_at and not pull_of(scene, 3).merged_at


def test_what_all_have_cost_counts_together(make_scene: Callable[..., Scene]) -> None:
    # A question and its answer are 110 tokens; the fix would be the sixth.
    scene = make_scene("parallel: 2\nmax_tokens: 550")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        scene.next_comment(issue)
        yard.red(3, RED)
        progress = scene.finished(issue)

    assert progress.stage == "waiting"
    assert [record.usage.tokens for record in progress.strategies] == [110, 110]
    said = scene.next_comment(issue)
    assert "The budget of this run is spent: 550 of 550 tokens." in said
    assert "**first** (#2) has 1 commit and is not green yet" in said
    assert "**second** (#3) has 1 commit and is not green yet" in said


def test_a_review_of_one_is_answered_while_the_other_is_built(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        scene.answers(fix("Point 1: done: It strips the text.", "input.text.strip().upper()"))
        scene.say(2, "/revise strip the text")
        assert "I change #2 as you say before it is merged" in scene.next_comment(2)
        scene.queued(issue, 1)
        yard.green(2)
        said = scene.next_comment(2)
        assert said.startswith("**Changed as asked**, in ") and said.endswith("\n\n- ✅ It strips the text.")
        yard.green(2)
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [(record.outcome, record.commits) for record in progress.strategies] == [(MERGED, 2), (STOPPED, 1)]
    assert scene.next_comment(3) == "⏹️ I close this pull request: **first** (#2) got green first and is merged."


def test_a_push_to_one_has_only_that_one_stand_back(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        push(scene, pull_of(scene, 2).head_ref, "services/upper-case/executor.py", "# mine\n")
        assert scene.next_comment(2).startswith("Somebody has pushed ")
        assert row(scene.status(issue), "second") == ["🟡", "second", "#3", "1", "building"]
        scene.answers(fix("It returned the text as it is.", "input.text.upper()"))
        yard.red(3, RED)
        scene.shown(issue, "| 🟡 | second | #3 | 2 |")
        yard.red(2, "")
        yard.red(2, RED)
        scene.shown(issue, "is red; push again, or type `/retry` there")
        assert scene.status(issue).startswith("### ⏳ Upper case\n\n**Build**: first: the build of ")

        scene.say(3, "/retry")
        assert scene.next_comment(3).startswith(f"I am already at work on #{issue}")
        scene.answers(fix("It is mine, too.", "str(input.text).upper()"))
        scene.say(2, "/retry keep it")
        assert scene.next_comment(2) == (
            "On it: I go on fixing this branch, on top of what is there now. The model is told what you say. "
            f"The status comment on #{issue} shows how far I am."
        )
        yard.green(2)
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [MERGED, STOPPED]
    assert "keep it" in scene.model.prompt()
    assert scene.next_comment(3) == "⏹️ I close this pull request: **first** (#2) got green first and is merged."


def test_one_that_a_person_closes_ends_alone(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second", "third")
        scene.call("PATCH", "/pulls/2", {"state": "closed"})
        scene.call("PATCH", "/pulls/3", {"title": "Mine"})
        yard.green(3)
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [(r.outcome, r.reason) for r in progress.strategies[:2]] == [(STOPPED, "#2 was closed"), (MERGED, "")]
    assert progress.strategies[2].pull is None


def test_when_people_close_them_all_the_run_ends(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene):
        issue = begin(scene, "first", "second", "third")
        scene.call("PATCH", "/pulls/2", {"state": "closed"})
        scene.call("PATCH", "/pulls/3", {"state": "closed"})
        assert scene.finished(issue).stage == "stopped"
    assert scene.next_comment(issue) == "⏹️ I have stopped: #2 was closed. What is pushed stays where it is."


def test_when_the_issue_is_closed_the_run_ends(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene):
        issue = begin(scene, "first", "second", "third")
        scene.call("PATCH", f"/issues/{issue}", {"state": "closed"})
        progress = scene.finished(issue)
    assert progress.stage == "stopped"
    assert [record.outcome for record in progress.strategies] == [STOPPED, STOPPED, StrategyOutcome.PLANNED]
    assert scene.next_comment(issue) == (f"⏹️ I have stopped: #{issue} was closed. What is pushed stays where it is.")


def test_one_that_a_person_merges_has_won(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second")
        merge(scene, 3)
        assert scene.next_comment(2) == "⏹️ I close this pull request: **second** (#3) is merged."
        yard.green(2)
        progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies] == [STOPPED, MERGED]


def test_one_whose_build_a_person_cancels_waits_while_the_others_go_on(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("parallel: 2")
    with Yard(scene) as yard:
        issue = begin(scene, "first", "second", "third")
        scene.call("POST", f"/actions/runs/{scene.builds[0].run_id}/cancel", {})
        yard.green(2)
        said = scene.next_comment(2)
        assert said.startswith("[The workflow run](")
        assert said.endswith("was cancelled. `/retry` on the pull request goes on.")
        scene.shown(issue, "| first | #2 | 1 |")
        assert row(scene.status(issue), "second") == ["🟡", "second", "#3", "1", "building"]
        scene.say(2, "/retry")
        assert scene.next_comment(2).startswith("On it: I go on fixing this branch, on top of what is there now.")
        yard.green(2)
        progress = scene.finished(issue)
    assert progress.stage == "done"
    assert [record.outcome for record in progress.strategies[:2]] == [MERGED, STOPPED]
    assert scene.next_comment(3) == "⏹️ I close this pull request: **first** (#2) got green first and is merged."
