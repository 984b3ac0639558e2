"""One ward for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.doctor.ward import Ward


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    # An engine of this machine may have a platform.
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    ward = Ward(tmp_path)
    yield ward
    ward.close()
