"""The scripts in the workflow files, run: which services they find, and what they answer."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.unit.workflow_files import BUILD, DEPLOY, steps


def run_step(name: str, step: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a step as a runner does; jobs that have a step of that name have the same one."""
    (script,) = {found["run"] for found in steps(name) if found["name"] == step}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


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

    def outputs(self, name: str, step: str = "Find changed services", **environment: str) -> dict[str, str] | None:
        """Return the outputs of a step, None where it fails."""
        output = self.folder / ".git/output"
        output.write_text("")
        done = run_step(name, step, self.folder, GITHUB_OUTPUT=str(output), **environment)
        lines = output.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines) if done.returncode == 0 else None


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


TAKE = "Take the pull request's folder"
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


def test_a_preview_takes_the_folder_of_the_pull_request_and_nothing_else(checkout: Checkout) -> None:
    checkout.commit({"services/qr/x.py": "live", "services/qr/old.py": "live", "services/other/x.py": "live"})
    checkout.git("checkout", "--quiet", "-b", "gptdeploy/7-0123abcd/1-x")
    changed = {"services/qr/x.py": "new", "services/other/x.py": "new", ".gitattributes": "* -text"}
    (checkout.folder / "services/qr/old.py").unlink()
    sha = checkout.commit({**changed})
    checkout.git("checkout", "--quiet", "main")

    asked = {"GITHUB_EVENT_NAME": "workflow_dispatch", "OPERATION": "preview", "SERVICE": "qr", "PULL": "12"}
    assert checkout.outputs(DEPLOY, **asked, ARGUMENT=sha) == {"services": "qr", "commit": sha}
    assert checkout.outputs(DEPLOY, TAKE, SERVICE="qr", COMMIT=sha) == {}
    files = {path.name: path.read_text() for path in (checkout.folder / "services/qr").iterdir()}
    assert files == {"x.py": "new"}
    assert (checkout.folder / "services/other/x.py").read_text() == "live"
    assert not (checkout.folder / ".gitattributes").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"SERVICE": ""},
        {"SERVICE": "none"},
        {"SERVICE": "../.github"},
        {"SERVICE": "link"},
        {"SERVICE": "linked"},
        {"ARGUMENT": ""},
        {"ARGUMENT": "a" * 40},
        {"ARGUMENT": "main"},
        {"PULL": ""},
        {"PULL": "12 --image x"},
    ],
    ids=str,
)
def test_a_preview_of_something_else_is_refused(checkout: Checkout, wrong: dict[str, str]) -> None:
    (checkout.folder / "services/linked").mkdir(parents=True)
    (checkout.folder / "services/linked/service.json").symlink_to("/etc/hostname")
    (checkout.folder / "services/link").symlink_to("qr")
    sha = checkout.commit({"services/qr/x.py": "1"})

    asked = {"GITHUB_EVENT_NAME": "workflow_dispatch", "OPERATION": "preview", "SERVICE": "qr", "PULL": "12"}

    def taken(asked: dict[str, str]) -> dict[str, str] | None:
        found = checkout.outputs(DEPLOY, **asked)
        return found and checkout.outputs(DEPLOY, TAKE, SERVICE=found["services"], COMMIT=found["commit"])

    assert taken({**asked, "ARGUMENT": sha}) == {}
    assert taken({**asked, "ARGUMENT": sha, **wrong}) is None


ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def deployer_words(folder: Path, **environment: str) -> list[str] | None:
    """Return what the deployer is called with, one line a call; None where the step fails before it is called."""
    (folder / "gptdeploy").write_text(f'#!/bin/sh\necho "$*" >> {folder}/words\n')
    (folder / "gptdeploy").chmod(0o755)
    known = {"REGISTRY": "reg.example", "PATH": f"{folder}:{os.environ['PATH']}"}
    done = run_step(DEPLOY, "Roll out", folder, **known, **environment)
    words = folder / "words"
    assert words.exists() is (done.returncode == 0), done.stderr
    return words.read_text().splitlines() if words.exists() else None


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
    tmp_path: Path, operation: str, service: str, argument: str, words: str | None
) -> None:
    inputs = {"OPERATION": operation, "SERVICE": service, "ARGUMENT": argument, "ANSWER": "7", "REQUEST": "99-0"}
    found = deployer_words(tmp_path, GITHUB_EVENT_NAME="workflow_dispatch", **inputs)
    assert found == (None if words is None else [f"service --answer 7 --request 99-0 {words}"])


