"""Scenarios are green where their tests ran and passed: no exit code is believed."""

from __future__ import annotations

from pathlib import Path

from tests.unit.tests_in_build.building import BODY, CASES, PASSING, Run, faults


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


def test_leaving_early_is_not_passing(run: Run, tmp_path: Path) -> None:
    done = run(f"{PASSING.strip()}; pytest.exit('done', returncode=0)\n", "one", "two")
    assert not (tmp_path / "passed").exists()
    assert faults(done) == ["scenario test_one did not run", "scenario test_two did not run"]


def test_ending_the_process_is_not_passing(run: Run) -> None:
    assert faults(run("import os\nos._exit(0)\n", "one")) == ["the tests did not finish: no report"]


def test_a_service_without_scenarios_is_not_checked(run: Run) -> None:
    assert faults(run(PASSING, scenarios=None)) == []


def test_files_and_base64_are_at_hand(run: Run, tmp_path: Path) -> None:
    tests = (
        "from pathlib import Path\n\ndef test_one(call, fixture, decoded):\n    Path('fixtures').mkdir(exist_ok=True)\n"
        f"    Path('fixtures/a').write_bytes(b'x')\n    assert fixture('a') == decoded('eA==')\n    {BODY}\n"
    )
    assert faults(run(tests, "one")) == []
