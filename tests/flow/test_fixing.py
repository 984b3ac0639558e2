"""How builds are fixed: what may pass is built again, what repeats is given up, locked tests stay."""

from __future__ import annotations

from collections.abc import Callable

from bot.values.progress import StrategyOutcome
from tests.flow.house import Scene
from tests.flow.replies import files, fix, spec, strategies
from tests.flow.test_run import BODY, RED

NETWORK = (
    "##[group]Run docker build .\n"
    "##[endgroup]\n"
    "ERROR: failed to do request: Head https://registry-1.docker.io/v2/: "
    "dial tcp: lookup registry-1.docker.io: i/o timeout\n"
    "##[error]Process completed with exit code 1.\n"
)


def red(value: str) -> str:
    return RED.replace("'hello' ==", f"'{value}' ==")


def test_a_failure_that_may_pass_is_built_again_and_costs_no_fix(scene: Scene) -> None:
    scene.answers(spec(), strategies("str.upper"), files())
    scene.build_logs(NETWORK, NETWORK)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert (progress.fixes, progress.reruns) == (0, 2)
    assert len(scene.builds) == 3
    assert len({build.head_sha for build in scene.builds}) == 1


def test_a_failure_outside_of_the_service_stops_the_run_after_two_more_builds(scene: Scene) -> None:
    scene.answers(spec(), strategies("str.upper"), files())
    scene.build_logs(NETWORK, NETWORK, NETWORK)
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "failed"
    assert progress.fixes == 0
    comment = scene.next_comment(issue)
    assert "failed 3 times for a reason outside of the service" in comment
    assert "`/retry` on the pull request goes on" in comment


def test_the_same_failure_twice_asks_for_another_kind_of_fix_and_three_times_gives_up(scene: Scene) -> None:
    scene.answers(spec(), strategies("first", "second"), files("input.text"))
    scene.answers(fix("It is lower case.", "input.text + ''"), fix("Still.", "input.text.lower()"), files())
    scene.build_logs(RED, RED, RED)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    first, second = progress.strategies
    assert first.outcome is StrategyOutcome.FAILED
    assert first.commits == 3
    assert first.reason.startswith("no progress, 3 times the same failure: ")
    assert "the very same thing" not in scene.model.prompt(3)
    assert "the very same thing" in scene.model.prompt(4)
    # What was learned is kept for the next strategy.
    assert "This did not help: It is lower case." in first.learned
    assert "<learned>\n- first: It died of: " in scene.model.prompt(5)
    assert second.outcome is StrategyOutcome.MERGED
    assert scene.next_comment(2).startswith("**first** is given up after 3 commits: no progress")


def test_other_failures_use_up_the_fixes(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 3")
    scene.answers(spec(), strategies("first"), files("input.text"))
    scene.answers(*[fix(f"Try {word}.", f"'{word}'") for word in ("a", "b", "c")])
    scene.build_logs(red("hello"), red("a"), red("b"), red("c"))
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "failed"
    assert progress.strategies[0].commits == 4
    assert progress.strategies[0].reason.startswith("still red after 3 fixes")
    scene.next_comment(2)
    scene.next_comment(issue)


def test_a_persons_test_stays_whatever_the_model_says(scene: Scene) -> None:
    rewritten = files().replace('== "HELLO"', '== "hello"').partition("test_executor.py")
    attack = f"Wrong test: test_hello_gives_hello: the description says otherwise\n\n{''.join(rewritten[1:])}"
    scene.answers(spec(), strategies("str.upper"), files("input.text"), attack, fix("I obey.", "input.text.upper()"))
    scene.build_logs(RED)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert progress.usage.saved == 1
    tests = scene.house.hub.repository(scene.name).git.show("main", "services/upper-case/test_executor.py")
    assert tests is not None and b'== "HELLO"' in tests


def test_a_generated_test_that_contradicts_the_description_is_changed_in_the_open(scene: Scene) -> None:
    wrong = files().replace('== "HELLO"', '== "Hello" or execute(Input(text="hello")).result == "HELLO!"')
    right = files().partition("test_executor.py")
    dispute = "The test is wrong.\n\nWrong test: test_hello_gives_hello: upper case has no small letters\n\n"
    scene.answers(spec(), strategies("str.upper"), wrong, dispute + "".join(right[1:]))
    scene.build_logs(RED)
    issue = scene.open("Convert text to upper case")
    progress = scene.finished(issue)

    assert progress.stage == "done"
    comment = scene.next_comment(2)
    assert "I changed a generated test" in comment
    assert "- `test_hello_gives_hello`: upper case has no small letters" in comment


def test_checks_beforehand_are_counted_and_cost_no_fix(scene: Scene) -> None:
    broken = files().replace("def execute(input: Input) -> Output:", "def execute(input: Input) -> Output")
    scene.answers(spec(), strategies("str.upper"), broken, files())
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "done"
    assert progress.fixes == 0
    assert progress.usage.saved == 1
    assert progress.stages["implement"].calls == 2
    assert "1 build saved by checks beforehand" in scene.status(issue)