def test_what_was_built_is_rolled_out_by_its_digest_and_what_is_gone_taken_down(tmp_path: Path) -> None:
    found = {"SERVICES": "one two", "REMOVED": "gone", "DIGESTS": f"one@{ONE} two@{TWO}"}
    assert deployer_words(tmp_path, GITHUB_EVENT_NAME="push", **found) == [
        f"deploy services/one --image reg.example/one@{ONE} --announce",
        f"deploy services/two --image reg.example/two@{TWO} --announce",
        "service removed gone",
    ]


def test_a_preview_is_rolled_out_under_the_name_of_its_image(tmp_path: Path) -> None:
    found = {"SERVICES": "qr", "COMMIT": "a" * 40, "DIGESTS": f"qr@{ONE}", "OPERATION": "preview", "PULL": "12"}
    assert deployer_words(tmp_path, GITHUB_EVENT_NAME="workflow_dispatch", **found) == [
        f"service preview services/qr --image reg.example/qr_preview@{ONE} --pull 12 --commit {'a' * 40}"
    ]


@pytest.mark.parametrize(
    "digests",
    [f"other@{ONE}", "qr@latest", f"evil.example/qr@{ONE}", f"qr@{ONE}0", f"--name@{ONE}", f"qr@{ONE} * ", "$(true)"],
)
def test_the_build_can_pass_on_nothing_but_digests_of_what_it_was_to_build(tmp_path: Path, digests: str) -> None:
    assert deployer_words(tmp_path, GITHUB_EVENT_NAME="push", SERVICES="qr", DIGESTS=digests) is None


def test_at_the_end_of_a_pull_request_previews_are_looked_at(tmp_path: Path) -> None:
    assert deployer_words(tmp_path, GITHUB_EVENT_NAME="pull_request_target") == ["service closed"]


REGISTRY = """\
#!/usr/bin/env bash
[ "$1" = push ] || exit 9
echo "$2" >> "$RUNNER_TEMP/asked"
[ "$(wc -l < "$RUNNER_TEMP/asked")" -gt "$FAILS" ] || { echo "received unexpected HTTP status: 502"; exit 1; }
echo "1: digest: sha256:$(printf 'a%.0s' {1..64}) size: 1"
"""


@pytest.mark.parametrize(("fails", "pauses"), [(0, []), (3, ["3", "6", "12"]), (6, ["3", "6", "12", "24", "48"])])
def test_a_push_that_the_registry_refuses_is_tried_again(tmp_path: Path, fails: int, pauses: list[str]) -> None:
    for name, text in (("docker", REGISTRY), ("sleep", '#!/bin/sh\necho "$1" >> "$RUNNER_TEMP/slept"\n')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "built").write_text("qr registry.example/qr:1\n")
    output, path = tmp_path / "output", f"{tmp_path}:{os.environ['PATH']}"
    where = {"PATH": path, "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(output)}
    done = run_step(DEPLOY, "Push", tmp_path, **where, FAILS=str(fails))
    slept = tmp_path / "slept"
    assert (slept.read_text().split() if slept.exists() else []) == pauses
    if fails < 6:
        assert done.returncode == 0, done.stderr
        assert output.read_text() == f"digests=qr@sha256:{'a' * 64}\n"
    else:
        assert (done.returncode, output.read_text()) == (1, "digests=\n")
        assert "::error::Not pushed: qr" in done.stdout


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
    there = ["/rollback", "<!-- gptdeploy:answer:99-1 -->"] + ["No.\n<!-- gptdeploy:answer:99-0 -->"] * answered
    written: list[tuple[str, str]] = []
    handler = type("Handler", (Comments,), {"there": there, "written": written})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        done = run_step(
            DEPLOY,
            "Answer that nothing could be done",
            tmp_path,
            GITHUB_API_URL=f"http://127.0.0.1:{server.server_port}",
            GITHUB_SERVER_URL="https://github.com",
            GITHUB_REPOSITORY="octo/services",
            GITHUB_RUN_ID="5",
            GITHUB_TOKEN="t",
            ANSWER="7",
            REQUEST="99-0",
        )
        assert done.returncode == 0, done.stderr
        server.shutdown()
    run = "https://github.com/octo/services/actions/runs/5"
    text = f"The platform did not answer: [the workflow run]({run}) says why.\n<!-- gptdeploy:answer:99-0 -->"
    assert written == ([] if answered else [("/repos/octo/services/issues/7/comments", text)])
