"""The build believes no exit code: each scenario's test must be in pytest's report, and have passed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.clients.docker_engine.stages import read_stages
from bot.render import render

Check = Callable[..., subprocess.CompletedProcess[str]]

DOCKERFILE = render("service/Dockerfile.j2", base_image="python:3.13-slim", system_packages=(), fixtures=False)
CHECKER = "/usr/local/lib/check_scenarios.py"


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Run the tests as the build does; the service's folder is `tmp_path`."""
    stages = read_stages(DOCKERFILE)
    assert stages is not None
    written = re.search(r"^RUN (printf (?:.*\\\n)*.*)$", stages.before_tests, re.MULTILINE)
    assert written is not None
    checker = tmp_path / "checker" / "check_scenarios.py"
    checker.parent.mkdir()
    subprocess.run(["sh", "-c", written[1].replace(CHECKER, str(checker))], check=True)

    def run(tests: str, *scenarios: str, executor: str = "", **described: object) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_executor.py").write_text(f"import pytest\n\n{tests}")
        (tmp_path / "executor.py").write_text(executor)
        described = described or {"scenarios": [{"name": name, "text": "Text."} for name in scenarios]}
        (tmp_path / "service.json").write_text(json.dumps(described))
        return subprocess.run(
            ["sh", "-c", stages.command.replace(CHECKER, str(checker))],
            cwd=tmp_path,
            env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def faults(done: subprocess.CompletedProcess[str]) -> list[str]:
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("SCENARIO ERROR: ")]
    assert bool(said) == (done.returncode != 0), done.stdout + done.stderr
    return [line.removeprefix("SCENARIO ERROR: ") for line in said]


PASSING = "def test_one(): assert 1\n"
CASES = "@pytest.mark.parametrize('x', ['a', 'b'])\ndef test_one(x): assert x\n"


@pytest.mark.parametrize("tests", [PASSING, CASES, f"{PASSING}\ndef test_more(): pytest.skip('no')\n"])
def test_a_scenario_that_passed_is_green(check: Check, tests: str) -> None:
    assert faults(check(tests, "one")) == []


@pytest.mark.parametrize(
    ("tests", "fault"),
    [
        ("def test_other(): assert 1\n", "scenario test_one did not run"),
        ("def test_one_more(): assert 1\n", "scenario test_one did not run"),
        ("def test_one(): pytest.skip('not\\ntoday')\n", "scenario test_one was skipped: not today"),
        ("@pytest.mark.skip\n" + PASSING, "scenario test_one was skipped: unconditional skip"),
        ("@pytest.mark.xfail(reason='r')\ndef test_one(): assert 0\n", "scenario test_one was skipped: r"),
        (CASES.replace("assert x", "x == 'a' or pytest.skip('no b')"), "scenario test_one[b] was skipped: no b"),
        ("@pytest.mark.parametrize('x', [])\ndef test_one(x): assert x\n", "scenario test_one[NOTSET] was skipped: "),
        ("def test_one(): pytest.exit('done', returncode=0)\n", "scenario test_one did not run"),
    ],
)
def test_a_scenario_that_did_not_run_is_named(check: Check, tests: str, fault: str) -> None:
    [said] = faults(check(tests, "one"))
    assert said.startswith(fault)


def test_every_scenario_is_named(check: Check) -> None:
    done = check(PASSING, "one", "two", "three")
    assert faults(done) == ["scenario test_two did not run", "scenario test_three did not run"]


@pytest.mark.parametrize("place", ["executor", "tests"])
def test_ending_the_process_is_not_passing(check: Check, place: str) -> None:
    end = "import os\nos._exit(0)\n"
    done = check("import executor\n" + PASSING, "one", executor=end) if place == "executor" else check(end, "one")
    assert faults(done) == ["the tests did not finish: no report"]


def test_a_failing_test_is_pytests_to_tell(check: Check) -> None:
    done = check("def test_one(): assert 0\n", "one")
    assert done.returncode == 1
    assert "FAILED test_executor.py::test_one" in done.stdout
    assert "SCENARIO ERROR" not in done.stdout + done.stderr


@pytest.mark.parametrize("described", [{"slug": "old"}, {"scenarios": None}, {"scenarios": []}])
def test_a_service_without_scenarios_is_not_checked(check: Check, described: dict[str, object]) -> None:
    assert faults(check(PASSING, **described)) == []


def test_no_instruction_is_too_long_for_the_reader_of_logs() -> None:
    # It reads 500 characters a line, and the exit code stands at the end of the line that repeats the instruction.
    stages = read_stages(DOCKERFILE)
    assert stages is not None
    assert len(f"The command '/bin/sh -c {stages.command}' returned a non-zero code: 137") < 500
