"""Suggested changes in comments."""

from __future__ import annotations

import pytest

from bot.hub.suggestions import suggestion, suggestion_block


@pytest.mark.parametrize("lines", ["x = 1\n", "", "a\n\n  b\n", "```python\nx\n```\n", "````\n"])
def test_what_is_suggested_is_read_as_it_was(lines: str) -> None:
    assert suggestion(f"Better:\n\n{suggestion_block(lines)}") == lines


@pytest.mark.parametrize("body", ["", "no block", "```python\nx = 1\n```", "a ```suggestion of mine```"])
def test_other_comments_suggest_nothing(body: str) -> None:
    assert suggestion(body) is None
