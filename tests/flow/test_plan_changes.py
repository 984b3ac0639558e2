"""A plan changes as people say, and the plan after that needs an approval of its own; so does that of an update."""

from __future__ import annotations

from typing import Any

from bot.values.progress import Stage
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest
from tests.fakes.model import Later
from tests.flow.live import SUFFIX, SUFFIX_TEST
from tests.flow.people import edit, repository
from tests.flow.planning import APPROVED, CHANGING, WAITS, WITH_SUFFIX, invites_nobody, scene, waiting
from tests.flow.replies import files, replanned, spec, strategies, suite, way
from tests.flow.scene import Scene
from tests.flow.test_run import BODY

__all__ = ["scene"]


def test_a_plan_is_changed_twice_and_each_one_needs_its_approval(scene: Scene) -> None:
    issue = waiting(scene)
    written = Later(replanned(SUFFIX[0], answer="The suffix comes at the end."))
    scene.answers(written)
    scene.say(issue, "/revise an optional suffix")
    assert scene.next_comment(issue) == CHANGING
    scene.reached(issue, "revise")
    scene.shows(issue, "### ⏳ Upper case\n\n**Revise**: plan 1, as asked")
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == (
        "Plan 1 is being changed as somebody asked, so there is nothing to approve yet. Look at what comes of it, then "
        "type `/approve`."
    )
    written.ready.set()
    assert scene.next_comment(issue).startswith(
        "### Plan 2: Upper case\n\n"
        "**Changed from plan 1**, as @octo asked: The suffix comes at the end.\n\n"
        'What of the interface changed:\n\n- request: `suffix` is new (string, optional, default `""`)\n\n'
        "New tests: `test_hi_with_suffix_gives_hi`.\n\n"
        "Converts text to upper case.\n\n"
        "**Request**, `POST /execute` of `upper-case`\n\n"
        "| field | type | needed | limits | |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| `text` | text | required |  |  |\n"
        '| `suffix` | text | optional, `""` without it |  |  |\n'
    )
    scene.shows(issue, "### ⏳ Upper case\n\n**Plan**: plan 2 waits")
    scene.answers(replanned(answer="One way is left.", strategies=[way("str.upper")], assumptions=[]))
    scene.say(issue, "@gptdeploy no table, and any alphabet", author="rev")
    assert scene.next_comment(issue) == CHANGING
    third = scene.next_comment(issue)
    assert third.startswith(
        "### Plan 3: Upper case\n\n**Changed from plan 2**, as @rev asked: One way is left.\n\n"
        "The strategies are others.\n\nConverts text"
    )
    assert "**Assumptions**" not in third
    assert "1. **str.upper**: Use str.upper.\n\n**Estimate**" in third
    scene.shows(issue, "### ⏳ Upper case\n\n**Plan**: plan 3 waits")
    scene.answers(WITH_SUFFIX, files("input.text.upper() + input.suffix"))
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED.replace("1", "3")
    assert scene.finished(issue).stage == "done"
    assert "Later, people said:\n- an optional suffix\n- no table, and any alphabet" in scene.model.prompt()
    assert repository(scene).git.show("main", "services/upper-case/test_executor.py") is not None
    plans = [body for body in comments(scene, issue) if "### Plan " in body]
    for number, body in enumerate(plans[:2], start=1):
        head = f"<details><summary>Plan {number}, replaced by the newer plan below</summary>\n\n### Plan {number}: "
        assert body.startswith(head) and "</details>" in body and "/approve" not in body
    assert plans[2].startswith("### Plan 3") and "Approved by @octo." in plans[2] and "/approve" not in plans[2]


def comments(scene: Scene, issue: int) -> list[str]:
    return [comment.body for comment in repository(scene).issues[issue].comments]


def test_a_question_leaves_the_plan_and_what_was_said_of_it(scene: Scene) -> None:
    issue = waiting(scene)
    scene.answers(replanned(answer="It is there in case the first fails.", done=False))
    scene.say(issue, "@gptdeploy why a table?")
    assert scene.next_comment(issue) == CHANGING
    assert scene.next_comment(issue) == (
        "> why a table?\n\n**Plan 1 stays as it is.** It is there in case the first fails."
    )
    scene.shows(issue, f"### ⏳ Upper case\n\n**Plan**: {WAITS}")
    scene.answers(*["Sure!"] * 3)
    scene.say(issue, "/revise a suffix")
    assert scene.next_comment(issue) == CHANGING
    said = scene.next_comment(issue)
    assert said.startswith(
        "> a suffix\n\n**Plan 1 stays as it is.**\n\n⚠️ I could not do what was asked for. The model "
    )
    assert said.endswith("Ask once more, in other words or in smaller steps: `/revise TEXT`.")
    scene.shows(issue, f"### ⏳ Upper case\n\n**Plan**: {WAITS}")
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED
    assert scene.finished(issue).stage == "done"
    assert "Later, people said" not in scene.model.prompt()


