"""Workflow runs as GitHub describes them: what starts one, its jobs and logs, re-run, dispatch."""

from __future__ import annotations

from typing import Any

import pytest

from bot.hub.act import WorkflowOrder
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_pulls import COMMIT, commit_input, head_of, start
from tests.contract.test_webhooks import idle

BUILD_FILE, DEPLOY_FILE = "microservice-build.yml", "microservice-deploy.yml"


def open_pull(world: World, files: dict[str, str]) -> tuple[int, str]:
    sha = start(world, "bot/x", files)
    pulls = world.as_bot().rest.pulls
    number = pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}).parsed_data.number
    idle(world)
    return number, sha


def test_pull_request_runs_the_build_on_the_test_merge(world: World) -> None:
    number, sha = open_pull(world, {"services/x/executor.py": "x = 1\n"})

    (order,) = world.runner.orders
    git = world.hub.repository(REPOSITORY).git
    assert (order.event_name, order.ref, order.head_sha) == ("pull_request", f"refs/pull/{number}/merge", sha)
    assert git.log(order.checkout_sha, 1)[0].parents == (head_of(world), sha)
    assert git.resolve(f"refs/pull/{number}/head") == sha
    assert git.resolve(f"refs/pull/{number}/merge") == order.checkout_sha

    actions = world.as_bot().rest.actions
    runs = actions.list_workflow_runs(OWNER, NAME, BUILD_FILE, head_sha=sha).parsed_data
    (run,) = runs.workflow_runs
    assert (run.status, run.conclusion, run.run_attempt, run.event) == ("completed", "success", 1, "pull_request")
    assert run.pull_requests is not None
    assert not isinstance(run.pull_requests, str)
    assert [pull.number for pull in run.pull_requests] == [number]
    assert actions.list_workflow_runs(OWNER, NAME, DEPLOY_FILE).parsed_data.total_count == 0
    assert actions.get_workflow(OWNER, NAME, BUILD_FILE).parsed_data.path == f".github/workflows/{BUILD_FILE}"
    assert refused(lambda: actions.list_workflow_runs(OWNER, NAME, "none.yml"))[0] == 404


def test_a_workflow_run_that_needs_an_approval_waits_for_it(world: World) -> None:
    world.hub.repository(REPOSITORY).actions.approval = True
    _, sha = open_pull(world, {"services/x/executor.py": "x = 1\n"})
    actions = world.as_person("octo").rest.actions
    (run,) = actions.list_workflow_runs(OWNER, NAME, BUILD_FILE, head_sha=sha).parsed_data.workflow_runs
    assert (run.status, run.conclusion, run.run_attempt) == ("completed", "action_required", 1)
    assert world.payload("workflow_run", "completed")["workflow_run"]["conclusion"] == "action_required"
    assert world.runner.orders == []
    waiting = actions.list_workflow_runs(OWNER, NAME, BUILD_FILE, status="action_required").parsed_data
    assert [each.id for each in waiting.workflow_runs] == [run.id]

    assert refused(lambda: world.as_person("visitor").rest.actions.approve_workflow_run(OWNER, NAME, run.id))[0] == 403
    assert refused(lambda: actions.approve_workflow_run(OWNER, NAME, 1)) == (404, "Not Found")
    assert actions.approve_workflow_run(OWNER, NAME, run.id).status_code == 201
    idle(world)
    run = actions.get_workflow_run(OWNER, NAME, run.id).parsed_data
    assert (run.status, run.conclusion, run.run_attempt) == ("completed", "success", 1)
    assert [order.head_sha for order in world.runner.orders] == [sha]
    assert refused(lambda: actions.approve_workflow_run(OWNER, NAME, run.id))[0] == 403


