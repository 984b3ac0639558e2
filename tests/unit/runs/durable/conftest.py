"""A database of runs for each test, of one kind or of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runs.durable.client import DurableRuns
from tests.fakes.postgres import Server
from tests.unit.runs.durable.working import Trace

both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


@pytest.fixture
def kind() -> str:
    """The kind of database; `both` gives a test one after the other."""
    return "sqlite"


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/runs.sqlite"
    server: Server = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def runs(url: str) -> Iterator[DurableRuns]:
    runs = DurableRuns(url)
    yield runs
    runs.close()


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    return Trace(tmp_path)
