"""The workflow files that service repositories run: the rules they keep, and what their first step finds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bot.hub import workflows

FOLDER = Path(__file__).parents[2] / ".github/workflows"
BUILD, DEPLOY = "microservice-build.yml", "microservice-deploy.yml"
RELEASE = "release.yml"
BOTH = pytest.mark.parametrize("name", [BUILD, DEPLOY])
EVERY = pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))


def text(name: str) -> str:
    return (FOLDER / name).read_text()


def workflow(name: str) -> dict[Any, Any]:
    return workflows.load(text(name))


def steps(name: str) -> Iterator[dict[str, Any]]:
    for job in workflow(name)["jobs"].values():
        yield from job.get("steps", ())


def permissions(name: str) -> dict[str, str]:
    """Return what the token of a workflow's only job may do: the job's own word replaces the workflow's."""
    (job,) = workflow(name)["jobs"].values()
    granted: dict[str, str] = job.get("permissions", workflow(name)["permissions"])
    return granted


@EVERY
def test_actions_are_pinned_by_sha_with_their_version(name: str) -> None:
    used = [line for line in re.findall(r"uses:(.*)", text(name)) if not line.startswith(" $/")]
    assert used
    assert all(re.fullmatch(r" [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in used)


@BOTH
def test_repositories_with_services_need_one_action_only(name: str) -> None:
    assert {step["uses"].partition("@")[0] for step in steps(name) if "uses" in step} == {"actions/checkout"}


@BOTH
def test_no_credentials_stay_in_the_checkout(name: str) -> None:
    checkouts = [step for step in steps(name) if "checkout" in step.get("uses", "")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


@BOTH
def test_nothing_is_interpolated_into_scripts(name: str) -> None:
    assert not [step["name"] for step in steps(name) if "${{" in step.get("run", "")]


@BOTH
def test_every_step_has_a_name_and_every_job_a_limit(name: str) -> None:
    assert all(step["name"] for step in steps(name))
    for job in workflow(name)["jobs"].values():
        assert job["runs-on"] == "ubuntu-latest"
        assert 0 < job["timeout-minutes"] < 30


@EVERY
def test_scripts_are_valid_bash(name: str) -> None:
    for step in steps(name):
        checked = subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, capture_output=True, check=False)
        assert checked.returncode == 0, f"{step}: {checked.stderr}"


def test_the_build_may_read_the_code_and_sees_no_secret() -> None:
    assert permissions(BUILD) == {"contents": "read"}
    assert not re.search(r"secrets\.|github\.token|environment:", text(BUILD))


def test_the_deployment_may_do_what_it_does_and_no_more() -> None:
    assert permissions(DEPLOY) == {
        "contents": "read",
        "packages": "write",
        "deployments": "write",
        "issues": "write",
        "pull-requests": "write",
    }


def test_secrets_of_the_deployment_are_out_of_reach_of_the_build() -> None:
    with_secrets = {step["name"] for step in steps(DEPLOY) if re.search(r"secrets\.|github\.token", str(step))}
    assert with_secrets == {"Sign in to the registry", "Roll out", "Answer that nothing could be done"}


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
    ],
)
def test_when_they_run(name: str, event: str, branch: str, paths: list[str], expected: bool) -> None:
    action = "opened" if event == "pull_request" else None
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


