"""A database of runs for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runs.durable.client import DurableRuns


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/runs.sqlite"


@pytest.fixture
def runs(url: str) -> Iterator[DurableRuns]:
    runs = DurableRuns(url)
    yield runs
    runs.close()
