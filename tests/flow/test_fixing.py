"""How builds are fixed: what may pass is built again, what repeats is given up, locked tests stay."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.values.progress import StrategyOutcome
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
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
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.build_logs(NETWORK, NETWORK)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert (progress.fixes, progress.reruns) == (0, 2)
    assert len(scene.builds) == 3
    assert len({build.head_sha for build in scene.builds}) == 1


def test_a_failure_outside_of_the_service_stops_the_run_after_two_more_builds(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.build_logs(NETWORK, NETWORK, NETWORK)
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "failed"
    assert progress.fixes == 0
    comment = scene.next_comment(issue)
    assert "failed 3 times for a reason outside of the service" in comment
    assert "`/retry` on the pull request goes on" in comment


def test_the_same_failure_twice_asks_for_another_kind_of_fix_and_three_times_gives_up(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("first", "second"), files("input.text"))
    scene.answers(fix("It is lower case.", "input.text + ''"), fix("Still.", "input.text.lower()"), files())
    scene.build_logs(RED, RED, RED)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    first, second = progress.strategies
    assert first.outcome is StrategyOutcome.FAILED
    assert first.commits == 3
    assert first.reason.startswith("no progress, 3 times the same failure: ")
    assert "the very same thing" not in scene.model.prompt(4)
    assert "the very same thing" in scene.model.prompt(5)
    # What was learned is kept for the next strategy.
    assert "This did not help: It is lower case." in first.learned
    assert "<learned>\n- first: It died of: " in scene.model.prompt(6)
    assert second.outcome is StrategyOutcome.MERGED
    assert scene.next_comment(2).startswith("**first** is given up after 3 commits: no progress")


def test_other_failures_use_up_the_fixes(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 3")
    scene.answers(spec(), suite(), strategies("first"), files("input.text"))
    scene.answers(*[fix(f"Try {word}.", f"'{word}'") for word in ("a", "b", "c")])
    scene.build_logs(red("hello"), red("a"), red("b"), red("c"))
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "failed"
    assert progress.strategies[0].commits == 4
    assert progress.strategies[0].reason.startswith("still red after 3 fixes")
    scene.next_comment(2)
    scene.next_comment(issue)


DISPUTE = "The test is wrong.\n\nWrong test: test_hello_gives_hello: the description says otherwise\n"


def test_no_fix_changes_a_test(scene: Scene) -> None:
    """A file of tests in a fix is left out, and whoever wrote the tests is asked about the dispute."""
    attack = f"{DISPUTE}\n{suite(expected='hello')}"
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), attack)
    scene.answers("HELLO is what the person wrote.", fix("I obey.", "input.text.upper()"))
    scene.build_logs(RED)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    review = scene.model.prompt(5)
    assert "test_hello_gives_hello: the description says otherwise" in review
    assert "return Output(" not in review
    assert "The tests stay: HELLO is what the person wrote." in scene.model.prompt(6)
    tests = scene.house.hub.repository(scene.name).git.show("main", "services/upper-case/test_executor.py")
    assert tests is not None and b'== "HELLO"' in tests


def test_a_test_that_contradicts_the_issue_is_changed_by_its_writer_in_the_open(scene: Scene) -> None:
    scene.answers(spec(), suite().replace("== 200", "== 201"), strategies("str.upper"), files(), DISPUTE)
    scene.answers(f"Nothing says 201.\n\n{suite()}")
    scene.build_logs(RED)
    telling = scene.fails("POST", "/issues/2/comments", late=0.5)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert progress.fixes == 1
    comment = scene.next_comment(2)
    assert "I changed a test, because it contradicts the issue" in comment
    assert "- `test_hello_gives_hello`: the description says otherwise" in comment
    tests = scene.house.hub.repository(scene.name).git.show("main", "services/upper-case/test_executor.py")
    assert tests is not None and b"== 200" in tests
    # A build counts from its push, whatever the run says of it before it waits.
    assert telling.happened == 1
    _, fixed = progress.strategies[0].builds
    assert fixed.seconds >= 0.5


MISREAD = """### Description

Convert text to upper case

### Test scenarios

