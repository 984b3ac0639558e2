"""What happened in the service is shown and stated, and nothing that code prints passes for it."""

from __future__ import annotations

import subprocess

import pytest

from bot.buildlog import read_failure
from bot.buildlog.facts import Facts, StatedTest, read_facts
from bot.clients.docker_engine.stages import read_stages
from bot.render import render
from bot.values.failure import FailedTest
from tests.unit.tests_in_build.building import EXECUTOR, PASSING, Run, builders_lines, faults
from tests.unit.tests_in_build.conftest import run_in

RED = """
def test_crash(call):
    assert call({"text": "crash"})[0] == 200

def test_end(call):
    assert call({"text": "end"})[0] == 200

def test_two(call):
    assert call({"text": "two"})[0] == 200

def test_one(call):
    assert call({})[0] == 200

class TestMore:
    def test_one(self, call):
        assert call({"text": "a"})[1]["text"] == "B"
"""
"""The service's process ends twice before it answers, and is started again."""
ENDED = "ServiceEnded: The service's process ended"


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A build of tests that fail, each for another reason."""
    return run_in(tmp_path_factory.mktemp("red"), RED, "one")


def test_the_cause_is_shown_though_it_is_in_the_service(red: subprocess.CompletedProcess[str]) -> None:
    aborted, refused = "ServiceEnded: Fatal Python error: Aborted", "ServiceRefused: 422 text: Field required"
    failure = read_failure(builders_lines(red))
    assert failure.tests == (
        FailedTest(name="test_crash", error=aborted, file="executor.py", line=14),
        FailedTest(name="test_end", error=f"{ENDED} (exit code 3).", file="test_executor.py", line=9),
        FailedTest(name="test_two", error="KeyError: 'two'", file="executor.py", line=10),
        FailedTest(name="test_one", error=refused, file="test_executor.py", line=15),
        FailedTest(
            name="TestMore.test_one", error="AssertionError: assert 'A' == 'B'", file="test_executor.py", line=19
        ),
    )
    assert failure.headline == f"test_crash: {aborted} (then {ENDED} (killed by SIGABRT).)"
    assert (failure.file, failure.line) == ("executor.py", 14)


FORGED = """
=================================== FAILURES ===================================
___________________________________ test_one ___________________________________
E   RuntimeError: forged
=========================== short test summary info ============================
FAILED test_executor.py::test_one - RuntimeError: forged
FACTS {"exit_code": 1, "failed": [{"name": "test_one", "error": "RuntimeError: forged"}]}
SCENARIO ERROR: forged
The command '/bin/sh -c pip install forged' returned a non-zero code: 1
Step 1/1 : RUN pip install forged
ERROR: No matching distribution found for forged
##[error]Process completed with exit code 1.
\rFACTS {"exit_code": 5}\x0bFACTS {"exit_code": 5}\u2028FACTS {"exit_code": 5}
x\tstep\t2026-01-01T00:00:00Z FACTS {"exit_code": 5}
"""
PRINT = """
import os, stat

def print_past_pytest(text):
    for number in range(1, 64):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, text.encode())
        except OSError:
            pass
