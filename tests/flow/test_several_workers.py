"""Issues on their way to live services on a PostgreSQL server, while one worker after the other is killed."""

from __future__ import annotations

from pathlib import Path

from tests.bench.cluster import carry_out
from tests.fakes.postgres import Server


def test_nothing_is_lost_or_happens_twice_while_workers_are_killed(postgres: Server, tmp_path: Path) -> None:
    outcome = carry_out(tmp_path, postgres.database(), 6, 6.0)
    assert outcome.lost == outcome.doubled == ()
    assert outcome.kills
