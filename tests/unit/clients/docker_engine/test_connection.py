"""The way to an engine that is not there."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from docker.errors import DockerException

from bot.clients.docker_engine import connect


@pytest.mark.parametrize("named", [True, False])
def test_no_socket_is_left_where_nothing_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    address = f"unix://{tmp_path}/docker.sock"
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(DockerException, match="No such file"):
        connect(address if named else "")
    # A socket that is left is a warning here, and a warning is an error.
    gc.collect()
