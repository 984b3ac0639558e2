"""GitHub loses an answer, sees late what was pushed, has no log, or starts no build: the run goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bot.hub.state import ActionsSettings
from bot.values.github import WorkflowRun
from bot.values.hint import Hint
from bot.values.naming import BUILD_WORKFLOW
from tests.fakes.faults import HEAD_UNSEEN, NOT_GITHUBS
from tests.flow.people import pull_of, push, repository
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_people import BY_HAND, EXECUTOR
from tests.flow.test_run import BODY, RED

GONE = {"message": "Gone"}
NO_PULL = "Could not resolve to a PullRequest with the number of 2."
SLOW = RED.replace("AssertionError: assert 'hello' == 'HELLO'", "TimeoutError: timed out")
SHORT = "start_minutes: 0.005"


def opened(scene: Scene, *fixes: str) -> int:
    first = files("input.text") if fixes else files()
    scene.answers(spec(), suite(), strategies("str.upper"), first, *fixes)
    return scene.open(BODY)


def dispatched(scene: Scene) -> list[str]:
    return [run.trigger.title for run in repository(scene).workflow_runs if run.trigger.event == "workflow_dispatch"]


def test_a_lost_answer_to_a_dispatch_deploys_once(scene: Scene) -> None:
    issue = opened(scene)
    first = scene.finished(issue)
    lost = scene.fails("POST", "/actions/workflows/.*/dispatches$", done=True)
    # And GitHub lists it late.
    late = scene.fails("GET", "/actions/workflows/.*/runs.*event=workflow_dispatch", stale=True, times=2)
    scene.say(issue, "/deploy")
    assert scene.next_comment(issue).startswith("On it: ")
    scene.until(lambda: scene.finished(issue).run_id != first.run_id)
    assert scene.finished(issue).stage == "done"
    assert (lost.happened, late.happened) == (1, 2)
    (title,) = dispatched(scene)
    assert title.endswith(f"upper-case (deploy-{scene.finished(issue).run_id.rpartition('#')[2]})")


def test_what_a_proxy_answers_in_githubs_place_is_done_later(scene: Scene) -> None:
    said = [
        scene.fails_query("query Overview", **NOT_GITHUBS),
        scene.fails_query("mutation Start", **NOT_GITHUBS),
        scene.fails("POST", "/pulls$", **NOT_GITHUBS),
        scene.fails("GET", r"/actions/runs/\d+/jobs", **NOT_GITHUBS),
        scene.fails("PUT", r"/pulls/\d+/merge$", **NOT_GITHUBS),
    ]
    assert scene.finished(opened(scene)).stage == "done"
    assert [fault.happened for fault in said] == [1] * 5
    assert [pull.merged_at is not None for pull in repository(scene).pulls()] == [True]


def test_a_branch_that_is_not_seen_yet_gets_its_pull_request(scene: Scene) -> None:
    unseen = scene.fails("POST", "/pulls$", status=422, answer=HEAD_UNSEEN)
    assert scene.finished(opened(scene)).stage == "done"
    assert unseen.happened == 1


def test_a_pull_request_that_is_not_shown_yet_ends_nothing(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.2)
    error = {"type": "NOT_FOUND", "path": ["repository", "pullRequest"], "message": NO_PULL}
    found = {"databaseId": repository(scene).id, "issue": None, "pullRequest": None}
    answer = {"data": {"repository": found}, "errors": [error]}
    scene.hold_builds()
    late = scene.fails_query("query Standing", status=200, answer=answer)
    issue = opened(scene)
    scene.until(lambda: late.happened == 1)
    scene.release_builds()
    assert scene.finished(issue).stage == "done"


def test_a_head_that_is_shown_late_is_nobodys_push(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.2)
    seen = scene.fails_query("query Standing", stale=True, times=0)
    scene.build_logs(RED)
    scene.hold_builds()
    issue = opened(scene, fix("Wrong.", "input.text.upper()"))
    # It has looked at the first head; after the fix it still sees that.
    scene.until(lambda: bool(seen.known))
    scene.release_builds()
    scene.until_asked(5)
    seen.times = 1
    assert scene.finished(issue).stage == "done"
    assert seen.happened == 1


def test_an_end_that_is_shown_late_costs_no_poll(scene: Scene) -> None:
    # A poll is as long as the test may take.
    builds = "/actions/workflows/microservice-build.yml/runs"
    shown = scene.fails("GET", builds, stale=True, times=0)
    scene.hold_builds()
    issue = opened(scene)
    scene.reached(issue, "build")
    scene.until(lambda: bool(scene.builds))
    scene.house.runs.signal(scene.name, issue)
    scene.until(lambda: bool(shown.known))
    unseen = scene.fails("GET", r"/actions/runs/\d+/jobs", status=200, answer={"total_count": 0, "jobs": []}, times=3)
    shown.times = 2
    began = time.monotonic()
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    assert (shown.happened, unseen.happened) == (2, 3)
    assert time.monotonic() - began < 30


def test_a_deployment_that_is_shown_late_costs_no_poll(scene: Scene) -> None:
    runs = scene.fails("GET", "/actions/workflows/microservice-deploy.yml/runs", status=404, answer=GONE, times=2)
    none = {"data": {"repository": {"databaseId": repository(scene).id, "deployments": {"nodes": []}}}}
    deployments = scene.fails_query("query Deployments", status=200, answer=none, times=2)
    began = time.monotonic()
    assert scene.finished(opened(scene)).stage == "done"
    assert (runs.happened, deployments.happened) == (2, 2)
    assert time.monotonic() - began < 30


def test_what_was_told_and_is_not_so_counts_for_nothing(scene: Scene) -> None:
    scene.build_logs(RED)
    scene.hold_builds()
    issue = opened(scene, fix("Wrong.", "input.text.upper()"))
    scene.until(lambda: bool(scene.builds))
    (run,) = repository(scene).workflow_runs
    head = pull_of(scene, 2).head_sha
    green = WorkflowRun(id=run.id, attempt=1, head_sha=head, status="completed", conclusion="success", url="")
    asked = len(scene.house.hub.requests)
    scene.house.runs.signal(scene.name, issue, Hint(workflow=BUILD_WORKFLOW, workflow_run=green))
    path = f"/actions/runs/{run.id}/jobs"
    scene.until(lambda: any(one.path.endswith(path) for one in scene.house.hub.requests[asked:]))
    scene.release_builds()
    assert scene.finished(issue).fixes == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_build_whose_log_is_gone_is_run_again(make_scene: Callable[..., Scene], status: int) -> None:
    scene = make_scene(poll=0.5)
    scene.fails("GET", r"/actions/jobs/\d+/logs", status=status, answer=GONE, times=1 if status == 410 else 5)
    scene.build_logs(RED)
    progress = scene.finished(opened(scene))
    assert (progress.stage, progress.fixes, progress.reruns) == ("done", 0, 1)


def test_where_no_log_ever_comes_the_steps_are_fixed(scene: Scene) -> None:
    scene.fails("GET", r"/actions/jobs/\d+/logs", status=410, answer=GONE, times=9)
    scene.build_logs(RED, RED, RED)
    issue = opened(scene, fix("It does not build.", "input.text.upper()"))
    assert scene.finished(issue).stage == "done"
    assert "How its steps ended:\nCheckout: success\nBuild: failure" in scene.model.prompt()


@pytest.mark.parametrize(("log", "reruns"), [(SLOW, 1), (RED, 0)], ids=["slow", "wrong"])
def test_a_flaky_test_costs_no_fix(scene: Scene, log: str, reruns: int) -> None:
    scene.build_logs(log)
    fixes = () if reruns else (fix("Wrong.", "input.text.upper()"),)
    progress = scene.finished(opened(scene, *fixes))
    assert (progress.stage, progress.fixes, progress.reruns) == ("done", 1 - reruns, reruns)


def test_what_stays_red_on_one_commit_is_fixed(scene: Scene) -> None:
    scene.build_logs(SLOW, SLOW)
    progress = scene.finished(opened(scene, fix("It waits for ever.", "input.text.upper()")))
    assert (progress.stage, progress.fixes, progress.reruns) == ("done", 1, 1)


def absent(scene: Scene, issue: int) -> str:
    """Return what is said of a build that does not start, after the commit's name."""
    assert scene.finished(issue).stage == "failed"
    comment = scene.next_comment(issue)
    head = pull_of(scene, 2).head_sha[:7]
    assert comment.startswith(f"GitHub has not run `microservice-build.yml` for {head}, ")
    return comment.partition(head)[2]


