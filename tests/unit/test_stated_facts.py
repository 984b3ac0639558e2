"""The last step of the build workflow: what it states of the services it has built, on the log and on the page."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.buildlog import read_build_facts
from bot.hub.workflows.file import load
from bot.values.build import BuildFacts

FILE = Path(__file__).parents[2] / ".github/workflows/microservice-build.yml"
DOCKER = """#!/bin/sh
echo "$@" >> "$RUNNER_TEMP/calls"
case "$*" in
  "create tests-old" ) echo old ;;
  "create "* ) echo made ;;
  "cp old:"* ) exit 1 ;;
  "cp made:/usr/local/lib/testing/passed -" ) tar -c -C "$RUNNER_TEMP" passed ;;
  "image inspect --format {{.Size}} image-"* ) echo 183456789 ;;
esac
"""


@pytest.mark.parametrize(
    ("image", "tests", "row"), [("tests-qr", 7, "| qr | 7 | 183 MB "), ("tests-old", None, "| qr | unknown ")]
)
def test_the_facts_are_stated(tmp_path: Path, image: str, tests: int | None, row: str) -> None:
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    recorded = {"tests": image, "image": "image-qr", "seconds": "100.5 120.75\n121 122,25\n", "answer": "12.345\n"}
    for name, text in recorded.items():
        (tmp_path / f"qr.{name}").write_text(text)
    (tmp_path / "passed").write_text("7")
    (job,) = load(FILE.read_text())["jobs"].values()
    environment = {
        "PATH": f"{docker.parent}:{os.environ['PATH']}",
        "SERVICES": "qr",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    done = subprocess.run(
        [
            "bash",
            "--noprofile",
            "--norc",
            "-e",
            "-o",
            "pipefail",
            "-c",
            next(step["run"] for step in job["steps"] if step["name"] == "State the facts"),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    known = BuildFacts(tests=tests, image_bytes=183_456_789, build_seconds=21.5, answer_ms=12.3)
    assert read_build_facts(done.stdout.splitlines(), "qr") == known
    assert row in (tmp_path / "summary").read_text()
    made = "old" if tests is None else "made"
    assert f"rm {made}" in (tmp_path / "calls").read_text().splitlines()
