"""The variable that names the runners: one label, or a list of them."""

from __future__ import annotations

import pytest

from bot.values.runners import runner_labels


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("", {"ubuntu-latest"}),
        ("ubuntu-24.04-arm", {"ubuntu-24.04-arm"}),
        ("my runner", {"my runner"}),
        ('["self-hosted", "big"]', {"self-hosted", "big"}),
    ],
)
def test_labels(value: str, labels: set[str]) -> None:
    assert runner_labels(value) == labels


@pytest.mark.parametrize("value", ['["big"', "[]", "[1]", '[""]', '[["big"]]'])
def test_what_is_no_list_of_labels(value: str) -> None:
    with pytest.raises(ValueError, match="JSON list"):
        runner_labels(value)
