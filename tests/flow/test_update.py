"""What is live changes as people say: specification and tests first, a pull request, then the same loop."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from bot.values.progress import StrategyOutcome
from tests.fakes.fields import draft
from tests.flow.live import NOTHING, ON_IT, SUFFIX, SUFFIX_TEST, live, main, pull, title_and_body
from tests.flow.replies import change, files, fix, scenario, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY, RED

__all__ = ["live"]


@pytest.mark.parametrize("said", ["/update an optional suffix", "@gptdeploy an optional suffix"])
def test_an_optional_field_comes_with_its_tests_and_goes_live(live: tuple[Scene, int], said: str) -> None:
    scene, issue = live
    scene.answers(*SUFFIX)
    scene.say(issue, said)
    assert scene.next_comment(issue) == ON_IT
    scene.shows(issue, "### ✅ Upper case is updated")
    title, body = title_and_body(scene, 3)
    assert title == "Update Upper case: `suffix` is put at the end"
    assert body.startswith(
        f"Changes the service `upper-case`, for #{issue}. What is live stays as it is until this is merged.\n\n"
        "> an optional suffix\n\n"
        "- ✅ `suffix` is put at the end.\n\n"
        'What of the interface changed:\n\n- request: `suffix` is new (string, optional, default `""`)\n\n'
        "New tests: `test_hi_with_suffix_gives_hi`.\n\n"
        "**Requirements**\n"
    )
    assert "- [x] `test_hello_gives_hello`: hello gives HELLO" in body
    assert "- [x] `test_hi_with_suffix_gives_hi`: hi with suffix ! gives HI!" in body
    assert "suffix" in main(scene, "interface.py")
    assert "def test_hello_gives_hello(call)" in main(scene, "test_executor.py")
    assert SUFFIX_TEST in main(scene, "test_executor.py")
    described = json.loads(main(scene, "service.json"))
    assert [scenario["name"] for scenario in described["scenarios"]] == ["hello_gives_hello", "hi_with_suffix_gives_hi"]
    assert described["issue"] == issue
    assert "updates" not in described
    (commit, *_) = scene.house.hub.repository(scene.name).git.log("main")
    assert commit.message.startswith("Update Upper case: `suffix` is put at the end (#3)\n")


def test_what_breaks_callers_stands_in_the_title(live: tuple[Scene, int]) -> None:
    scene, issue = live
    wish = "rename text to input_text; hello gives HELLO as input_text instead"
    text = "hello gives HELLO as input_text instead"
    test = scenario(text, "hello_gives_hello", "input_text", "hello", "HELLO")
    renamed = json.loads(change(test, inputs=(draft("input_text"),))) | {"removed_inputs": ["text"]}
    name = "test_hello_gives_hello_as_input_text_instead"
    tests = suite("hello_gives_hello_as_input_text_instead").replace('{"text": "hello"}', '{"input_text": "hello"}')
    code = files("input.input_text.upper()").replace('{"text": "hello"}', '{"input_text": "hello"}')
    scene.answers(json.dumps(renamed), tests, f"Point 1: done: `text` is `input_text` now.\n\n{code}")
    scene.say(issue, f"/update {wish}")
    assert scene.next_comment(issue) == ON_IT
    scene.shows(issue, "### ✅ Upper case is updated")
    title, body = title_and_body(scene, 3)
    assert title == (
        "Update Upper case, breaks callers: request: `input_text` is new (string, required); request: `text` is gone"
    )
    assert "- request: `text` is gone (**may break callers**)\n" in body
    assert f"Tests that are no more, because you said so: `test_hello_gives_hello`.\n\nNew tests: `{name}`." in body
    assert "input_text" in main(scene, "interface.py")


def test_a_persons_test_that_the_text_does_not_end_stays(live: tuple[Scene, int]) -> None:
    scene, issue = live
    gone = scenario("an optional suffix", "hello_gives_hello") | {"text": ""}
    scene.answers(change(gone), *SUFFIX)
    scene.say(issue, "/update an optional suffix")
    assert scene.next_comment(issue) == ON_IT
    scene.shows(issue, "### ✅ Upper case is updated")
    assert "`test_hello_gives_hello` is what a person wrote, and stays" in scene.model.prompt(-3)
    assert "def test_hello_gives_hello(call)" in main(scene, "test_executor.py")


def test_where_no_caller_sees_a_difference_only_the_code_changes(live: tuple[Scene, int]) -> None:
    scene, issue = live
    tests = main(scene, "test_executor.py")
    scene.answers(NOTHING, fix("Point 1: done: It is swapped twice.", "input.text.swapcase().upper()"))
    scene.say(issue, "/update use swapcase")
    assert scene.next_comment(issue) == ON_IT
    scene.shows(issue, "### ✅ Upper case is updated")
    assert "\nThe interface stays as it is.\n" in title_and_body(scene, 3)[1]
    assert "swapcase" in main(scene, "executor.py")
    assert main(scene, "test_executor.py") == tests


def test_a_question_changes_nothing(live: tuple[Scene, int]) -> None:
    scene, issue = live
    scene.answers(NOTHING, "Point 1: not done: str.upper knows every alphabet.")
    scene.say(issue, "@gptdeploy why no table?")
    assert scene.next_comment(issue) == ON_IT
    assert scene.next_comment(issue) == (
        "**Nothing has changed** in `upper-case`:\n\n- 💬 str.upper knows every alphabet."
    )
    assert len(scene.builds) == 1


def test_what_stays_red_leaves_the_live_service_and_the_pull_request(live: tuple[Scene, int]) -> None:
    scene, issue = live
    before = scene.house.hub.repository(scene.name).git.resolve("main")
    scene.answers(NOTHING, fix("Point 1: done: Lower case.", "input.text.lower()"))
    for number in range(10):
        scene.build_logs(RED.replace("'hello'", f"'hello{number}'").replace("HELLO", f"HELLO{number}"))
        scene.answers(fix(f"Fix {number}.", f"input.text.lower() + '{number}'[:0]"))
    scene.build_logs(RED)
    scene.say(issue, "/update lower case")
    assert scene.next_comment(issue) == ON_IT
    scene.shows(issue, "### ❌")
    red = scene.next_comment(3)
    assert re.fullmatch(
        r"The change is pushed, and the build is red: still red after 10 fixes: .*\n\n"
        r"The live service stays as it is, and this pull request stays open\. `/retry` here makes more fixes, on top "
        r"of whatever you push; `/revise TEXT` changes it\.",
        red,
    )
    progress = scene.finished(issue)
    assert progress.stage == "failed"
    assert progress.strategies[0].outcome is StrategyOutcome.FAILED
    status = scene.status(issue)
    assert status.startswith("### ❌ Upper case\n\n#3 is red: still red after 10 fixes: ")
    assert (
        "This is an update of `upper-case`: what is live stays as it is until the new version is tested and merged."
        in status
    )
    assert scene.house.hub.repository(scene.name).issues[3].state == "open"
    assert scene.house.hub.repository(scene.name).git.resolve("main") == before
    # Both ways to begin another one lead to the open pull request.
    for again in ("/update upper case after all", "/retry"):
        scene.say(issue, again)
        assert scene.next_comment(issue) == (
            "#3 is open: `/revise TEXT` changes it, `/retry` on it makes more fixes, `/deploy` on it merges it when it "
            "is green. For a fresh start close it first. I have done nothing."
        )
    # More fixes do not throw it away either.
    scene.answers(fix("Back to upper case.", "input.text.upper()"))
    scene.say(3, "/retry")
    assert scene.next_comment(3).startswith("On it: ")
    scene.shows(issue, "### ✅ Upper case is updated")


def test_there_is_nothing_to_update_before_a_service_is_merged(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    issue = scene.open(BODY, author="visitor")
    scene.finished(issue)
    scene.next_comment(issue)
    scene.say(issue, "/update lower case")
    assert scene.next_comment(issue) == (
        f"No service is merged for #{issue}, so there is nothing to update. `/list` shows the live services; an issue "
        "can name one of them on a line of its own: `service: NAME`."
    )
    scene.say(issue, "/update")
    assert scene.next_comment(issue) == "Say what shall change, for example `/update make the border optional`."
    scene.say(issue, "/update lower case", author="visitor")
    assert scene.next_comment(issue) == (
        "@visitor, `/update` needs write access to this repository, and you have read access.\n"
        "Ask a maintainer to type it."
    )


def test_an_open_pull_request_is_revised_and_a_merged_one_updated(
    make_scene: Callable[..., Scene],
) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.next_comment(issue).startswith("🟢")
    scene.finished(issue)
    scene.say(2, "/update lower case")
    assert scene.next_comment(2) == "This pull request is open: `/revise TEXT` changes it."
    scene.say(2, "/deploy")
    assert scene.next_comment(2).startswith("On it: ")
    scene.shows(issue, "### ✅")
    scene.answers(*SUFFIX)
    scene.say(2, "@gptdeploy an optional suffix")
    assert scene.next_comment(2) == ON_IT.replace("comment above", f"comment on #{issue}")
    assert scene.next_comment(issue) == "🟢 #3 is green. `/preview` lets you try it, `/deploy` merges and deploys it."
    # What waits for a person is changed as any pull request is, and then merged.
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper() + input.suffix"))
    scene.say(issue, "@gptdeploy strip spaces")
    assert scene.next_comment(issue).startswith("On it: I change #3 as you say, and reply there.")
    assert scene.next_comment(issue) == "🟢 #3 is green. `/preview` lets you try it, `/deploy` merges and deploys it."
    assert scene.next_comment(3).startswith("**Changed as asked**")
    scene.say(3, "/deploy")
    assert scene.next_comment(3).startswith("On it: ")
    scene.shows(issue, "### ✅ Upper case is updated")
    assert "input.text.strip().upper() + input.suffix" in main(scene, "executor.py")


def test_what_a_revision_breaks_stands_in_the_title_too(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.next_comment(issue).startswith("🟢")
    scene.finished(issue)
    scene.say(2, "/deploy")
    assert scene.next_comment(2).startswith("On it: ")
    scene.shows(issue, "### ✅")
    scene.answers(*SUFFIX)
    scene.say(issue, "/update an optional suffix")
    assert scene.next_comment(issue) == ON_IT
    assert scene.next_comment(issue).startswith("🟢 #3 is green.")
    assert title_and_body(scene, 3)[0] == "Update Upper case: `suffix` is put at the end"
    scene.finished(issue)
    short = draft("text", limits={"maxLength": 20})
    code = fix("Point 1: done: 20 characters.", "input.text.upper() + input.suffix.strip()")
    scene.answers("Specification: at most 20 characters", change(inputs=(short,)), code)
    scene.say(3, "/revise at most 20 characters")
    assert scene.next_comment(3).startswith("On it: ")
    assert scene.next_comment(issue).startswith("🟢 #3 is green.")
    assert "- request: `text`: " in scene.next_comment(3)
    assert title_and_body(scene, 3)[0] == ("Update Upper case, breaks callers: request: `text`: maxLength none → `20`")
    scene.finished(issue)


def test_a_run_at_work_is_not_disturbed(live: tuple[Scene, int]) -> None:
    scene, issue = live
    scene.answers(*SUFFIX)
    scene.hold_builds()
    scene.say(issue, "/update an optional suffix")
    assert scene.next_comment(issue) == ON_IT
    scene.reached(issue, "build")
    scene.say(issue, "/update lower case")
    assert scene.next_comment(issue) == (
        f"I am already at work on #{issue} (stage: build), so I have started nothing new.\n"
        "Wait for it to end, or type `/stop` first."
    )
    scene.release_builds()
    scene.shows(issue, "### ✅ Upper case is updated")


def test_one_update_follows_another(live: tuple[Scene, int]) -> None:
    scene, issue = live
    scene.answers(*SUFFIX)
    scene.say(issue, "/update an optional suffix")
    assert scene.next_comment(issue) == ON_IT
    scene.shows(issue, "### ✅ Upper case is updated")
    scene.finished(issue)
    scene.answers(NOTHING, fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper() + input.suffix"))
    scene.say(issue, "/update strip spaces")
    assert scene.next_comment(issue) == ON_IT
    scene.reached(issue, "build")
    scene.shows(issue, "### ✅ Upper case is updated")
    assert pull(scene, 4).merged_at
    assert "input.text.strip().upper() + input.suffix" in main(scene, "executor.py")
    assert (
        "Later, people said:\n- an optional suffix\n- strip spaces"
        in json.loads(main(scene, "service.json"))["description"]
    )


def test_an_update_that_came_to_nothing_is_tried_again(live: tuple[Scene, int]) -> None:
    scene, issue = live
    scene.answers(NOTHING, *["Sure!"] * 4)
    scene.say(issue, "/update an optional suffix")
    assert scene.next_comment(issue) == ON_IT
    assert "I could not do what was asked for." in scene.next_comment(issue)
    assert scene.finished(issue).stage == "waiting"
    scene.answers(*SUFFIX)
    scene.say(issue, "/retry mind the order")
    assert scene.next_comment(issue) == ON_IT
    scene.shows(issue, "### ✅ Upper case is updated")
    assert "<points>\nPoint 1: an optional suffix\n\nmind the order\n</points>" in scene.model.prompt()
