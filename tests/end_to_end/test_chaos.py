"""For a while everything around the bot fails, and nothing is lost or happens twice; `make chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.run import Troubles, carry_out

SEED = 7


def test_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    outcome = carry_out(tmp_path, Troubles(all=30, longest=3, outage=8), SEED)

    assert all(outcome.injected.values()), outcome.table()
    assert not outcome.lost, outcome.lost
    assert not outcome.doubled, outcome.doubled
