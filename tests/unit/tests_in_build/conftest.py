"""The build's own run of a service's tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.generate.draft import interface_source, object_schema
from bot.generate.samples import sample_files
from bot.guard.source import Source
from bot.render import templates_dir
from tests.fakes.fields import field
from tests.unit.tests_in_build.building import EXECUTOR, Run

TEMPLATE = templates_dir() / "service"
TEXT = object_schema([field("text")])


def laid_out(root: Path, tests: str, *scenarios: str, executor: str = EXECUTOR, **more: Any) -> list[str]:
    """Write the service's folder and the tests' into `root`, and return the options that name them."""
    service, folder = root / "service", root / "tests"
    service.mkdir()
    folder.mkdir()
    described = {
        **{"title": "T", "summary": "S", "example": {}, "input_schema": TEXT, "output_schema": TEXT},
        **{"scenarios": [{"name": name, "text": "Text."} for name in scenarios], **more},
    }
    (folder / "test_executor.py").write_text(f"import pytest\n\n\n{tests}")
    (folder / "fixtures").mkdir()
    for name, content in sample_files(Source.read("test_executor.py", tests)).items():
        (folder / "fixtures" / name).write_bytes(content)
    (service / "executor.py").write_text(executor)
    (service / "interface.py").write_text(interface_source(TEXT, TEXT))
    (service / "service.json").write_text(json.dumps(described))
    (service / "server.py").write_text((TEMPLATE / "server.py").read_text())
    return ["--service", str(service), "--tests", str(folder), "--passed", str(root / "passed")]


def run_in(root: Path, tests: str, *scenarios: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the tests as the build does, but as one user; the service's folder and the tests' are in `root`."""
    options = laid_out(root, tests, *scenarios, **more)
    command = [sys.executable, "-Iu", str(TEMPLATE / "testing/run.py"), "--same-user", "--python", sys.executable]
    return subprocess.run(
        [*command, *options],
        # Nothing of the run that this is a part of.
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run tests in `tmp_path`, see `run_in`."""
    return partial(run_in, tmp_path)