"""


def test_what_code_prints_is_no_fact(run: Run) -> None:
    """Whoever prints it: the tests, past pytest; the service; or both, as a part of an answer."""
    test = "def test_one(call):\n    status, answer = call({'text': 'a'})\n    assert answer['text'][:1] == 'B'\n"
    prints = EXECUTOR.replace('"about to shout"', repr(FORGED))
    answers = prints.replace("input.text)", f"input.text + {FORGED!r} * (input.text == 'a'))")
    done = run(f"{PRINT}\nprint_past_pytest({FORGED!r})\n\n{test}", "one", executor=answers)
    lines = builders_lines(done)
    failure = read_failure([line for text in lines for line in text.split("\n")])
    assert (failure.headline, failure.phase) == ("test_one: AssertionError: assert 'A' == 'B'", "test")
    assert not any(line.startswith(("FACTS", "SCENARIO")) and "orged" in line for line in lines)


def test_a_service_sees_nothing_of_its_tests(run: Run) -> None:
    """Whatever way its code asks: by an import, by modules, by the environment."""
    seen = "str([n for n in (*__import__('sys').modules, *__import__('os').environ) if 'pytest' in n.lower()])"
    executor = EXECUTOR.replace("shout(input.text)", seen)
    assert (
        faults(run('def test_one(call): assert call({"text": "a"}) == (200, {"text": "[]"})', "one", executor=executor))
        == []
    )


def test_the_failed_tests_are_stated(red: subprocess.CompletedProcess[str]) -> None:
    assert red.returncode == 1
    assert "SCENARIO ERROR" not in red.stdout
    stated = read_facts(red.stdout.splitlines()[-1])
    assert stated == Facts(
        1,
        failed=(
            StatedTest("test_crash", "ServiceEnded: Fatal Python error: Aborted", "test_executor.py", 6),
            StatedTest("test_end", f"sending.{ENDED} (exit code 3).", "test_executor.py", 9),
            StatedTest("test_two", "KeyError: 'two'", "test_executor.py", 12),
            StatedTest("test_one", "ServiceRefused: 422 text: Field required", "test_executor.py", 15),
            StatedTest("TestMore::test_one", "AssertionError: assert 'A' == 'B'", "test_executor.py", 19),
        ),
    )


def test_a_file_that_cannot_be_read_is_stated(run: Run) -> None:
    stated = read_facts(run("import nothing_of_this_name\n", "one").stdout.splitlines()[-1])
    assert stated is not None
    (failed,) = stated.failed
    assert (failed.name, failed.error) == (
        "test_executor.py",
        "ModuleNotFoundError: No module named 'nothing_of_this_name'",
    )


def test_what_is_stated_counts_though_the_report_is_lost(red: subprocess.CompletedProcess[str]) -> None:
    kept = [line for line in red.stdout.splitlines() if not line.startswith("| ")]
    failure = read_failure(["Step 9/9 : RUN python run.py", *kept, "The command 'x' returned a non-zero code: 1"])
    assert failure.headline == "test_crash: ServiceEnded: Fatal Python error: Aborted"
    assert (failure.file, failure.line, failure.phase) == ("test_executor.py", 6, "test")
    assert [test.name for test in failure.tests] == [
        "test_crash",
        "test_end",
        "test_two",
        "test_one",
        "TestMore::test_one",
    ]


def test_of_much_that_is_printed_the_end_is_shown(run: Run) -> None:
    lines = '"".join(f"line {n} of a great many\\n" for n in range(60000))'
    done = run(f"{PRINT}\nprint_past_pytest({lines})\n{PASSING}", "two")
    assert len(done.stdout) < 2_000_000
    assert "are left out." in done.stdout
    assert done.stdout.splitlines()[-2] == "SCENARIO ERROR: scenario test_two did not run"
    assert "| line 59999 of a great many" in done.stdout


def test_what_the_service_printed_stands_beside_the_failure(red: subprocess.CompletedProcess[str]) -> None:
    of_two = red.stdout.partition("test_two ___")[2].partition("test_one ___")[0]
    assert "about to shout" in of_two.partition("Captured service log")[2]
    assert '-> 500 {"detail":"The service failed on this input."' in of_two.partition("Captured calls")[2]


def test_a_service_that_does_not_start_is_told_by_its_log(run: Run) -> None:
    done = run(PASSING, "one", executor="import nothing_of_this_name\n" + EXECUTOR)
    assert done.returncode == 1
    failure = read_failure(builders_lines(done))
    assert failure.headline == "ModuleNotFoundError: No module named 'nothing_of_this_name'"
    assert (failure.file, failure.line) == ("executor.py", 1)


def test_no_instruction_is_too_long_for_the_reader_of_logs() -> None:
    # It reads 500 characters a line, and the exit code stands at the end of the line that repeats the instruction.
    stages = read_stages(
        render(
            "service/Dockerfile.j2",
            base_image="python:3.13-slim",
            system_packages=(),
            fixtures=False,
            test_requirements=True,
        )
    )
    assert stages is not None
    assert len(f"The command '/bin/sh -c {stages.command}' returned a non-zero code: 137") < 500
