"""The evaluation: its tasks can be asked for, a task is run to its end or its limit, and the table adds up."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.demo.command import IssueFile
from tests.evaluate.__main__ import main, report
from tests.evaluate.suite import Task, load
from tests.evaluate.table import died_of, stages, table
from tests.evaluate.trial import Limits, NotStartedError, attempt

DEPLOYED: dict[str, Any] = {
    "task": "qr",
    "outcome": "deployed",
    "note": "deployed",
    "strategies": [
        {"name": "a", "commits": 3, "outcome": "failed", "reason": "still red after 2 fixes"},
        {"name": "b", "commits": 1, "outcome": "merged", "reason": ""},
    ],
    "fixes": 2,
    "preflight_saves": 4,
    "tokens": {"prompt": 9000, "completion": 345},
    "stages": {"specify": {"calls": 1, "prompt": 1000, "completion": 45}},
    "seconds": {"total": 61.7, "model": 30.0},
}
FAILED: dict[str, Any] = {
    "task": "speech",
    "outcome": "failed",
    "note": "no strategy is left",
    "strategies": [
        {"name": "a", "commits": 2, "outcome": "failed", "reason": "still red:\n`a | b`"},
        {"name": "b", "commits": 0, "outcome": "failed", "reason": "still red:\n`a | b`"},
        {"name": "c", "commits": 1, "outcome": "failed", "reason": "hung"},
    ],
    "fixes": 1,
    "preflight_saves": 0,
    "tokens": {"prompt": 600, "completion": 55},
    "stages": {
        "specify": {"calls": 1, "prompt": 100, "completion": 10},
        "fix": {"calls": 2, "prompt": 500, "completion": 45},
    },
    "seconds": {"total": 100.2},
}
TIMED_OUT: dict[str, Any] = {"task": "csv", "outcome": "timed out", "note": "ended", "seconds": {"total": 2700}}


def test_the_suite_is_twelve_issues_that_the_demo_takes() -> None:
    tasks = load()
    assert len({task.name for task in tasks}) == len({task.title for task in tasks}) == 12
    for task in tasks:
        issue = IssueFile.model_validate_json(task.issue_file())
        assert issue.description.strip()
        assert issue.scenarios
        # Each scenario becomes one line of a list in the issue.
        assert all(scenario.strip() and "\n" not in scenario for scenario in issue.scenarios)


def test_tasks_are_chosen_by_name() -> None:
    assert [task.name for task in load(["roman", "qr"])] == ["qr", "roman"]
    with pytest.raises(ValueError, match="no such task: chess; there are markdown, "):
        load(["chess"])


def test_the_table_adds_up() -> None:
    assert table([DEPLOYED, FAILED, TIMED_OUT]).splitlines() == [
        "| task | outcome | commits | fixes | preflight saves | tokens | seconds | died of |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
        "| qr | deployed | 4 | 2 | 4 | 9,345 | 62 |  |",
        r"| speech | failed | 3 | 1 | 0 | 655 | 100 | still red: `a \| b` / hung |",
        "| csv | timed out | 0 | 0 | 0 | 0 | 2,700 | ended |",
        "| **all** | **1 of 3 deployed** | **7** | **3** | **4** | **10,000** | **2,862** |  |",
    ]
    assert stages([DEPLOYED, FAILED, TIMED_OUT]) == "specify 1,155, fix 545"


def test_a_long_reason_is_cut() -> None:
    reason = died_of({**TIMED_OUT, "note": "x" * 500})
    assert len(reason) == 160
    assert reason.endswith("x…")


def test_the_report_names_the_model_and_how_it_was_asked() -> None:
    evaluation = {
        "model": "small",
        "without": ["preflight"],
        "config": {"strategies": "2", "fixes": "5", "max_minutes": "30"},
        "machine": "2 cores",
        "began": "2030-01-01 10:00",
        "results": [DEPLOYED],
    }
    text = report(evaluation)
    assert text.startswith(
        "Model `small`, without preflight: at most 2 strategies, 5 fixes each and 30 minutes a task; 2 cores"
    )
    assert text.endswith("\n\nTokens by stage: specify 1,045.\n")


def test_without_a_model_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(main, ["--tasks", "qr"])
    assert result.exit_code == 2
    assert "OPENAI_BASE_URL" in result.output


TASK = Task(name="upper", title="Upper case", description="Convert text to upper case.", scenarios=("a gives A",))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.chdir(tmp_path)
    return Fake(tmp_path)


class Fake:
    """A command that stands in for the demo: a few lines of Python."""

    def __init__(self, folder: Path) -> None:
        self._script = folder / "demo.py"

    def attempt(
        self, script: str, config: Mapping[str, str] | None = None, seconds: float = 30, ending: float = 5
    ) -> dict[str, Any]:
        self._script.write_text(f"import json, os, signal, subprocess, sys, time\nfrom pathlib import Path\n{script}")
        command = (sys.executable, str(self._script))
        return attempt(command, TASK, config or {}, Limits(seconds, around=0, ending=ending))


def test_a_task_is_given_to_the_demo_and_its_outcome_is_taken(fake: Fake) -> None:
    script = """
issue = Path(sys.argv[sys.argv.index("--issue-file") + 1]).read_text()
print("noise")
print(json.dumps({"outcome": "deployed", "note": issue, "arguments": sys.argv[1:], "seconds": {"total": 5.0}}))
"""
    result = fake.attempt(script, {"max_minutes": "3"})
    assert (result["task"], result["outcome"], result["seconds"]) == ("upper", "deployed", {"total": 5.0})
    assert json.loads(result["note"]) == {
        "title": "Upper case",
        "description": "Convert text to upper case.",
        "scenarios": ["a gives A"],
    }
    assert result["arguments"][:3] == ["--once", "--json", "--issue-file"]
    assert result["arguments"][4:] == ["--config", "max_minutes=3"]


def test_a_demo_without_an_outcome_has_crashed(fake: Fake) -> None:
    result = fake.attempt("import time; time.sleep(0.1); sys.exit(3)")
    assert (result["outcome"], result["note"]) == ("crashed", "the demo ended with 3 and no outcome")
    assert result["seconds"]["total"] > 0


def test_a_demo_that_cannot_start_ends_the_evaluation(fake: Fake) -> None:
    with pytest.raises(NotStartedError):
        fake.attempt("sys.exit(2)")


def test_a_demo_past_its_limit_is_asked_to_end(fake: Fake, tmp_path: Path) -> None:
    script = """
def end(*_):
    Path("ended").touch()
    sys.exit(1)
signal.signal(signal.SIGTERM, end)
time.sleep(60)
"""
    began = time.monotonic()
    result = fake.attempt(script, seconds=1.5)
    assert result["outcome"] == "timed out"
    assert 1 < result["seconds"]["total"] < 30
    assert time.monotonic() - began < 30
    assert (tmp_path / "ended").exists()


def test_a_demo_that_does_not_end_is_killed_with_what_it_started(fake: Fake, tmp_path: Path) -> None:
    script = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
Path("child").write_text(str(child.pid))
time.sleep(60)
"""
    assert fake.attempt(script, seconds=1.5, ending=0.5)["outcome"] == "timed out"
    status = Path(f"/proc/{(tmp_path / 'child').read_text()}/status")
    assert not status.exists() or "State:\tZ" in status.read_text()
