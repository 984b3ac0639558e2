"""The groups of the end-to-end tests name modules that are there."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.groups import GROUPS

FOLDER = Path(__file__).parents[1] / "end_to_end"


def test_every_module_of_a_group_is_there() -> None:
    named = [module for modules in GROUPS.values() for module in modules]
    assert [module for module in named if not (FOLDER / f"test_{module}.py").is_file()] == []
    assert len(named) == len(set(named))
