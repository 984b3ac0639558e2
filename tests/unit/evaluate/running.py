"""Services that run as in production, made of a schema and an executor, without a container."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.generate.draft import FieldDraft, interface_source, object_schema
from bot.render import templates_dir

_SECONDS = 60
_FORKS = """
import os, socket, sys
import fastapi, uvicorn

for line in sys.stdin:
    listening = socket.create_server(("127.0.0.1", 0))
    child = os.fork()
    if child:
        print(child, listening.getsockname()[1], flush=True)
        listening.close()
        continue
    try:
        folder = line.strip()
        os.chdir(folder)
        sys.path.insert(0, folder)
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        uvicorn.Server(uvicorn.Config("server:app", log_level="warning")).run(sockets=[listening])
    finally:
        os._exit(1)
"""


class Services:
    """Starts services, each in a process of its own that inherits what all of them import. Use as a context manager."""

    def __enter__(self) -> Services:
        self._forks = subprocess.Popen(
            [sys.executable, "-c", _FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._forks.communicate()

    @contextmanager
    def running(
        self, folder: Path, inputs: Sequence[FieldDraft], outputs: Sequence[FieldDraft], execute: str
    ) -> Iterator[str]:
        """Serve an executor from an empty folder; yield where it takes requests.

        Args:
            execute: its source, without the import of Input and Output.
        """
        request, answer = object_schema(inputs), object_schema(outputs)
        described = {"title": "T", "summary": "S", "example": {}, "input_schema": request, "output_schema": answer}
        (folder / "service.json").write_text(json.dumps({**described, "scenarios": []}))
        (folder / "interface.py").write_text(interface_source(request, answer))
        (folder / "executor.py").write_text(f"from interface import Input, Output\n{execute}")
        (folder / "server.py").write_text((templates_dir() / "service/server.py").read_text())
        process, port = self._start(folder)
        try:
            assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=_SECONDS, trust_env=False).is_success
            yield f"http://127.0.0.1:{port}/execute"
        except httpx.TransportError as error:
            raise AssertionError(f"the service did not start:\n{(folder / 'log').read_text()}") from error
        finally:
            os.kill(process, signal.SIGKILL)

    def _start(self, folder: Path) -> tuple[int, int]:
        """Return the process of a service, and the port on which it listens already."""
        assert self._forks.stdin is not None
        assert self._forks.stdout is not None
        self._forks.stdin.write(f"{folder}\n")
        self._forks.stdin.flush()
        process, port = self._forks.stdout.readline().split()
        return int(process), int(port)
