"""The check run of each build: what it says, on which lines, and that nothing depends on it that must not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from bot.hub.state import Annotation, CheckRun
from tests.flow.people import add_ruleset, check_runs, grant_checks, protect, pull_of, push, repository, until_built
from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_fixing import NETWORK
from tests.flow.test_people import BY_HAND, EXECUTOR, building
from tests.flow.test_run import BODY, RED

TESTS = "services/upper-case/test_executor.py"


def told(check: CheckRun) -> tuple[str, str | None, str | None]:
    return check.name, check.conclusion, check.title


def lines(scene: Scene, sha: str, path: str) -> list[str]:
    text = repository(scene).git.show(sha, path)
    assert text is not None
    return text.decode().splitlines()


def test_a_red_build_and_a_green_one(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED.replace("test_executor.py:5", "test_executor.py:4"))
    assert scene.finished(scene.open(BODY)).stage == "done"

    red, green = check_runs(scene)
    error = "AssertionError: assert 'hello' == 'HELLO'"
    assert told(red) == ("gptdeploy", "failure", f"test_hello_gives_hello: {error}")
    assert [red.head_sha, green.head_sha] == [build.head_sha for build in scene.builds]
    tests = lines(scene, red.head_sha, TESTS)
    defined = next(number for number, line in enumerate(tests, 1) if line.startswith("def test_hello_gives_hello("))
    assert tests[3] == '    assert answer["result"] == "HELLO"'
    assert red.annotations == [
        Annotation(TESTS, 4, 4, "failure", f"test_hello_gives_hello: {error}"),
        Annotation(TESTS, defined, defined, "failure", error),
    ]
    url = red.details_url
    assert "/actions/runs/" in url
    assert red.summary is not None
    assert red.summary.startswith(
        f"[The build]({url}) of {red.head_sha[:7]} died: Build (test). 1 test fails.\n\n"
        "What its log shows:\n\n```text\n"
    )
    assert f"E   {error}" in red.summary
    assert red.summary.endswith("\n```")

    assert told(green)[:2] == ("gptdeploy", "success")
    assert (green.title or "").startswith("Green")
    assert green.summary is not None
    assert green.summary.startswith(f"[The build]({green.details_url}) of {green.head_sha[:7]} is green.")
    assert green.annotations == []
    assert (red.done, green.done) == (True, True)


def test_an_installation_that_has_not_granted_it_goes_on_without(
    scene: Scene, ungranted: None, caplog: pytest.LogCaptureFixture
) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED)
    with caplog.at_level(logging.WARNING):
        issue = scene.open(BODY)
        assert scene.finished(issue).stage == "done"

    assert check_runs(scene) == []
    told = "⚠️ The GitHub App lacks `checks: write` here, and I do without as far as that goes."
    assert scene.status(issue).count(told) == 1
    said = [record.getMessage() for record in caplog.records if "check runs" in record.getMessage()]
    assert [text for text in said if scene.name in text] == said
    assert len(said) == 1
    assert said[0].endswith("shows no check runs: the App's new permission to write them has to be accepted there")


@pytest.fixture
def ungranted(scene: Scene) -> Iterator[None]:
    grant_checks(scene, "read")
    yield
    grant_checks(scene, "write")


@pytest.mark.parametrize("as_ruleset", [False, True])
def test_rules_may_require_it(scene: Scene, as_ruleset: bool) -> None:
    (add_ruleset if as_ruleset else protect)(scene, checks=("build", "gptdeploy"), enforce_admins=True)
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED)
    assert scene.finished(scene.open(BODY)).stage == "done"


def test_rules_that_require_it_are_met_by_a_persons_commit(scene: Scene) -> None:
    protect(scene, checks=("gptdeploy",), enforce_admins=True)
    issue = building(scene)
    head = push(scene, pull_of(scene, 2).head_ref, EXECUTOR, BY_HAND)
    assert "Somebody has pushed" in scene.next_comment(2)
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    (check,) = check_runs(scene)
    assert (check.head_sha, check.conclusion) == (head, "success")


def test_a_persons_red_commit_is_annotated_as_it_is(scene: Scene) -> None:
    issue = building(scene)
    scene.build_logs(RED, RED)
    branch = pull_of(scene, 2).head_ref
    head = push(scene, branch, TESTS, "# Mine.\n\n\ndef test_hello_gives_hello(call):\n    assert False\n")
    assert "Somebody has pushed" in scene.next_comment(2)
    scene.release_builds()
    scene.shows(issue, f"### ⏸️ Upper case\n\nthe build of {head[:7]} on #2 is red")
    (check,) = check_runs(scene)
    assert check.head_sha == head
    assert [(note.path, note.start_line) for note in check.annotations] == [(TESTS, 5), (TESTS, 4)]
    push(scene, branch, EXECUTOR, BY_HAND)
    assert scene.finished(issue).stage == "done"


def test_a_build_that_a_person_cancels(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.05)
    issue = building(scene)
    run = repository(scene).workflow_runs[-1]
    hub = scene.house.hub
    with hub.parts.state.lock:
        hub.parts.workflow_runs.cancel(repository(scene), run)
    scene.release_builds()
    until_built(scene)
    assert scene.finished(issue).stage == "failed"
    assert "was cancelled" in scene.next_comment(issue)
    (check,) = check_runs(scene)
    assert told(check) == ("gptdeploy", "cancelled", "No result (cancelled)")


def test_what_is_built_again_because_it_may_pass_is_said_once(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.build_logs(NETWORK)
    assert scene.finished(scene.open(BODY)).stage == "done"
    assert [check.conclusion for check in check_runs(scene)] == ["success"]
    assert check_runs(scene)[0].external_id.endswith("/2")


def test_requests_for_it(scene: Scene) -> None:
    """Each build costs one request more; nothing is looked up that this run alone can have written."""
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED)
    before = len(scene.house.hub.requests)
    scene.finished(scene.open(BODY))
    asked = [
        (request.method, request.kind)
        for request in scene.house.hub.requests[before:]
        if request.actor == BOT and "check-runs" in request.path
    ]
    assert asked == [("POST", "write")] * 2


def test_deploy_says_it_where_it_was_not_said_before(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(issue)
    with scene.house.hub.parts.state.lock:
        repository(scene).check_runs.clear()
    protect(scene, checks=("gptdeploy",), enforce_admins=True)
    for _ in range(2):
        scene.say(2, "/deploy")
        assert scene.next_comment(2)
    scene.reached(issue, "done")
    assert [check.conclusion for check in check_runs(scene)] == ["success"]


def rerequest(scene: Scene, author: str = "rev", *, whole_suite: bool = False) -> None:
    """Press "Re-run" on the newest check run, or on its suite."""
    hub = scene.house.hub
    with hub.parts.state.lock:
        run = repository(scene).check_runs[-1]
        hub.parts.checks.rerequest(repository(scene), hub.caller(author).user, run, suite=whole_suite)


def stuck(scene: Scene, body: str = "input.text.upper()") -> int:
    """Return an issue whose pull request is open and red, for a reason outside of the service."""
    scene.answers(spec(), suite(), strategies("str.upper"), files(body))
    scene.build_logs(NETWORK, NETWORK, NETWORK)
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "failed"
    assert "failed 3 times for a reason outside of the service" in scene.next_comment(issue)
    return issue


@pytest.mark.parametrize("whole_suite", [False, True])
def test_rerun_builds_again_and_goes_on(scene: Scene, whole_suite: bool) -> None:
    issue = stuck(scene)
    rerequest(scene, whole_suite=whole_suite)
    assert scene.next_comment(2) == (
        f"On it: I build this branch again, and go on from there. The status comment on #{issue} shows how far I am."
    )
    assert scene.reached(issue, "done").reruns == 1
    assert [build.attempt for build in scene.builds] == [1, 2, 3, 4]
    assert [(check.conclusion, check.external_id[-2:]) for check in check_runs(scene)] == [
        ("failure", "/3"),
        ("success", "/4"),
    ]


def test_rerun_of_a_build_that_stays_red_is_followed_by_fixes(scene: Scene) -> None:
    issue = stuck(scene, "input.text")
    scene.answers(fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED)
    rerequest(scene)
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.reached(issue, "done").fixes == 1
    assert [check.conclusion for check in check_runs(scene)] == ["failure", "failure", "success"]


def test_rerun_by_somebody_without_access(scene: Scene) -> None:
    stuck(scene)
    scene.house.hub.add_collaborator(scene.name, "reader", "read")
    rerequest(scene, "reader")
    assert scene.next_comment(2) == (
        "@reader, to build again needs write access to this repository, and you have read access.\n"
        "A maintainer can press the button, or type `/retry`."
    )
    # It is said once.
    rerequest(scene, "reader")
    scene.say(2, "/status")
    assert scene.next_comment(2)
    assert len(scene.builds) == 3


def test_retry_builds_again_what_was_cancelled(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.05)
    issue = building(scene)
    hub = scene.house.hub
    with hub.parts.state.lock:
        hub.parts.workflow_runs.cancel(repository(scene), repository(scene).workflow_runs[-1])
    scene.release_builds()
    assert "was cancelled" in scene.next_comment(issue)
    assert scene.finished(issue).stage == "failed"
    scene.say(2, "/retry")
    assert scene.next_comment(2).startswith("On it: ")
    scene.reached(issue, "done")
    assert [check.conclusion for check in check_runs(scene)] == ["cancelled", "success"]
