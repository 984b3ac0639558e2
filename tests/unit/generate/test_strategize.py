"""From a specification to strategies, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.clients.llm import ModelError
from bot.generate import Writer, propose_strategies
from bot.generate.files import Preflight
from bot.values.progress import StrategyRecord
from bot.values.service import Strategy
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.unit.generate.files.test_assemble import SPEC


def planned(
    proposed: list[dict[str, Any]], count: int = 5, failed: tuple[StrategyRecord, ...] = ()
) -> tuple[tuple[Strategy, ...], FakeModel]:
    full = [{"approach": "a", "packages": [], "system_packages": [], "risks": ""} | given for given in proposed]
    with FakeModel([json.dumps({"strategies": full})] * 3) as fake:
        model = fake.client()
        try:
            strategies, _ = propose_strategies(Writer(model, Preflight(FakePackages())), SPEC, failed, count)
        finally:
            model.close()
    return strategies, fake


def test_strategies_are_cleaned_told_apart_and_counted() -> None:
    strategies, fake = planned(
        [
            {"name": "Plain", "packages": ["json", "fastapi", "Pillow==9", "not a name"], "system_packages": ["x; rm"]},
            {"name": "plain", "approach": "other"},
            {"name": "Copy", "approach": "Other  ", "packages": []},
            {"name": "Last", "approach": "third"},
        ],
        count=2,
    )
    assert strategies == (
        Strategy(name="Plain", approach="a", packages=("Pillow==9",)),
        Strategy(name="plain 2", approach="other"),
    )
    assert fake.requests[0]["response_format"]["json_schema"]["name"] == "strategies"
    assert "hello gives HELLO" in fake.prompt()


def test_what_failed_before_is_told() -> None:
    _, fake = planned([{"name": "B"}], failed=(StrategyRecord(name="Old way", reason="died of X"),))
    assert "- Old way: died of X" in fake.prompt()
    _, fake = planned([{"name": "B"}])
    assert "tried and failed" not in fake.prompt()


def test_no_strategy_is_no_answer() -> None:
    with pytest.raises(ModelError, match="no usable answer"):
        planned([])
    with pytest.raises(ModelError, match="no usable answer"):
        planned([{"name": " "}])
