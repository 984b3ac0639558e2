"""The scripts that push, roll out and answer, run: what they call, and what they say."""

from __future__ import annotations

import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.unit.workflow_files import DEPLOY
from tests.unit.workflow_scripts import run_step

# https://distribution.github.io/distribution/spec/api/#overview
PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
IMAGE_NAME = rf"[\w.-]+(?::\d+)?(?:/{PART})+"
ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def deployer_words(folder: Path, **environment: str) -> list[str] | None:
    """Return what the deployer is called with, one line a call; None where the step fails before it is called."""
    (folder / "gptdeploy").write_text(f'#!/bin/sh\necho "$*" >> {folder}/words\n')
    (folder / "gptdeploy").chmod(0o755)
    known = {"IMAGES": "reg.example/octo/services", "PATH": f"{folder}:{os.environ['PATH']}"}
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
        f"deploy services/one --image reg.example/octo/services/one@{ONE} --announce",
        f"deploy services/two --image reg.example/octo/services/two@{TWO} --announce",
        "service removed gone",
    ]


@pytest.mark.parametrize(
    ("registry", "repository", "images"),
    [
        ("", "Octo/Services", "ghcr.io/octo/services"),
        ("127.0.0.1:5000", "octo/my.services_2", "127.0.0.1:5000/octo/my.services_2"),
        ("registry.example/team/", "octo/a--b", "registry.example/team/octo/a--b"),
        # No image can be called so.
        ("", "Octo/.github", "ghcr.io/octo/repository-42"),
        ("", "octo/a-", "ghcr.io/octo/repository-42"),
        ("", "octo/a..b", "ghcr.io/octo/repository-42"),
    ],
)
def test_images_are_called_after_registry_owner_and_repository(
    tmp_path: Path, registry: str, repository: str, images: str
) -> None:
    known = {"GITHUB_REPOSITORY": repository, "GITHUB_REPOSITORY_OWNER": repository.partition("/")[0]}
    output = {"GITHUB_REPOSITORY_ID": "42", "GITHUB_OUTPUT": str(tmp_path / "output")}
    done = run_step(DEPLOY, "Name the images", tmp_path, REGISTRY=registry, **known, **output)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text() == f"images={images}\n"
    assert re.fullmatch(IMAGE_NAME, images + "/qr_preview")


def test_without_a_platform_a_removed_folder_is_no_failure(tmp_path: Path) -> None:
    """There is nothing that could be taken down; what is to be deployed fails."""
    (tmp_path / "gptdeploy").write_text("#!/bin/sh\nexit 9\n")
    (tmp_path / "gptdeploy").chmod(0o755)
    hosted = {"RUNNER_ENVIRONMENT": "github-hosted", "GITHUB_EVENT_NAME": "push", "REMOVED": "gone"}
    hosted["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
    done = run_step(DEPLOY, "Roll out", tmp_path, **hosted)
    assert (done.returncode, done.stdout) == (0, "::notice::There is no platform, so nothing is taken down: gone\n")
    built = {"SERVICES": "qr", "DIGESTS": f"qr@{ONE}", "IMAGES": "reg.example/octo/services"}
    done = run_step(DEPLOY, "Roll out", tmp_path, **hosted, **built)
    assert done.returncode == 1
    assert "::error::There is no platform" in done.stdout


def test_a_preview_is_rolled_out_under_the_name_of_its_image(tmp_path: Path) -> None:
    found = {"SERVICES": "qr", "COMMIT": "a" * 40, "DIGESTS": f"qr@{ONE}", "OPERATION": "preview", "PULL": "12"}
    assert deployer_words(tmp_path, GITHUB_EVENT_NAME="workflow_dispatch", **found) == [
        f"service preview services/qr --image reg.example/octo/services/qr_preview@{ONE} --pull 12 --commit {'a' * 40}"
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
