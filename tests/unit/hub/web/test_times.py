"""Times in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.hub.state import now
from bot.hub.web import ago


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "just now"), (42, "42 seconds ago"), (60, "1 minute ago"), (7_300, "2 hours ago")]
)
def test_ago(seconds: int, words: str) -> None:
    assert ago(now() - timedelta(seconds=seconds)) == words
