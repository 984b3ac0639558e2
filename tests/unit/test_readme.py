"""The README says what the code does now."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import commands
from bot.values.run import Stage
from tests.reference import repo_config_table, settings_table

README = (Path(__file__).parents[2] / "README.md").read_text()


@pytest.mark.parametrize(
    "table", [commands.table(), settings_table(), repo_config_table()], ids=["commands", "settings", "repository"]
)
def test_tables_are_the_codes(table: str) -> None:
    assert table in README, f"paste this into the README:\n{table}"


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.QUEUED])
def test_the_diagram_names_every_stage(stage: Stage) -> None:
    diagram = README.split("```mermaid", 1)[1].split("```", 1)[0]
    assert stage.value in diagram
