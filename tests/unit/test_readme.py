"""The README is short, and says what the code does now."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.values.progress import Stage

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_it_is_short() -> None:
    assert len(README.split()) < 1000


@pytest.mark.parametrize("stage", list(Stage))
def test_the_diagram_names_every_stage(stage: Stage) -> None:
    diagram = README.split("```mermaid", 1)[1].split("```", 1)[0]
    assert f"[{stage.value}" in diagram or f"{{{stage.value}:" in diagram
