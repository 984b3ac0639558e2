"""The engine's list of containers, while containers end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import docker
import pytest
from werkzeug.serving import make_server

from bot.deploy.containers import listed

if TYPE_CHECKING:
    from wsgiref.types import StartResponse


def engine(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    """Answer as an engine does that removes the container "gone" right after it has named it."""
    path = environ["PATH_INFO"].removeprefix("/v1.41/containers/")
    known: dict[str, Any] = {"json": [{"Id": "gone"}, {"Id": "there"}], "there/json": {"Id": "there"}}
    start_response("200 OK" if path in known else "404 Not Found", [("Content-Type", "application/json")])
    return [json.dumps(known.get(path, {"message": "No such container"})).encode()]


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    server = make_server("127.0.0.1", 0, engine)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    client = docker.DockerClient(base_url=f"tcp://127.0.0.1:{server.server_port}", version="1.41")
    yield client
    client.close()
    server.shutdown()
    server.server_close()


def test_a_container_that_is_removed_meanwhile_is_not_listed(client: docker.DockerClient) -> None:
    assert [container.id for container in listed(client, "gptdeploy.slug=draw")] == ["there"]