def test_a_disabled_workflow_runs_neither_by_itself_nor_by_hand(world: World) -> None:
    actions = world.as_person("octo").rest.actions

    def state(file: str) -> str:
        return str(actions.get_workflow(OWNER, NAME, file).parsed_data.state)

    assert state(BUILD_FILE) == "active"
    assert refused(lambda: world.as_person("visitor").rest.actions.disable_workflow(OWNER, NAME, BUILD_FILE))[0] == 403
    assert refused(lambda: actions.disable_workflow(OWNER, NAME, "none.yml")) == (404, "Not Found")
    for file in (BUILD_FILE, DEPLOY_FILE):
        assert actions.disable_workflow(OWNER, NAME, file).status_code == 204
        assert state(file) == "disabled_manually"
    open_pull(world, {"services/x/executor.py": "x = 1\n"})
    assert world.runner.orders == []
    order = {"ref": "main", "inputs": {"slug": "x"}}
    assert refused(lambda: actions.create_workflow_dispatch(OWNER, NAME, DEPLOY_FILE, data=order)) == (
        422,
        "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
    )

    number = actions.get_workflow(OWNER, NAME, DEPLOY_FILE).parsed_data.id
    assert actions.enable_workflow(OWNER, NAME, number).status_code == 204
    assert (state(BUILD_FILE), state(DEPLOY_FILE)) == ("disabled_manually", "active")
    actions.create_workflow_dispatch(OWNER, NAME, DEPLOY_FILE, data=order)
    idle(world)
    assert [order.workflow_path for order in world.runner.orders] == [f".github/workflows/{DEPLOY_FILE}"]


def test_changes_outside_the_filtered_paths_run_nothing(world: World) -> None:
    open_pull(world, {"README.md": "changed\n"})

    assert world.runner.orders == []


def test_conflicts_run_nothing(world: World) -> None:
    sha = start(world, "bot/x", {"services/one/executor.py": "theirs\n"})
    bot = world.as_bot()
    bot.graphql(COMMIT, {"commit": commit_input("main", head_of(world), {"services/one/executor.py": "ours\n"})})
    idle(world)
    world.runner.orders.clear()

    bot.rest.pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"})

    assert world.runner.orders == []
    assert bot.rest.actions.list_workflow_runs(OWNER, NAME, BUILD_FILE, head_sha=sha).parsed_data.total_count == 0


def test_webhook_of_a_finished_run_says_what_the_bot_needs(world: World) -> None:
    world.runner.script = lambda _: ("failure", "no such module")
    number, sha = open_pull(world, {"services/x/executor.py": "x = 1\n"})

    run = world.payload("workflow_run", "completed")["workflow_run"]
    assert (run["path"], run["head_branch"], run["head_sha"]) == (f".github/workflows/{BUILD_FILE}", "bot/x", sha)
    assert (run["run_attempt"], run["conclusion"], run["head_commit"]["id"]) == (1, "failure", sha)
    assert run["head_commit"]["message"].startswith("Change")
    assert [pull["number"] for pull in run["pull_requests"]] == [number]


def test_log_of_a_failed_job_is_a_redirect_to_text(world: World) -> None:
    world.runner.script = lambda _: ("failure", "ModuleNotFoundError: No module named 'PIL'")
    _, sha = open_pull(world, {"services/x/executor.py": "x = 1\n"})
    bot = world.as_bot()
    (run,) = bot.rest.actions.list_workflow_runs(OWNER, NAME, BUILD_FILE, head_sha=sha).parsed_data.workflow_runs

    (job,) = bot.rest.actions.list_jobs_for_workflow_run(OWNER, NAME, run.id).parsed_data.jobs
    assert job.conclusion == "failure"
    assert job.steps
    assert [(step.name, step.conclusion) for step in job.steps] == [
        ("Checkout", "success"),
        ("Build", "failure"),
        ("State the facts", "skipped"),
    ]

    log = bot.rest.actions.download_job_logs_for_workflow_run(OWNER, NAME, job.id)
    (redirect,) = log.raw_response.history
    assert redirect.status_code == 302
    lines = log.text.splitlines()
    assert lines[0].startswith("\ufeff")
    assert any(line.endswith("ModuleNotFoundError: No module named 'PIL'") for line in lines)
    # Both are requests of the bot: the address of the log, and the log itself.
    asked = [(item.actor, item.status) for item in world.hub.requests if "/logs" in item.path]
    assert asked == [("gptdeploy[bot]", 302), ("gptdeploy[bot]", 200)]
    assert (
        refused(lambda: world.as_nobody().request("GET", f"/repos/{REPOSITORY}/actions/jobs/{job.id}/logs"))[0] == 401
    )