def test_a_conflict_with_the_base_starts_no_build(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(SHORT, poll=0.1)
    # The pull request comes a moment later than what conflicts with it.
    held = scene.fails("POST", "/pulls$", status=422, answer=HEAD_UNSEEN)
    issue = opened(scene)
    scene.until(lambda: held.happened == 1)
    push(scene, "main", EXECUTOR, BY_HAND)
    assert absent(scene, issue) == (
        ", because the pull request conflicts with its base. Merge the base into the branch and settle the conflict "
        "there: your push is built by itself. Or `/retry` on the issue begins afresh."
    )


def test_a_disabled_workflow_starts_no_build(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(SHORT, poll=0.1)
    repository(scene).actions = ActionsSettings(disabled={".github/workflows/microservice-build.yml"})
    assert absent(scene, opened(scene)) == (
        ", because the workflow is disabled. Open the tab Actions, choose the workflow on the left, press **Enable "
        "workflow**, then `/retry` on the pull request."
    )


def test_where_actions_are_off_github_is_woken_once(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(SHORT, poll=0.1)
    repository(scene).actions = ActionsSettings(enabled=False)
    said = absent(scene, opened(scene))
    assert "Settings, Actions, General: Actions may be off in this repository" in said
    closed = [d for d in scene.house.hub.deliveries if d.event == "pull_request" and d.payload["action"] == "closed"]
    assert [d.payload["repository"]["full_name"] for d in closed].count(scene.name) == 1
    assert pull_of(scene, 2).state == "open"


def test_a_build_that_github_has_lost_starts_when_it_is_woken(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(SHORT, poll=0.1)
    repository(scene).actions = ActionsSettings(enabled=False)
    issue = opened(scene)
    state = scene.house.hub.parts.state
    with state.lock:
        assert state.wait_for(lambda: 2 in repository(scene).issues and pull_of(scene, 2).state == "closed", 60)
        repository(scene).actions.enabled = True
    progress = scene.finished(issue)
    assert (progress.stage, progress.reruns) == ("done", 1)


def test_a_build_that_needs_an_approval_is_waited_for(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.2)
    repository(scene).actions = ActionsSettings(approval=True)
    issue = opened(scene)
    comment = scene.next_comment(issue)
    (run,) = repository(scene).workflow_runs
    assert comment == (
        f"⏸️ [The build]({scene.house.hub.url}/{scene.name}/actions/runs/{run.id}) of #2 waits: GitHub runs it only "
        "after somebody with write access has pressed **Approve and run** there. Then I go on by myself."
    )
    scene.call("POST", f"/actions/runs/{run.id}/approve", {})
    assert scene.finished(issue).stage == "done"
