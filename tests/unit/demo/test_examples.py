"""The examples are complete: whatever the bot asks for on the way of an example, somebody has written it."""

from __future__ import annotations

import json

import pytest

from bot.demo.examples import EXAMPLES, load
from bot.errors import UserError
from bot.values.service import Idea


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_an_idea_with_tests(name: str) -> None:
    example = load(name)
    assert isinstance(example, Idea)
    assert example.name == name
    assert example.title
    assert example.description
    assert example.scenarios


def test_the_qr_example_is_tested_with_its_url() -> None:
    example = load("qr")
    assert example.description.startswith("Generate a QR code from a given text or URL. Optional: margin")
    assert example.scenarios[0] == "https://www.example.com"
    assert '{"text": "https://www.example.com", "margin": 1}' in example.scenarios[1]


def test_an_unknown_example_is_told_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="no example `jpg`; there are qr, pdf, obj"):
        load("jpg")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_specification_keeps_the_tests_of_the_issue(name: str) -> None:
    """Who types only the description of an example gets its tests as well."""
    example = load(name)
    spec = json.loads((example.folder / "spec.json").read_text())
    assert tuple(test["text"] for test in spec["tests"]) == example.scenarios


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_authored_reply_is_left_over(name: str) -> None:
    """A strategy that was renamed must not leave its replies behind."""
    example = load(name)
    strategies = json.loads((example.folder / "strategies.json").read_text())["strategies"]
    expected = {strategy["name"].lower().replace(" ", "-") for strategy in strategies}
    assert {entry.name for entry in example.folder.iterdir() if entry.is_dir()} == expected