def test_merge_runs_the_deployment_with_a_token_of_its_own(world: World) -> None:
    said: dict[str, Any] = {}

    def deploy(order: WorkflowOrder) -> tuple[str, str]:
        if order.event_name == "push":
            github = world.with_token(order.token)
            said["login"] = github.graphql("{ viewer { login } }")["viewer"]["login"]
            said["deployment"] = github.rest.repos.create_deployment(
                OWNER, NAME, data={"ref": order.checkout_sha, "required_contexts": []}
            ).status_code
            said["without required_contexts"] = refused(
                lambda: github.rest.repos.create_deployment(OWNER, NAME, data={"ref": order.checkout_sha})
            )[0]
            said["contents"] = refused(
                lambda: github.rest.git.create_ref(OWNER, NAME, data={"ref": "refs/heads/x", "sha": order.checkout_sha})
            )[0]
        return "success", "done"

    world.runner.script = deploy
    number, sha = open_pull(world, {"services/x/executor.py": "x = 1\n"})
    world.as_bot().rest.pulls.merge(OWNER, NAME, number, data={"sha": sha, "merge_method": "squash"})
    idle(world)

    build, deployment = world.runner.orders
    assert (build.event_name, deployment.event_name) == ("pull_request", "push")
    assert deployment.checkout_sha == deployment.head_sha == head_of(world)
    assert said == {
        "login": "github-actions[bot]",
        "deployment": 201,
        "without required_contexts": 409,
        "contents": 403,
    }
    # The token ended with the run.
    assert refused(lambda: world.with_token(deployment.token).rest.repos.get(OWNER, NAME))[0] == 401


def test_dispatch_and_rerun_make_attempts(world: World) -> None:
    actions = world.as_bot().rest.actions
    world.runner.script = lambda _: ("failure", "not yet")

    answer = actions.create_workflow_dispatch(OWNER, NAME, DEPLOY_FILE, data={"ref": "main", "inputs": {"slug": "x"}})
    idle(world)
    run = answer.parsed_data.workflow_run_id
    rerun = actions.re_run_workflow_failed_jobs(OWNER, NAME, run)
    idle(world)

    assert rerun.status_code == 201
    assert [(order.run_id, order.attempt) for order in world.runner.orders] == [(run, 1), (run, 2)]
    assert world.runner.orders[0].event["inputs"] == {"slug": "x"}
    assert actions.get_workflow_run(OWNER, NAME, run).parsed_data.run_attempt == 2
    first, second = (
        actions.list_jobs_for_workflow_run_attempt(OWNER, NAME, run, number).parsed_data.jobs for number in (1, 2)
    )
    assert [job.id for job in first] != [job.id for job in second]
    everything = actions.list_jobs_for_workflow_run(OWNER, NAME, run, filter_="all").parsed_data
    assert everything.total_count == 2
    refusal = refused(lambda: actions.create_workflow_dispatch(OWNER, NAME, BUILD_FILE, data={"ref": "main"}))
    assert refusal == (422, "Workflow does not have 'workflow_dispatch' trigger")
    for inputs, reason in (
        ({}, "Required input 'slug' not provided"),
        ({"x": "y"}, 'Unexpected inputs provided: ["x"]'),
    ):
        body = {"ref": "main", "inputs": inputs}
        assert refused(lambda: actions.create_workflow_dispatch(OWNER, NAME, DEPLOY_FILE, data=body)) == (422, reason)  # noqa: B023
    older = world.as_bot().request(
        "POST",
        f"/repos/{REPOSITORY}/actions/workflows/{DEPLOY_FILE}/dispatches",
        json={"ref": "main", "inputs": {"slug": "x"}},
        headers={"X-GitHub-Api-Version": "2022-11-28"},
    )
    assert older.status_code == 204


