"""What people say on a pull request changes it: one commit, an answer to every point, then the same loop."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.values.progress import StrategyOutcome
from tests.flow.live import SUFFIX, SUFFIX_TEST
from tests.flow.people import pull_of, push
from tests.flow.replies import change, files, fix, scenario, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_people import BY_HAND
from tests.flow.test_run import BODY, RED

FOLDER = "services/upper-case"


@pytest.fixture
def green(make_scene: Callable[..., Scene]) -> tuple[Scene, int]:
    """An issue whose pull request, #2, is green and waits for a person."""
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    assert scene.next_comment(issue) == "🟢 #2 is green. `/preview` lets you try it, `/deploy` merges and deploys it."
    return scene, issue


def branch_file(scene: Scene, name: str) -> str:
    """Return a file of the service as it is on the branch of #2."""
    repository = scene.house.hub.repository(scene.name)
    (branch,) = [branch for branch in repository.git.branches() if branch != "main"]
    content = repository.git.show(branch, f"{FOLDER}/{name}")
    assert content is not None
    return content.decode()


def subjects(scene: Scene) -> list[str]:
    """Return the subjects of the commits on the branch of #2, newest first."""
    repository = scene.house.hub.repository(scene.name)
    (branch,) = [branch for branch in repository.git.branches() if branch != "main"]
    return [commit.message.split("\n")[0] for commit in repository.git.log(f"main..{branch}")]


@pytest.mark.parametrize("said", ["/revise strip spaces, please", "@gptdeploy strip spaces, please"])
def test_a_change_is_one_commit_and_one_answer(green: tuple[Scene, int], said: str) -> None:
    scene, issue = green
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper()"))
    scene.say(2, said)
    assert scene.next_comment(2) == (
        f"On it: I change #2 as you say, and reply there. The status comment on #{issue} shows how far I am."
    )
    assert scene.next_comment(issue) == "🟢 #2 is green. `/preview` lets you try it, `/deploy` merges and deploys it."
    head = scene.builds[-1].head_sha
    assert scene.next_comment(2) == f"**Changed as asked**, in {head[:7]}:\n\n- ✅ Spaces are stripped."
    assert subjects(scene) == ["Revise: Spaces are stripped", "Add upper-case: str.upper"]
    assert "input.text.strip().upper()" in branch_file(scene, "executor.py")
    # What was asked for is remembered on the branch, so that no later fix undoes it.
    assert (
        "Later, people said:\n- strip spaces, please" in json.loads(branch_file(scene, "service.json"))["description"]
    )
    assert "<points>\nPoint 1: strip spaces, please\n</points>" in scene.model.prompt()
    assert "input.text.upper()" in scene.model.prompt()


