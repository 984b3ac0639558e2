"""What happened in the service is shown and stated, and nothing that code prints passes for it."""

from __future__ import annotations

import pytest

from bot.buildlog import read_failure
from bot.buildlog.facts import Facts, StatedTest, read_facts
from bot.clients.docker_engine.stages import read_stages
from bot.render import render
from tests.unit.tests_in_build.building import BODY, EXECUTOR, PASSING, Run, builders_lines, faults


@pytest.mark.parametrize(
    ("body", "headline", "place"),
    [
        (
            'assert call({"text": "two"})[0] == 200',
            "test_one: KeyError: 'two' (then assert 500 == 200)",
            ("executor.py", 10),
        ),
        (
            'assert call({"text": "crash"})[0] == 200',
            "test_one: ServiceEnded: Fatal Python error: Aborted (then ServiceEnded: The service's process ended "
            "(killed by SIGABRT).)",
            ("executor.py", 14),
        ),
        (
            'assert call({"text": "end"})[0] == 200',
            "test_one: ServiceEnded: The service's process ended (exit code 3).",
            ("test_executor.py", 5),
        ),
        (
            "assert call({})[0] == 200",
            "test_one: ServiceRefused: 422 text: Field required (then assert 422 == 200)",
            ("test_executor.py", 5),
        ),
        (
            'assert call({"text": "a"})[1]["text"] == "B"',
            "test_one: AssertionError: assert 'A' == 'B'",
            ("test_executor.py", 5),
        ),
    ],
)
def test_the_cause_is_shown_though_it_is_in_the_service(
    run: Run, body: str, headline: str, place: tuple[str, int]
) -> None:
    done = run(f"def test_one(call):\n    {body}\n", "one")
    failure = read_failure(builders_lines(done))
    assert failure.headline == headline
    assert (failure.file, failure.line) == place


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


@pytest.mark.parametrize(
    ("tests", "executor"),
    [
        (f"{PRINT}\nprint_past_pytest({FORGED!r})\n", EXECUTOR),
        ("", EXECUTOR.replace('"about to shout"', repr(FORGED))),
        ("", EXECUTOR.replace("input.text)", f"input.text + {FORGED!r} * (input.text == 'a'))")),
    ],
    ids=["tests print", "service prints", "service answers"],
)
def test_what_code_prints_is_no_fact(run: Run, tests: str, executor: str) -> None:
    test = "def test_one(call):\n    status, answer = call({'text': 'a'})\n    assert answer['text'][:1] == 'B'\n"
    done = run(f"{tests}\n{test}", "one", executor=executor)
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


def test_the_failed_tests_are_stated(run: Run) -> None:
    done = run(f"class TestMore:\n    def test_two(self, call):\n        assert call({{}})[0] == 2\n\n{PASSING}", "one")
    stated = read_facts(done.stdout.splitlines()[-1])
    error = "ServiceRefused: 422 text: Field required"
    assert stated == Facts(1, failed=(StatedTest("TestMore::test_two", error, "test_executor.py", 6),))


def test_a_file_that_cannot_be_read_is_stated(run: Run) -> None:
    stated = read_facts(run("import nothing_of_this_name\n", "one").stdout.splitlines()[-1])
    assert stated is not None
    (failed,) = stated.failed
    assert (failed.name, failed.error) == (
        "test_executor.py",
        "ModuleNotFoundError: No module named 'nothing_of_this_name'",
    )


def test_what_is_stated_counts_though_the_report_is_lost(run: Run) -> None:
    done = run(f"def test_one(call):\n    {BODY.replace('A', 'B')}\n", "one")
    kept = [line for line in done.stdout.splitlines() if not line.startswith("| ")]
    failure = read_failure(["Step 9/9 : RUN python run.py", *kept, "The command 'x' returned a non-zero code: 1"])
    assert failure.headline.startswith("test_one: AssertionError: assert (200, {'text': 'A'}) == (200, {'text': 'B'})")
    assert (failure.file, failure.line, failure.phase) == ("test_executor.py", 5, "test")


def test_of_much_that_is_printed_the_end_is_shown(run: Run) -> None:
    lines = '"".join(f"line {n} of a great many\\n" for n in range(60000))'
    done = run(f"{PRINT}\nprint_past_pytest({lines})\n{PASSING}", "two")
    assert len(done.stdout) < 2_000_000
    assert "are left out." in done.stdout
    assert done.stdout.splitlines()[-2] == "SCENARIO ERROR: scenario test_two did not run"
    assert "| line 59999 of a great many" in done.stdout


def test_what_the_service_printed_stands_beside_the_failure(run: Run) -> None:
    done = run('def test_one(call):\n    assert call({"text": "two"})[0] == 200\n', "one")
    assert "about to shout" in done.stdout.partition("Captured service log")[2]
    assert '-> 500 {"detail":"The service failed on this input."' in done.stdout.partition("Captured calls")[2]


def test_the_service_is_started_again(run: Run) -> None:
    tests = f'def test_end(call): call({{"text": "end"}})\n\n{PASSING}'
    assert "1 failed, 1 passed" in run(tests, "one").stdout


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
