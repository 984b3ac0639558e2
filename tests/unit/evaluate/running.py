"""A service that runs as in production, made of a schema and an executor, without a container."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.generate.draft import FieldDraft, interface_source, object_schema
from bot.render import templates_dir

_SECONDS = 60


@contextmanager
def running(folder: Path, inputs: Sequence[FieldDraft], outputs: Sequence[FieldDraft], execute: str) -> Iterator[str]:
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "server:app", "--port", str(port), "--log-level", "warning"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            _await(port, process, folder / "log")
            yield f"http://127.0.0.1:{port}/execute"
        finally:
            process.terminate()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the service did not start:\n{log.read_text()}")