class Checkout:
    """A repository with commits, and the step of a workflow that looks for changed services in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit({"README.md": "demo"})

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=o", "-c", "user.email=o@x")
        done = subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files: dict[str, str | None]) -> str:
        for path, content in files.items():
            target = self.folder / path
            if content is None:
                target.unlink()
                target.parent.rmdir()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=change")
        return self.git("rev-parse", "HEAD")

    def find(self, name: str, **environment: str) -> list[str] | None:
        """Return the services the step finds, None where it fails."""
        found = self.outputs(name, **environment)
        return None if found is None else found["services"].split()

    def outputs(self, name: str, **environment: str) -> dict[str, str] | None:
        """Return the outputs of the step, None where it fails."""
        (script,) = [step["run"] for step in steps(name) if step["name"] == "Find changed services"]
        output = self.folder / ".git/output"
        output.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), **environment},
            capture_output=True,
            check=False,
        )
        lines = output.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines) if done.returncode == 0 else None


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


PUSH = {"GITHUB_EVENT_NAME": "push", "BEFORE": "0" * 40}


@pytest.mark.parametrize(("name", "environment"), [(BUILD, {}), (DEPLOY, PUSH)])
def test_the_services_a_commit_changes_are_found(checkout: Checkout, name: str, environment: dict[str, str]) -> None:
    checkout.commit({"services/old/x.py": "1", "services/gone/x.py": "1", "services/same/x.py": "1"})
    checkout.commit(
        {
            **{"services/old/x.py": "2", "services/gone/x.py": None, 'services/new-1/a/ä "b".txt': "1"},
            **{"services/README.md": "not a service", "other/services/no/x.py": "1"},
        }
    )

    assert checkout.find(name, **environment) == ["new-1", "old"]


@pytest.mark.parametrize("folder", ["Upper", "-rf", "a b", "$(touch x)", "a" * 41])
def test_a_build_refuses_folders_that_are_no_valid_names(checkout: Checkout, folder: str) -> None:
    checkout.commit({f"services/{folder}/x.py": "1", "services/good/x.py": "1"})

    assert checkout.find(BUILD) is None


def test_a_build_does_not_follow_links_out_of_the_folder(checkout: Checkout) -> None:
    (checkout.folder / "services").mkdir()
    checkout.commit({"services/good/x.py": "1"})
    (checkout.folder / "services/link").symlink_to("/etc")
    checkout.commit({"services/good/x.py": "2"})

    assert checkout.find(BUILD) == ["good"]


def test_a_push_of_several_commits_deploys_what_all_of_them_change(checkout: Checkout) -> None:
    before = checkout.git("rev-parse", "HEAD")
    checkout.commit({"services/one/x.py": "1"})
    checkout.commit({"services/two/x.py": "1"})

    assert checkout.find(DEPLOY, GITHUB_EVENT_NAME="push", BEFORE=before) == ["one", "two"]
    assert checkout.find(DEPLOY, **PUSH) == ["two"]


def test_a_first_push_deploys_everything(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.commit({"services/one/x.py": "1"})
    checkout.git("update-ref", "HEAD", checkout.git("commit-tree", "HEAD^{tree}", "-m", "only"))

    assert checkout.find(DEPLOY, **PUSH) == ["one"]


@pytest.mark.parametrize(
    ("asked", "found"), [("one", ["one"]), ("two", None), ("../one", None), ("one; true", None), ("", None)]
)
def test_by_hand_the_service_asked_for_is_deployed(checkout: Checkout, asked: str, found: list[str] | None) -> None:
    checkout.commit({"services/one/x.py": "1"})
    checkout.commit({"README.md": "newer"})

    assert checkout.find(DEPLOY, GITHUB_EVENT_NAME="workflow_dispatch", SERVICE=asked) == found


def test_a_folder_that_a_push_removes_is_taken_down(checkout: Checkout) -> None:
    checkout.commit({"services/gone/x.py": "1", "services/Upper/x.py": "1", "services/stays/x.py": "1"})
    before = checkout.commit({"services/moved/x.py": "1"})
    checkout.commit({"services/gone/x.py": None, "services/Upper/x.py": None, "services/moved/x.py": None})
    checkout.commit({"services/stays/x.py": "2", "services/moved/x.py": "1"})

    found = checkout.outputs(DEPLOY, GITHUB_EVENT_NAME="push", BEFORE=before)
    assert found == {"services": "stays", "removed": "gone"}


@pytest.mark.parametrize(
    ("operation", "service", "argument", "words"),
    [
        ("rollback", "qr", "3", "rollback qr 3"),
        ("rollback", "qr", "", "rollback qr"),
        # The service may have no folder any more.
        ("delete", "gone", "", "delete gone"),
        ("list", "", "", "list"),
        ("rollback", "--name", "", None),
        ("rollback", "qr; true", "", None),
        ("rollback", "qr", "--help", None),
        ("rollback", "qr", "1 2", None),
        ("$(true)", "qr", "", None),
    ],
)
def test_what_is_asked_becomes_the_deployers_words(
    checkout: Checkout, operation: str, service: str, argument: str, words: str | None
) -> None:
    inputs = {"OPERATION": operation, "SERVICE": service, "ARGUMENT": argument}
    found = checkout.outputs(DEPLOY, GITHUB_EVENT_NAME="workflow_dispatch", **inputs)
    assert found == (None if words is None else {"operation": words})


class Comments(BaseHTTPRequestHandler):
    """The comments of issue 7 on GitHub: what is there, and what is written."""

    there: ClassVar[list[str]]
    written: ClassVar[list[tuple[str, str]]]

    def do_GET(self) -> None:
        self.answer(200, [{"body": body} for body in self.there])

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        self.written.append((self.path, body))
        self.answer(201, {})

    def answer(self, status: int, data: Any) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize("answered", [False, True])
def test_a_request_that_failed_before_the_deployer_is_answered_once(tmp_path: Path, answered: bool) -> None:
    (script,) = [step["run"] for step in steps(DEPLOY) if step["name"] == "Answer that nothing could be done"]
    there = ["/rollback", "<!-- gptdeploy:answer:99-1 -->"] + ["No.\n<!-- gptdeploy:answer:99-0 -->"] * answered
    written: list[tuple[str, str]] = []
    handler = type("Handler", (Comments,), {"there": there, "written": written})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            env={
                "PATH": os.environ["PATH"],
                "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}",
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "octo/services",
                "GITHUB_RUN_ID": "5",
                "GITHUB_TOKEN": "t",
                "ANSWER": "7",
                "REQUEST": "99-0",
            },
            check=True,
        )
        server.shutdown()
    run = "https://github.com/octo/services/actions/runs/5"
    text = f"The platform did not answer: [the workflow run]({run}) says why.\n<!-- gptdeploy:answer:99-0 -->"
    assert written == ([] if answered else [("/repos/octo/services/issues/7/comments", text)])
