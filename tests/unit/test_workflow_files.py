"""The workflow files that this project ships: the rules they keep, and when they run."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from bot.buildlog.causes import script_name
from bot.hub import workflows
from bot.values.naming import PREVIEW_LABEL
from bot.values.operation import Operation
from tests.unit.workflow_files import BUILD, DEPLOY, FOLDER, steps, text, workflow

RELEASE = "release.yml"
BOTH = pytest.mark.parametrize("name", [BUILD, DEPLOY])
EVERY = pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))


def permissions(name: str) -> dict[str, dict[str, str]]:
    """Return what the token of each job of a workflow may do: the job's own word replaces the workflow's."""
    whole = workflow(name)["permissions"]
    return {key: job.get("permissions", whole) for key, job in workflow(name)["jobs"].items()}


@EVERY
def test_actions_are_pinned_by_sha_with_their_version(name: str) -> None:
    used = [line for line in re.findall(r"uses:(.*)", text(name)) if not line.startswith(" $/")]
    assert used
    assert all(re.fullmatch(r" [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in used)


@BOTH
def test_repositories_with_services_need_githubs_own_actions_only(name: str) -> None:
    caches = {"actions/cache/restore", "actions/cache/save"} if name == BUILD else set()
    assert {step["uses"].partition("@")[0] for step in steps(name) if "uses" in step} == {"actions/checkout"} | caches


@BOTH
def test_no_credentials_stay_in_the_checkout(name: str) -> None:
    checkouts = [step for step in steps(name) if "checkout" in step.get("uses", "")]
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}


@BOTH
def test_nothing_is_interpolated_into_scripts(name: str) -> None:
    assert not [step["name"] for step in steps(name) if "${{" in step.get("run", "")]


@BOTH
def test_every_step_has_a_name_and_every_job_a_limit(name: str) -> None:
    assert all(step["name"] for step in steps(name))
    for job in workflow(name)["jobs"].values():
        assert "vars.GPTDEPLOY_RUNNER" in job["runs-on"]
        assert 0 < job["timeout-minutes"] < 30


@EVERY
def test_scripts_are_valid_bash(name: str) -> None:
    for step in steps(name):
        checked = subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, capture_output=True, check=False)
        assert checked.returncode == 0, f"{step}: {checked.stderr}"


def test_the_build_may_read_the_code_and_sees_no_secret() -> None:
    assert permissions(BUILD) == {"build": {"contents": "read"}}
    assert not re.search(r"secrets\.|github\.token|environment:", text(BUILD))


def test_the_jobs_of_the_deployment_may_do_what_they_do_and_no_more() -> None:
    assert workflow(DEPLOY)["permissions"] == {}
    assert permissions(DEPLOY) == {
        "find": {"contents": "read"},
        "build": {"contents": "read", "packages": "write"},
        "deploy": {
            "contents": "read",
            "packages": "read",
            "deployments": "write",
            "issues": "write",
            "pull-requests": "write",
        },
        "answer": {"issues": "write", "pull-requests": "write"},
    }


def test_what_a_model_wrote_is_built_where_no_key_of_the_platform_is() -> None:
    jobs = workflow(DEPLOY)["jobs"]
    building = {key for key, job in jobs.items() if re.search(r"docker (build|buildx|run)", _scripts(job, "Build"))}
    with_keys = {key for key, job in jobs.items() if "PLATFORM_SSH_KEY" in str(job)}
    assert (building, with_keys) == ({"build"}, {"deploy"})
    assert {key: job.get("environment") for key, job in jobs.items()} == {
        "find": None,
        "build": "microservices-registry",
        "deploy": "microservices",
        "answer": None,
    }
    # Nothing but digests comes from the one to the other.
    assert set(jobs["build"]["outputs"]) == {"digests"}


def test_secrets_of_the_registry_are_out_of_reach_of_the_build() -> None:
    names = [step["name"] for step in workflow(DEPLOY)["jobs"]["build"]["steps"]]
    with_secrets = [
        step["name"]
        for step in workflow(DEPLOY)["jobs"]["build"]["steps"]
        if re.search(r"secrets\.|github\.token", str(step))
    ]
    # Nor has the machine any: a preview is built from what nobody has merged.
    assert with_secrets == ["Sign in to the registry"]
    assert names.index("Build") < names.index("Sign in to the registry")


def _scripts(job: dict[str, Any], name: str) -> str:
    return "".join(step.get("run", "") for step in job["steps"] if step["name"] == name)


@pytest.mark.parametrize("name", ["Build and test", "Build the service image", "Smoke run"])
def test_a_log_shows_which_step_of_the_build_it_is(name: str) -> None:
    (script,) = [step["run"] for step in steps(BUILD) if step["name"] == name]
    assert script_name(script.splitlines()) == name


@pytest.mark.parametrize("name", ["Build", "Sign in to the registry", "Push", "Roll out"])
def test_a_log_shows_which_step_of_the_deployment_it_is(name: str) -> None:
    scripts = [step["run"] for step in steps(DEPLOY) if step["name"] == name]
    assert {script_name(script.splitlines()) for script in scripts} == {name}


def test_a_release_is_tested_before_anything_is_published() -> None:
    jobs = workflow(RELEASE)["jobs"]
    publishing = {name for name, job in jobs.items() if "write" in job["permissions"].values()}
    assert publishing == {"image", "publish"}
    assert all("check" in jobs[name]["needs"] for name in publishing)


@pytest.mark.parametrize(
    ("name", "event", "branch", "paths", "expected"),
    [
        (BUILD, "pull_request", "main", ["services/qr/executor.py"], True),
        (BUILD, "pull_request", "main", ["README.md"], False),
        (BUILD, "push", "main", ["services/qr/executor.py"], False),
        (DEPLOY, "push", "main", ["services/qr/executor.py"], True),
        (DEPLOY, "push", "trunk", ["services/qr/executor.py"], True),
        (DEPLOY, "push", "gptdeploy/7-0123abcd/1-x", ["services/qr/executor.py"], False),
        (DEPLOY, "push", "main", ["README.md"], False),
        (DEPLOY, "pull_request", "main", ["services/qr/executor.py"], False),
        (DEPLOY, "workflow_dispatch", "main", [], True),
        (DEPLOY, "pull_request_target closed", "main", ["services/qr/executor.py"], True),
        (DEPLOY, "pull_request_target opened", "main", ["services/qr/executor.py"], False),
        (DEPLOY, "pull_request_target closed", "main", ["README.md"], False),
    ],
)
def test_when_they_run(name: str, event: str, branch: str, paths: list[str], expected: bool) -> None:
    event, _, said = event.partition(" ")
    action = said or ("opened" if event == "pull_request" else None)
    assert workflows.triggered(text(name), event, action=action, branch=branch, paths=paths) is expected


def test_a_newer_build_replaces_the_running_one_and_a_deployment_is_never_dropped() -> None:
    pull = {"event": {"pull_request": {"number": 7}}}
    assert workflows.concurrency_group(text(BUILD), pull) == ("microservice-build-7", True)
    groups = [workflows.concurrency_group(text(DEPLOY), {"sha": sha, "event": {}}) for sha in ("aa", "bb")]
    assert groups == [("microservice-deploy-aa", False), ("microservice-deploy-bb", False)]
    by_hand = {"sha": "aa", "event": {"inputs": {"service": "qr"}}}
    assert workflows.concurrency_group(text(DEPLOY), by_hand) == ("microservice-deploy-qr", False)
    by_the_bot = {"sha": "aa", "event": {"inputs": {"service": "qr", "request": "99-0"}}}
    assert workflows.concurrency_group(text(DEPLOY), by_the_bot) == ("microservice-deploy-99-0", False)
    # It runs at the commit that a merge deploys, and must not take that deployment's place.
    closed = {"sha": "aa", "event": {"number": 7, "pull_request": {"number": 7}}}
    assert workflows.concurrency_group(text(DEPLOY), closed) == ("microservice-deploy-7", False)
    # Each request is answered, also where another one for the same preview comes while it waits.
    preview = {"sha": "aa", "event": {"inputs": {"service": "qr", "request": "99-0", "pull": "7"}}}
    assert workflows.concurrency_group(text(DEPLOY), preview) == ("microservice-deploy-99-0", False)


def test_the_end_of_a_pull_request_counts_where_it_has_a_preview() -> None:
    job = workflow(DEPLOY)["jobs"]["deploy"]
    assert f"contains(github.event.pull_request.labels.*.name, '{PREVIEW_LABEL}')" in job["if"]
    assert f"github.event.label.name == '{PREVIEW_LABEL}'" in job["if"]


def test_what_can_be_asked_by_hand_is_what_there_is() -> None:
    inputs = workflow(DEPLOY)[True]["workflow_dispatch"]["inputs"]
    assert inputs["operation"]["options"] == ["deploy", *Operation]
