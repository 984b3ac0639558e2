"""Values of settings, as people write them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bot.config import written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ask", "ask"),
        (5, "5"),
        (5.0, "5"),
        (0.5, "0.5"),
        (True, "true"),
        (None, "null"),
        ((), "[]"),
        ({"qr": ["a.example"]}, '{"qr": ["a.example"]}'),
    ],
)
def test_a_value_reads_as_what_it_is(value: Any, text: str) -> None:
    assert written(value) == text
    assert yaml.safe_load(text) == (list(value) if isinstance(value, tuple) else value)
