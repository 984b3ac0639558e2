"""The build as a hosted runner has it, which begins with nothing: on what a red build keeps, its fix is built."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

import docker
import pytest

from bot.demo import images, machine
from bot.demo.machine import Engine
from bot.hub.act import ActRunner
from tests.end_to_end import services
from tests.end_to_end.engines import isolated
from tests.end_to_end.wheels import sort_wheels
from tests.unit import workflow_files
from tests.unit.hub.act.act_bench import carry_out, git, order
from tests.word.fetch import ensure_packages

ACTIONS = Path(__file__).parent / "kept"
REQUIREMENTS = f"services/{services.SPEC.slug}/requirements.txt"
ADDED = "six==1.17.0"
BROKEN = 'raise SystemExit("broken")\n'
PORT = 8000

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts an engine")


class HostedRunner(ActRunner):
    """Has GitHub's cache as act serves it, and GitHub's own client of it.

    Args:
        folder: where what is kept stays.
        engine: what it builds with; its own processes share that one's network.
    """

    def __init__(self, folder: Path, engine: Engine) -> None:
        super().__init__({}, machine.runner_environment() | {"DOCKER_HOST": f"unix://{engine.socket}"})
        self._cache_actions = ACTIONS
        self._cache_options = [
            *("--cache-server-addr=127.0.0.1", f"--cache-server-path={folder / 'cache'}"),
            *("--env=RUNNER_ENVIRONMENT=github-hosted", f"--env=NODE_PATH={ensure_packages() / 'node_modules'}"),
        ]
        act = folder / "act"
        act.write_text(f'#!/bin/sh\nexec {shlex.join(inside(engine))} {shlex.quote(self._act)} "$@"\n')
        act.chmod(0o755)
        self._act = str(act)


class Pull:
    """A pull request whose branch holds a service; each commit is built as the merge with `main`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._work = folder / "work"
        self._write({f".github/workflows/{workflow_files.BUILD}": workflow_files.text(workflow_files.BUILD)})
        git(self._work, "init", "--quiet", "--initial-branch=main")
        git(self._work, "add", ".")
        git(self._work, "commit", "--quiet", "--message=first")

    def build(self, runner: ActRunner, executor: str, requirement: str = "") -> tuple[dict[str, str], str]:
        """Commit the service, and build it; returns how each step ended, and the log."""
        files = services.files(executor=executor)
        self._write({**files, REQUIREMENTS: f"{files[REQUIREMENTS]}{requirement}\n"})
        git(self._work, "add", ".")
        # Each commit is the only one on `main`, as each merge of the pull request is.
        amend = ["--amend"] if git(self._work, "rev-list", "--count", "HEAD") == "2" else []
        git(self._work, "commit", "--quiet", "--message=service", *amend)
        sha = git(self._work, "rev-parse", "HEAD")
        wanted = order(
            self._work / ".git",
            sha,
            f".github/workflows/{workflow_files.BUILD}",
            self._folder / "logs" / sha,
            ref="refs/pull/7/merge",
            event_name="pull_request",
            event={"pull_request": {"number": 7}},
        )
        (job,) = carry_out(runner, wanted)
        return {step.name: step.conclusion or "" for step in job.steps}, job.log.read_text()

    def _write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self._work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def inside(engine: Engine) -> list[str]:
    """Return what begins a command that shall run in an engine's network."""
    return ["nsenter", f"--net=/proc/{engine.pid_file.read_text().strip()}/ns/net"]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def fresh(engine: docker.DockerClient, folder: Path) -> Iterator[Engine]:
    """An engine that has the base image, and nothing else, and reaches nothing but the package index of `index`."""
    own = isolated(folder)
    try:
        client = machine.ensure_engine(print, own).client
        client.images.load(b"".join(engine.images.get(images.PYTHON).save(named=images.PYTHON)))
        address = ip_network(client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Subnet"])[1]
        text = f"FROM {images.PYTHON}\nENV PIP_INDEX_URL=http://{address}:{PORT} PIP_TRUSTED_HOST={address}\n"
        client.images.build(fileobj=io.BytesIO(text.encode()), tag=images.PYTHON)
        client.close()
        subprocess.run([*inside(own), "ip", "link", "set", "lo", "up"], check=True)
        yield own
    finally:
        machine.stop_engine(own)


@pytest.fixture(scope="module")
def wheels(engine: docker.DockerClient, folder: Path) -> Path:
    """All packages that the service and its tests need, and one more."""
    requirements = services.files()
    (pytest_pinned,) = re.findall(r"pytest==\S+", requirements[f"services/{services.SPEC.slug}/Dockerfile"])
    wanted = re.findall(r"^\S+==\S+", requirements[REQUIREMENTS], re.MULTILINE)
    found = folder / "wheels"
    found.mkdir()
    engine.containers.run(
        images.PYTHON,
        ["pip", "download", "--dest", "/wheels", *wanted, pytest_pinned, ADDED],
        volumes={str(found): {"bind": "/wheels"}},
        remove=True,
    )
    sort_wheels(found)
    return found


@contextmanager
def index(engine: Engine, wheels: Path) -> Iterator[Path]:
    """Serve the packages to an engine; yields the file that names what was downloaded."""
    downloaded = wheels.parent / "downloaded"
    command = [*inside(engine), sys.executable, "-m", "tests.end_to_end.wheels", str(wheels), str(PORT)]
    with downloaded.open("w") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL) as serving:
        try:
            yield downloaded
        finally:
            serving.kill()


