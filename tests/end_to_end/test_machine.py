"""A real engine of its own, in a network of its own, next to whatever engine the machine has."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import docker
import pytest

from bot.demo import machine
from bot.demo.machine import Engine

# The machine's engine must not lose its bridge to this one, so it gets a network namespace.
PROGRAM = """\
#!/bin/sh
exec unshare --net {dockerd} --data-root={folder}/data --exec-root={folder}/exec "$@"
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts an engine")
def test_a_real_engine_starts_and_stops(engine: docker.DockerClient, tmp_path: Path) -> None:
    dockerd = shutil.which("dockerd")
    if dockerd is None:
        pytest.skip("the engine in use is not of this machine")
    program = tmp_path / "dockerd"
    program.write_text(PROGRAM.format(dockerd=dockerd, folder=tmp_path))
    program.chmod(0o755)
    own = Engine(tmp_path / "state", tmp_path / "docker.sock", tmp_path / "docker.pid", str(program))
    try:
        handle = machine.ensure_engine(print, own)
        assert handle.started
        assert handle.client.info()["DockerRootDir"] == str(tmp_path / "data")
        handle.client.close()
        again = machine.ensure_engine(print, own)
        assert not again.started
        again.client.close()
    finally:
        stopped = machine.stop_engine(own)
    assert stopped
    assert not machine.engine_answers(own)
    assert engine.ping()
