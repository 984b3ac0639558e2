"""A database of runs for each test, of one kind or of both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import prepare
from tests.fakes.postgres import Server
from tests.unit.runs.durable.working import Trace

both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


@pytest.fixture
def kind() -> str:
    """The kind of database; `both` gives a test one after the other."""
    return "sqlite"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the bot's tables: to copy it takes a tenth of the time that making them takes."""
    path = tmp_path_factory.mktemp("prepared") / "runs.sqlite"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database with the bot's tables, and nothing in them."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("prepared"), tmp_path / "runs.sqlite")
        return f"sqlite:///{tmp_path}/runs.sqlite"
    server: Server = request.getfixturevalue("postgres")
    return server.prepared()


@pytest.fixture
def runs(url: str) -> Iterator[DurableRuns]:
    runs = DurableRuns(url)
    yield runs
    runs.close()


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    return Trace(tmp_path)