- `{"text": "hello"}` is rejected by nobody, and answered in upper case
"""
SMOKE = (
    "##[group]Run smoke\n##[endgroup]\n"
    "POST /execute with the request of text_hello_is_rejected_by_nobody_and_answered answered 200 instead of 4xx:\n"
    '| {"result": "HELLO"}\n'
    "##[error]Process completed with exit code 1.\n"
)


def test_what_was_misread_is_read_anew_by_the_writer_of_the_tests(scene: Scene) -> None:
    """The test is right, and the build expects something else of the request that the scenario holds."""
    name = "text_hello_is_rejected_by_nobody_and_answered"
    scene.answers(spec(tests=[]), suite(name), strategies("str.upper"), files())
    scene.answers(f"Wrong test: test_{name}: the build expects a refusal, and nobody rejects it")
    scene.answers(f'Misread: test_{name}: {{"words": "is refused by nobody", "status": null}}')
    scene.answers(f'Misread: test_{name}: {{"words": "is rejected by nobody", "status": null}}')
    scene.build_logs(SMOKE)
    progress = scene.finished(scene.open(MISREAD))

    assert progress.stage == "done"
    assert (progress.fixes, len(progress.strategies)) == (1, 1)
    assert "`Misread: `, the name of the test" in scene.model.prompt(5)
    assert "quote in `words` what the issue says" in scene.model.prompt(6)
    comment = scene.next_comment(2)
    assert f"- `test_{name}`: status `none`, not `4xx`: “is rejected by nobody”" in comment
    described = scene.house.hub.repository(scene.name).git.show("main", "services/upper-case/service.json")
    assert described is not None
    (scenario,) = json.loads(described)["scenarios"]
    assert (scenario["status"], scenario["request"]) == (None, {"text": "hello"})


def test_what_was_misread_before_there_is_code_stands_in_the_pull_request(scene: Scene) -> None:
    name = "text_hello_is_rejected_by_nobody_and_answered"
    line = f'Misread: test_{name}: {{"words": "is rejected by nobody", "status": null}}'
    scene.answers(spec(tests=[]), f"{line}\n\n{suite(name)}", strategies("str.upper"), files())
    progress = scene.finished(scene.open(MISREAD))

    assert progress.stage == "done"
    body = scene.house.hub.repository(scene.name).issues[2].body
    assert "(misread at first; what is meant: status `none`, not `4xx`: “is rejected by nobody”)" in body


def hollow(*tests: str) -> str:
    """Return the log of a build in which all tests pass, and some of them whatever the service does."""
    lines = "".join(f"SCENARIO ERROR: {test} passes whatever the service does\n" for test in tests)
    return (
        "##[group]Run docker build .\n##[endgroup]\n"
        "Step 9/9 : RUN python -Iu /usr/local/lib/testing/run.py\n ---> Running in 3c1ac9dc\n"
        f"============================== 1 passed in 0.21s ===============================\n{lines}"
        "Removing intermediate container 3c1ac9dc\n"
        "The command '/bin/sh -c python -Iu /usr/local/lib/testing/run.py' returned a non-zero code: 1\n"
        "##[error]Process completed with exit code 1.\n"
    )


def test_a_test_that_cannot_fail_goes_to_its_writer_and_costs_no_call_for_a_fix(
    make_scene: Callable[..., Scene],
) -> None:
    scene = make_scene("fixes: 2")
    weak = suite().replace("== 200", "in (200, 422)")
    scene.answers(spec(), weak, strategies("first", "second"), files(), f"It took a refusal.\n\n{suite()}")
    scene.answers(fix("No.", "input.text.title()"), files())
    scene.build_logs(hollow("test_hello_gives_hello"), RED, red("Hello"))
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert progress.stages["review"].calls == 1
    assert progress.stages["fix"].calls == 1
    assert progress.strategies[0].commits == 3
    review = scene.model.prompt(4)
    assert "test_hello_gives_hello: passes whatever the service does" in review
    assert "return Output(" not in review
    comment = scene.next_comment(2)
    assert "I changed a test, because it could not fail" in comment
    assert "- `test_hello_gives_hello`: passes whatever the service does" in comment
    # What was mended stays so for the next strategy.
    assert "assert status in (200, 422)" in scene.model.prompt(3)
    assert "assert status == 200" in scene.model.prompt(6)
    assert scene.next_comment(2).startswith("**first** is given up after 3 commits")


def test_a_test_that_its_writer_cannot_mend_ends_the_strategy(scene: Scene) -> None:
    scene.answers(spec(), suite().replace("== 200", "in (200, 422)"), strategies("first"), files())
    scene.answers(*["It is right."] * 8)
    scene.build_logs(hollow("test_hello_gives_hello"))
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "failed"
    assert "fix" not in progress.stages
    assert progress.strategies[0].commits == 1
    assert "3 times the same failure: `test_hello_gives_hello passes whatever" in progress.strategies[0].reason
    scene.next_comment(2)
    scene.next_comment(issue)


def test_a_test_that_was_changed_stays_so_for_the_next_strategy(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 1")
    scene.answers(spec(), suite().replace("== 200", "== 201"), strategies("first", "second"), files("input.text"))
    scene.answers(DISPUTE, f"Nothing says 201.\n\n{suite()}", files())
    scene.build_logs(RED, red("other"))
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert progress.strategies[1].outcome is StrategyOutcome.MERGED
    assert progress.stages["tests"].calls == 1
    assert "assert status == 201" in scene.model.prompt(3)
    assert "assert status == 200" in scene.model.prompt(6)
    for _ in range(2):
        scene.next_comment(2)


def test_the_writer_of_the_tests_cannot_change_what_the_person_wrote(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), DISPUTE)
    scene.answers(f"It is lower case.\n\n{suite(expected='hello')}", "It is right.", fix("Yes.", "input.text.upper()"))
    scene.build_logs(RED)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert progress.stages["review"].calls == 2
    assert "must hold the value 'HELLO'" in scene.model.requests[6]["messages"][-1]["content"]


def test_checks_beforehand_are_counted_and_cost_no_fix(scene: Scene) -> None:
    broken = files().replace("def execute(input: Input) -> Output:", "def execute(input: Input) -> Output")
    scene.answers(spec(), suite(), strategies("str.upper"), broken, files())
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "done"
    assert progress.fixes == 0
    assert progress.usage.saved == 1
    assert progress.stages["implement"].calls == 2
    assert "1 build saved by checks beforehand" in scene.status(issue)