def test_on_the_issue_it_is_the_open_pull_request_that_changes(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper()"))
    scene.say(issue, "/revise\n\n- strip spaces\n- nothing else")
    assert scene.next_comment(issue) == (
        "On it: I change #2 as you say, and reply there. The status comment above shows how far I am."
    )
    assert scene.next_comment(issue) == "🟢 #2 is green. `/preview` lets you try it, `/deploy` merges and deploys it."
    assert scene.next_comment(2).startswith("**Changed as asked**")
    assert "Point 1: - strip spaces\n- nothing else" in scene.model.prompt()


def test_a_question_is_answered_and_changes_nothing(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers("Point 1: not done: str.upper knows every alphabet, a table does not.")
    scene.say(2, "@gptdeploy why no table?")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(2) == (
        "**Nothing has changed** on this branch:\n\n- 💬 str.upper knows every alphabet, a table does not."
    )
    assert scene.finished(issue).stage == "waiting"
    assert len(scene.builds) == 1


def test_what_is_said_to_be_done_must_be_done(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers("Sure!", "Point 1: done: Spaces are stripped.")
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper()"))
    scene.say(2, "/revise strip spaces")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(issue).startswith("🟢")
    assert scene.next_comment(2).startswith("**Changed as asked**")


def test_a_change_that_is_red_is_fixed(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.build_logs(RED)
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip()"))
    scene.answers(fix("Upper case was lost.", "input.text.strip().upper()"))
    scene.say(2, "/revise strip spaces")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(issue).startswith("🟢")
    assert scene.next_comment(2).startswith("**Changed as asked**")
    assert "- strip spaces" in scene.model.prompt()


def test_a_change_that_stays_red_leaves_the_pull_request_open(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual\nfixes: 0")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(issue)
    scene.build_logs(RED)
    scene.answers(fix("Point 1: done: Lower case.", "input.text.lower()"))
    scene.say(2, "/revise lower case")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(2).startswith("**Changed as asked**")
    assert scene.next_comment(2).startswith("The change is pushed, and the build is red: still red after 0 fixes: ")
    assert scene.finished(issue).strategies[0].outcome is StrategyOutcome.FAILED
    assert scene.house.hub.repository(scene.name).issues[2].state == "open"
    # What people push then is built, and waited for.
    push(scene, pull_of(scene, 2).head_ref, f"{FOLDER}/executor.py", BY_HAND)
    assert scene.next_comment(2).startswith("Somebody has pushed ")
    assert scene.next_comment(issue).startswith("🟢")


def test_another_interface_changes_the_specification_then_the_tests_then_the_code(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers("Specification: a new optional field `suffix`", *SUFFIX)
    scene.say(2, "/revise an optional suffix")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(issue).startswith("🟢")
    head = scene.builds[-1].head_sha
    assert scene.next_comment(2) == (
        f"**Changed as asked**, in {head[:7]}:\n\n- ✅ `suffix` is put at the end.\n\n"
        'What of the interface changed:\n\n- request: `suffix` is new (string, optional, default `""`)\n\n'
        "New tests: `test_hi_with_suffix_gives_hi`."
    )
    assert len(subjects(scene)) == 2
    assert "suffix" in branch_file(scene, "interface.py")
    assert SUFFIX_TEST in branch_file(scene, "test_executor.py")
    described = json.loads(branch_file(scene, "service.json"))
    assert [scenario["name"] for scenario in described["scenarios"]] == ["hello_gives_hello", "hi_with_suffix_gives_hi"]
    assert described["issue"] == issue


def test_a_persons_test_that_says_something_else_now_is_named(green: tuple[Scene, int]) -> None:
    scene, issue = green
    new = scenario("hello gives Hello", "test_hello_gives_hello", "text", "hello", "Hello")
    scene.answers(
        "Specification: title case instead of upper case",
        change(new),
        suite().replace("HELLO", "Hello"),
        fix("Point 1: done: It is title case.", "input.text.title()"),
    )
    scene.say(2, "/revise hello gives Hello")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(issue).startswith("🟢")
    # The name is made from the words, without their case: it is the same.
    assert scene.next_comment(2).endswith(
        "- ✅ It is title case.\n\nTests that are no more, because you said so: `test_hello_gives_hello`.\n\n"
        "New tests: `test_hello_gives_hello`."
    )


def test_what_a_persons_test_stands_against_is_said(green: tuple[Scene, int]) -> None:
    scene, _issue = green
    scene.answers(
        "Specification: title case instead of upper case",
        change(),
        change(),
        "Point 1: not done: `test_hello_gives_hello` says HELLO.",
    )
    scene.say(2, "/revise title case")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(2) == (
        "**Nothing has changed** on this branch:\n\n- 💬 `test_hello_gives_hello` says HELLO."
    )
    assert len(scene.builds) == 1
    assert "In a person's own words are test_hello_gives_hello: such a test stays" in scene.model.prompt()


def test_what_cannot_be_revised(scene: Scene) -> None:
    issue = scene.open(BODY, author="visitor")
    scene.finished(issue)
    scene.next_comment(issue)
    scene.say(issue, "/revise lower case")
    assert scene.next_comment(issue) == (
        "There is no open pull request to change. Edit the description of this issue, or give a hint: `/retry HINT`."
    )
    scene.say(issue, "/revise")
    assert scene.next_comment(issue) == "Say what shall change, for example `/revise make the border optional`."
    scene.say(issue, "@gptdeploy lower case", author="visitor")
    assert scene.next_comment(issue) == (
        "@visitor, `/revise` needs write access to this repository, and you have read access.\n"
        "Ask a maintainer to type it."
    )


@pytest.mark.parametrize(
    ("said", "told"), [("@gptdeploy Greek, please",) * 2, ("/revise Greek, please", "Greek, please")]
)
def test_a_sentence_to_the_bot_is_an_answer_while_it_asks(scene: Scene, said: str, told: str) -> None:
    question = {"missing": "format", "question": "Which alphabet?", "proposal": "Latin."}
    scene.answers(spec(questions=[question]), spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.next_comment(issue).startswith("### Before I start")
    scene.reached(issue, "clarify")
    comment = scene.say(issue, said)
    assert scene.next_comment(issue) == "I take this as your answer."
    progress = scene.finished(issue)
    assert (progress.stage, progress.answers) == ("done", (comment,))
    assert f"Answered: {told}" in scene.model.prompt(1)