@pytest.fixture(scope="module")
def pull(folder: Path, fresh: Engine, wheels: Path) -> Pull:
    """A pull request whose first build is red."""
    pull = Pull(folder)
    with index(fresh, wheels) as downloaded:
        steps, log = pull.build(HostedRunner(folder, fresh), BROKEN)
        assert steps["Build and test"] == "failure", log
        assert steps["Load layers"] == steps["Load downloads"] == "skipped"
        assert steps["Keep layers"] == steps["Keep downloads"] == "success", log
        assert "segno" in downloaded.read_text()
    return pull


@pytest.fixture
def emptied(fresh: Engine, pull: Pull) -> Engine:
    """The engine as another machine has it that runs the next build."""
    client = machine.ensure_engine(print, fresh).client
    client.containers.prune()
    for image in client.images.list():
        if images.PYTHON not in image.tags:
            client.images.remove(str(image.id), force=True)
    client.api.prune_builds(all=True)
    client.close()
    return fresh


def test_a_fix_of_the_code_installs_nothing_again(emptied: Engine, folder: Path, pull: Pull) -> None:
    steps, log = pull.build(HostedRunner(folder, emptied), services.EXECUTOR)
    assert steps["Load layers"] == steps["Smoke run"] == "success", log
    assert steps["Fetch downloads"] == "skipped"
    # What is green is merged: nothing comes after it.
    assert steps["Keep layers"] == steps["Keep downloads"] == "skipped"


def test_a_fix_that_adds_a_package_downloads_no_other(emptied: Engine, folder: Path, wheels: Path, pull: Pull) -> None:
    with index(emptied, wheels) as downloaded:
        steps, log = pull.build(HostedRunner(folder, emptied), services.EXECUTOR, ADDED)
        assert steps["Load downloads"] == steps["Smoke run"] == "success", log
        assert [name.partition("-")[0] for name in downloaded.read_text().split()] == ["six"], log


def test_a_build_anywhere_else_sees_no_downloads(emptied: Engine, folder: Path, wheels: Path, pull: Pull) -> None:
    """The same files, built as the deployment builds them, on an engine that has just built a pull request."""
    with index(emptied, wheels) as downloaded:
        pull.build(HostedRunner(folder, emptied), BROKEN, ADDED)
        before = downloaded.read_text().split()
        for name, text in services.files().items():
            path = folder / "merged" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        subprocess.run(
            ["docker", "build", "--target=service", str(folder / "merged/services" / services.SPEC.slug)],
            env=os.environ | machine.runner_environment() | {"DOCKER_HOST": f"unix://{emptied.socket}"},
            check=True,
            capture_output=True,
        )
        after = downloaded.read_text().split()[len(before) :]
        assert {name.partition("-")[0] for name in after} >= {"segno", "fastapi", "pytest"}
