"""The build's own run of a service's tests: no exit code is believed, and what happened in the service is shown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.buildlog import read_failure
from bot.buildlog.facts import Facts, StatedTest, read_facts
from bot.clients.docker_engine.stages import read_stages
from bot.generate.draft import interface_source, object_schema
from bot.generate.samples import sample_files
from bot.guard.source import Source
from bot.render import render, templates_dir
from bot.values.service import Dispute
from tests.fakes.fields import field

Run = Callable[..., subprocess.CompletedProcess[str]]

TEMPLATE = templates_dir() / "service"
EXECUTOR = """
import os

from interface import Input, Output


def shout(text: str) -> str:
    if text == "two":
        try:
            return {}["two"]
        except KeyError as error:
            raise ValueError("no such\\nnumber") from error
    if text == "crash":
        os.abort()
    if text == "end":
        os._exit(3)
    return text.upper()


def execute(input: Input) -> Output:
    print("about to shout")
    return Output(text=shout(input.text))
"""
TEXT = object_schema([field("text")])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the tests as the build does, but as one user; the service's folder and the tests' are in `tmp_path`."""

    def run(tests: str, *scenarios: str, executor: str = EXECUTOR, **more: Any) -> subprocess.CompletedProcess[str]:
        service, folder = tmp_path / "service", tmp_path / "tests"
        service.mkdir()
        folder.mkdir()
        described = {
            **{"title": "T", "summary": "S", "example": {}, "input_schema": TEXT, "output_schema": TEXT},
            **{"scenarios": [{"name": name, "text": "Text."} for name in scenarios], **more},
        }
        (folder / "test_executor.py").write_text(f"import pytest\n\n\n{tests}")
        (folder / "fixtures").mkdir()
        for name, content in sample_files(Source.read("test_executor.py", tests)).items():
            (folder / "fixtures" / name).write_bytes(content)
        (service / "executor.py").write_text(executor)
        (service / "interface.py").write_text(interface_source(TEXT, TEXT))
        (service / "service.json").write_text(json.dumps(described))
        (service / "server.py").write_text((TEMPLATE / "server.py").read_text())
        command = [sys.executable, "-Iu", str(TEMPLATE / "testing/run.py"), "--same-user", "--python", sys.executable]
        return subprocess.run(
            [*command, "--service", str(service), "--tests", str(folder), "--passed", str(tmp_path / "passed")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run


def faults(done: subprocess.CompletedProcess[str]) -> list[str]:
    told = [line for line in done.stdout.splitlines() if line.startswith("SCENARIO ERROR: ")]
    assert bool(told) == (done.returncode != 0), done.stdout
    return [line.removeprefix("SCENARIO ERROR: ") for line in told]


BODY = 'assert call({"text": "a"}) == (200, {"text": "A"})'
PASSING = f"def test_one(call): {BODY}\n"
CASES = f"@pytest.mark.parametrize('x', ['a', 'b'])\ndef test_NAME(call, x):\n    {BODY}\n"


def test_scenarios_that_passed_are_green(run: Run, tmp_path: Path) -> None:
    skipped = f"def test_more(call): {BODY}; pytest.skip('no')\n"
    assert faults(run(PASSING + CASES.replace("NAME", "two") + skipped, "one", "two")) == []
    assert (tmp_path / "passed").read_text() == "3"


def test_tests_take_sample_files(run: Run) -> None:
    """The bot makes them, and what the tests read are these, under the names that both sides compute."""
    sent = """import base64, io
import docx
GREETING = "Hello"

def test_one(call, decoded, sample):
    data = sample("docx", text=GREETING + " w\u00f6rld")
    status, answer = call({"text": base64.b64encode(data).decode()})
    assert status == 200
    assert docx.Document(io.BytesIO(decoded(answer["text"]))).paragraphs[0].text == "Hello w\u00f6rld!"
"""
    executor = """import base64, io
import docx
from interface import Input, Output

def execute(input: Input) -> Output:
    document = docx.Document(io.BytesIO(base64.b64decode(input.text)))
    document.paragraphs[0].add_run("!")
    file = io.BytesIO()
    document.save(file)
    return Output(text=base64.b64encode(file.getvalue()).decode())
"""
    assert faults(run(sent, "one", executor=executor)) == []


def test_a_sample_that_was_not_made_is_named(run: Run) -> None:
    done = run("def read(sample): return lambda kind: sample(kind)\n\ndef test_one(sample): read(sample)('png')\n")
    assert "Failed: There is no fixtures/sample-" in done.stdout


def test_scenarios_that_did_not_run_are_named(run: Run) -> None:
    passing = PASSING.replace("one", "NAME")
    tests = {
        "other": (passing.replace("NAME", "NAME_more"), "scenario test_other did not run"),
        "skips": (f"{passing.strip()}; pytest.skip('not\\ntoday')\n", "scenario test_skips was skipped: not today"),
        "marked": (f"@pytest.mark.skip\n{passing}", "scenario test_marked was skipped: unconditional skip"),
        "xfail": (
            f"@pytest.mark.xfail(reason='r')\n{passing.strip()}; assert 0\n",
            "scenario test_xfail was skipped: r",
        ),
        "case": (
            f"{CASES}    x == 'a' or pytest.skip('no b')\n",
            "scenario test_case[b] was skipped: no b",
        ),
        "none": (CASES.replace("['a', 'b']", "[]"), "scenario test_none[NOTSET] was skipped: "),
    }
    told = faults(run("\n".join(test.replace("NAME", name) for name, (test, _) in tests.items()), *tests))
    for fault, (_, expected) in zip(told, tests.values(), strict=False):
        assert fault.startswith(expected)
    # In addition, these pass or are skipped whatever the service does.
    assert told[len(tests) :] == [
        f"test_{name} passes whatever the service does" for name in ("marked", "xfail", "none")
    ]


def test_requirements_that_nothing_else_checks_have_a_test_that_ran(run: Run) -> None:
    requirements = [
        {"name": "one", "text": "Text.", "interface": "", "unchecked": ""},
        {"name": "two", "text": "Text.", "interface": "", "unchecked": ""},
        {"name": "three", "text": "Text.", "interface": "`text`: required", "unchecked": ""},
        {"name": "four", "text": "Text.", "interface": "", "unchecked": "It takes a year."},
    ]
    assert faults(run(PASSING, requirements=requirements)) == ["requirement test_two did not run"]


def test_leaving_early_is_not_passing(run: Run) -> None:
    done = run(f"{PASSING.strip()}; pytest.exit('done', returncode=0)\n", "one")
    assert faults(done) == ["scenario test_one did not run"]


def test_every_scenario_is_named(run: Run, tmp_path: Path) -> None:
    done = run(PASSING, "one", "two", "three")
    assert not (tmp_path / "passed").exists()
    assert faults(done) == ["scenario test_two did not run", "scenario test_three did not run"]


def test_ending_the_process_is_not_passing(run: Run) -> None:
    assert faults(run("import os\nos._exit(0)\n", "one")) == ["the tests did not finish: no report"]


def test_a_failing_test_is_pytests_to_tell(run: Run) -> None:
    done = run("def test_one(): assert 0\n", "one")
    assert done.returncode == 1
    assert "FAILED test_executor.py::test_one" in done.stdout
    assert "SCENARIO ERROR" not in done.stdout


@pytest.mark.parametrize("described", [{"scenarios": None}, {"scenarios": []}])
def test_a_service_without_scenarios_is_not_checked(run: Run, described: dict[str, Any]) -> None:
    assert faults(run(PASSING, **described)) == []


def test_tests_that_cannot_fail_are_refused_by_name(run: Run) -> None:
    bodies = {
        "nothing": "pass",
        "unread": "call({})",
        "either": "assert call({})[0] in (200, 422)",
        "alive": "assert call({})[0] < 500",
        "skipped": "pytest.skip('no')",
        "any_answer": "assert call({})[1] is not None",
    }
    methods = (f"    def test_{name}(self, call): {body}\n" for name, body in bodies.items())
    told = faults(run(f"{PASSING}\nclass TestMore:\n{''.join(methods)}", "one"))
    assert told == [f"test_{name} passes whatever the service does" for name in bodies]


def test_the_reader_of_logs_is_told_which_tests_cannot_fail(run: Run) -> None:
    skips = f"{PASSING.replace('one', 'three').strip()}; pytest.skip('b')\n"
    done = run(f"{PASSING}\ndef test_two(call): assert call({{}})\n\n{skips}", "three")
    failure = read_failure(builders_lines(done))
    reasons = {"test_three": "was skipped: b", "test_two": "passes whatever the service does"}
    assert failure.disputes == tuple(Dispute(test=test, reason=why, proven=True) for test, why in reasons.items())


def test_tests_that_cannot_fail_are_not_all_where_others_did_not_run(run: Run) -> None:
    done = run(f"{PASSING}\ndef test_two(call): assert call({{}})\n", "one", "three")
    assert faults(done) == ["scenario test_three did not run", "test_two passes whatever the service does"]
    assert read_failure(builders_lines(done)).disputes == ()


ENDED = "The command '/bin/sh -c x' returned a non-zero code: 1"
FORGED = "SCENARIO ERROR: test_one passes whatever the service does"


@pytest.mark.parametrize(
    "forgery",
    [
        f"print({FORGED!r}, flush=True); os._exit(1)",
        f"print({FORGED!r}, flush=True)",
        f"print({FORGED!r}, flush=True); print({ENDED!r}, flush=True); sys.exit(1)",
        f"atexit.register(print, {FORGED!r}); raise ValueError({FORGED!r})",
    ],
)
def test_a_service_cannot_have_its_tests_refused(run: Run, forgery: str) -> None:
    wrong = EXECUTOR.replace("upper", "lower")
    done = run(PASSING, "one", executor=f"import atexit, os, sys\n{forgery}\n{wrong}")
    assert done.returncode == 1
    assert read_failure(builders_lines(done)).disputes == ()
    assert f"\n{FORGED}" not in done.stdout


def test_tests_that_can_fail_are_taken(run: Run) -> None:
    bodies = (
        "assert call({})[0] == 422",
        'assert call(raw=b"{")[0] == 422',
        'assert call({"text": "a"})[0] == 200',
        'assert call({"text": "a"})[1]["text"]',
    )
    tests = "\n".join(f"def test_{number}(call): {body}" for number, body in enumerate(bodies))
    assert faults(run(f"{PASSING}\n{tests}\n", "one")) == []


def test_nothing_of_a_run_against_a_hollow_service_is_left_for_the_real_one(run: Run) -> None:
    tests = f"seen = []\n\ndef test_one(call):\n    assert not seen\n    seen.append(call)\n    {BODY}\n"
    assert faults(run(tests, "one")) == []


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


def builders_lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    command = "python -Iu /usr/local/lib/testing/run.py"
    end = f"The command '/bin/sh -c {command}' returned a non-zero code: {done.returncode}"
    return [f"Step 9/9 : RUN {command}", *done.stdout.splitlines(), end]


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


def test_files_and_base64_are_at_hand(run: Run, tmp_path: Path) -> None:
    tests = (
        "from pathlib import Path\n\ndef test_one(call, fixture, decoded):\n    Path('fixtures').mkdir(exist_ok=True)\n"
        f"    Path('fixtures/a').write_bytes(b'x')\n    assert fixture('a') == decoded('eA==')\n    {BODY}\n"
    )
    assert faults(run(tests, "one")) == []


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