def commit_workflow(world: World, name: str, text: str) -> None:
    """Put a workflow on the default branch, as a person: the App may not."""
    commit = commit_input("main", head_of(world), {f".github/workflows/{name}": text})
    world.as_person("octo").graphql(COMMIT, {"commit": commit})
    idle(world)
    world.runner.orders.clear()


@pytest.mark.parametrize("merged", [True, False])
def test_the_end_of_a_pull_request_runs_what_the_default_branch_says(world: World, merged: bool) -> None:
    # With a conflict, unless it is merged.
    sha = start(world, "bot/x", {"services/x/executor.py": "theirs\n"})
    on = "{pull_request_target: {types: [closed], paths: ['services/**']}}"
    commit_workflow(world, "closed.yml", f"on: {on}\njobs: {{}}\n")
    if not merged:
        bot, files = world.as_bot(), {"services/x/executor.py": "ours\n"}
        bot.graphql(COMMIT, {"commit": commit_input("main", head_of(world), files)})
    bot = world.as_bot()
    number = bot.rest.pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}).parsed_data.number
    bot.rest.issues.add_labels(OWNER, NAME, number, data={"labels": ["tried"]})
    idle(world)
    world.runner.orders.clear()

    if merged:
        bot.rest.pulls.merge(OWNER, NAME, number, data={"merge_method": "squash"})
    else:
        bot.rest.git.delete_ref(OWNER, NAME, "heads/bot/x")
    idle(world)

    (order,) = [order for order in world.runner.orders if order.event_name == "pull_request_target"]
    assert (order.ref, order.checkout_sha, order.head_sha) == ("refs/heads/main", head_of(world), sha)
    pull = order.event["pull_request"]
    assert (order.event["action"], order.event["number"], pull["merged"]) == ("closed", number, merged)
    assert [label["name"] for label in pull["labels"]] == ["tried"]
    run = bot.rest.actions.get_workflow_run(OWNER, NAME, order.run_id).parsed_data
    assert (run.event, run.head_branch, run.head_sha) == ("pull_request_target", "bot/x", sha)


def test_a_choice_takes_what_is_offered_alone(world: World) -> None:
    choice = "{type: choice, default: deploy, options: [deploy, list]}"
    commit_workflow(world, "ask.yml", f"on: {{workflow_dispatch: {{inputs: {{do: {choice}}}}}}}\njobs: {{}}\n")
    actions = world.as_bot().rest.actions

    def dispatch(inputs: dict[str, str]) -> Any:
        return actions.create_workflow_dispatch(OWNER, NAME, "ask.yml", data={"ref": "main", "inputs": inputs})

    # https://github.com/cli/cli/issues/5246 shows GitHub's words.
    refusal = "Provided value 'preview' for input 'do' not in the list of allowed values"
    assert refused(lambda: dispatch({"do": "preview"})) == (422, refusal)
    assert dispatch({"do": "list"}).status_code == dispatch({}).status_code == 200


def test_runner_that_breaks_is_a_failed_run(world: World) -> None:
    def broken(_: WorkflowOrder) -> tuple[str, str]:
        raise RuntimeError("the runner's machine is gone")

    world.runner.script = broken
    _, sha = open_pull(world, {"services/x/executor.py": "x = 1\n"})

    runs = world.as_bot().rest.actions.list_workflow_runs(OWNER, NAME, BUILD_FILE, head_sha=sha).parsed_data
    assert runs.workflow_runs[0].conclusion == "failure"
