"""A small service, as it is built and tested on a real engine."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from uuid import uuid4

import docker

from bot.demo import machine
from bot.generate.draft import interface_source, object_schema
from bot.render import render, templates_dir
from bot.values.naming import TESTING_FILES
from tests.fakes.fields import field

EXECUTOR = """
import os
import signal

from interface import Input, Output


def execute(input: Input) -> Output:
    %s
    return Output(text=input.text.upper())
"""
GREEN = """
def test_one(call):
    status, answer = call({"text": "a"})
    assert (status, answer) == (200, {"text": "A"})
"""
TEXT = object_schema([field("text")])

ASKED = '    assert call({"text": "a"}) == (200, {"text": "A"})\n'
"""The last line of a test that is about something else, so that it can fail whatever the service does."""


def service(
    tests: str = GREEN,
    *,
    base: str = "python:3.13-slim",
    requirements: str = "",
    does: str = "pass",
    fixtures: bool = False,
    test_requirements: str = "",
) -> dict[str, str | bytes]:
    """Return the files of a service that answers a text in capitals; `does` is a statement that it executes first."""
    described = {
        "slug": "capitals",
        "title": "Capitals",
        "summary": "Says it louder.",
        "example": {"text": "a"},
        "input_schema": TEXT,
        "output_schema": TEXT,
        "scenarios": [{"name": "one", "text": "a gives A"}],
    }
    template = templates_dir() / "service"
    files: dict[str, str | bytes] = {
        "interface.py": interface_source(TEXT, TEXT),
        "executor.py": EXECUTOR % does.replace("\n", "\n    "),
        "test_executor.py": tests,
        "requirements.txt": f"fastapi\nuvicorn\n{requirements}",
        "service.json": json.dumps(described),
        "Dockerfile": render(
            "service/Dockerfile.j2",
            base_image=base,
            system_packages=(),
            fixtures=fixtures,
            test_requirements=bool(test_requirements),
        ),
        **{name: (template / name).read_text() for name in ("server.py", ".dockerignore", *TESTING_FILES)},
    }
    if test_requirements:
        files["test_requirements.txt"] = test_requirements
    return files


class Built:
    """A service in a folder, and the command that builds it in the workflow."""

    def __init__(self, client: docker.DockerClient, folder: Path, buildkit: str) -> None:
        self._client = client
        self._folder = folder
        self._environment = {**os.environ, **machine.runner_environment(), "DOCKER_BUILDKIT": buildkit}
        self.image = f"preflight-{uuid4().hex[:8]}"

    def build(self, files: dict[str, str | bytes], target: str = "service") -> str:
        for name, content in files.items():
            path = self._folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        command = ["docker", "build", "--force-rm", "--target", target, "--tag", self.image, "."]
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, text=True, capture_output=True, check=False
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def run(self, *command: str) -> str:
        return self._client.containers.run(self.image, list(command), remove=True).decode()

    def remove(self) -> None:
        if self._client.images.list(self.image):
            self._client.images.remove(self.image)
