"""A real engine of its own, in a network of its own, next to whatever engine the machine has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import docker
import pytest

from bot.demo import machine
from tests.end_to_end.engines import isolated


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: the path of a socket has at most 107 bytes."""
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts an engine")
def test_a_real_engine_starts_and_stops(engine: docker.DockerClient, folder: Path) -> None:
    own = isolated(folder)
    try:
        handle = machine.ensure_engine(print, own)
        assert handle.started
        assert handle.client.info()["DockerRootDir"] == str(folder / "data")
        handle.client.close()
        again = machine.ensure_engine(print, own)
        assert not again.started
        again.client.close()
    finally:
        stopped = machine.stop_engine(own)
    assert stopped
    assert not machine.engine_answers(own)
    assert engine.ping()
