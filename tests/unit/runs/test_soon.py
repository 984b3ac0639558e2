"""After a hint a run looks again soon, a few times."""

from __future__ import annotations

from bot.runs.soon import Soon


def test_the_first_waits_after_a_hint_are_short_and_grow() -> None:
    soon = Soon(300)
    assert soon.seconds() == 300
    soon.hinted()
    assert [soon.seconds() for _ in range(7)] == [1, 2, 4, 8, 16, 300, 300]
    soon.hinted()
    assert soon.seconds() == 1


def test_no_wait_is_longer_than_without_a_hint() -> None:
    soon = Soon(0.5)
    soon.hinted()
    assert soon.seconds() == 0.5
