"""The tasks of an evaluation, and what the command asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.evaluate.__main__ import main
from tests.evaluate.suite import load


def test_the_suite_is_twenty_issues() -> None:
    tasks = load()
    assert len({task.name for task in tasks}) == len({task.title for task in tasks}) == 20


def test_tasks_are_chosen_by_name() -> None:
    assert [task.name for task in load(["roman", "qr"])] == ["qr", "roman"]
    with pytest.raises(ValueError, match="no such task: chess; there are markdown, "):
        load(["chess"])


def test_a_prompt_tells_its_task() -> None:
    tasks = load()
    for task in tasks:
        prompt = f"Do this.\n\n<idea>\n{task.title}\n\n{' '.join(task.description.split())}\n</idea>"
        assert [other.name for other in tasks if other.is_in(prompt)] == [task.name]
        assert not task.is_in("Do this.")


def test_without_a_model_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(main, ["--tasks", "qr"])
    assert result.exit_code == 2
    assert "OPENAI_BASE_URL" in result.output


def test_recording_and_replaying_at_once_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--record", str(tmp_path), "--replay", str(tmp_path)])
    assert result.exit_code == 2
    assert "one or the other" in result.output
