"""One place for all services that are judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.evaluate.running import Services


@pytest.fixture(scope="package")
def services() -> Iterator[Services]:
    with Services() as services:
        yield services