def test_an_edited_issue_is_told_how_to_change_the_plan(scene: Scene) -> None:
    issue = waiting(scene)
    edit(scene, issue, "octo", BODY.replace("text", "Greek text"))
    assert scene.next_comment(issue) == (
        "The issue has changed, and plan 1 has not. `/revise TEXT` says what of the plan shall change.\n`/retry` makes "
        "a new plan of the issue as it is now."
    )
    scene.answers(spec(), strategies("Greek"))
    scene.say(issue, "/retry")
    first = [scene.next_comment(issue), scene.next_comment(issue)]
    assert any(comment.startswith("On it: I read the issue again and try fresh strategies.") for comment in first)
    assert any("1. **Greek**: Use Greek." in comment for comment in first)
    assert "Convert Greek text to upper case" in scene.model.prompt()
    invites_nobody(scene, issue)
    scene.reached(issue, "plan")
    scene.say(issue, "/stop")
    assert scene.next_comment(issue)
    scene.finished(issue)


def late(scene: Scene, issue: int) -> RunRequest:
    """Return what somebody asks for on a plan, as if nobody had taken it up before the plan was approved."""
    point = Point(id="comment:1", author="rev", text="swap it")
    fields: dict[str, Any] = {"repo": scene.name, "installation": 1, "issue": issue, "actor": "rev"}
    return RunRequest(**fields, kind=RunKind.REVISE, delivery="late", points=(point,))


def test_what_comes_too_late_for_the_plan_changes_the_pull_request(scene: Scene) -> None:
    issue = waiting(scene)
    scene.hold_builds()
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED
    scene.reached(issue, "build")
    scene.house.runs.revise(late(scene, issue))
    scene.answers("Point 1: done: It is swapped.\n\n" + files("input.text.swapcase()").split("example.json", 1)[0])
    scene.release_builds()
    assert "It is swapped." in scene.next_comment(2)
    assert scene.finished(issue).stage == "done"


def test_what_comes_after_everything_is_told_so(scene: Scene) -> None:
    issue = waiting(scene)
    scene.say(issue, "/stop")
    assert scene.next_comment(issue)
    scene.finished(issue)
    scene.house.runs.revise(late(scene, issue))
    assert "The plan has come to nothing before I could change it. `/retry HINT` makes another one." in (
        scene.next_comment(issue)
    )
    assert scene.reached(issue, "failed").stage is Stage.FAILED
    scene.finished(issue)


def test_an_update_shows_the_old_and_the_new_interface(scene: Scene) -> None:
    issue = waiting(scene)
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED
    assert scene.finished(issue).stage == "done"

    specification, tests, code = SUFFIX
    scene.answers(specification)
    scene.say(issue, "/update an optional suffix")
    comments = [scene.next_comment(issue), scene.next_comment(issue)]
    (plan,) = [comment for comment in comments if comment.startswith("### Plan 1: an update of Upper case\n\n")]
    assert plan.startswith(
        "### Plan 1: an update of Upper case\n\n"
        "> an optional suffix\n\n"
        "Converts text to upper case.\n\n"
        "What of the live interface changes:\n\n"
        '- request: `suffix` is new (string, optional, default `""`)\n\n'
        "**Request**, `POST /execute` of `upper-case`\n"
    )
    assert "**Strategies, " not in plan
    assert "At the most there are 10 fixes; no budget is set." in plan
    scene.shows(issue, f"### ⏳ Upper case\n\n**Plan**: {WAITS}")
    # What only the code has to do is part of the plan, too.
    scene.answers(replanned(answer="Spaces go first."))
    scene.say(issue, "/revise strip spaces first")
    assert scene.next_comment(issue) == CHANGING
    assert scene.next_comment(issue).startswith(
        "### Plan 2: an update of Upper case\n\n**Changed from plan 1**, as @octo asked: Spaces go first.\n\n"
        "> an optional suffix\n\n> strip spaces first\n\n"
    )
    scene.shows(issue, "### ⏳ Upper case\n\n**Plan**: plan 2 waits")
    scene.answers(tests, code.replace("Point 1: done", "Point 2: done: Stripped.\nPoint 1: done"))
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED.replace("1", "2")
    scene.shows(issue, "### ✅ Upper case is updated")
    assert SUFFIX_TEST.encode() in (repository(scene).git.show("main", "services/upper-case/test_executor.py") or b"")
