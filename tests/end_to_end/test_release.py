"""A tag becomes a release: act runs the build steps of the release workflow, and the wheel holds all it needs."""

from __future__ import annotations

import os
import subprocess
import threading
import zipfile
from pathlib import Path

import docker
import pytest
import yaml

from bot import __version__
from bot.demo import machine
from bot.hub import ActRunner
from bot.hub.act import WorkflowOrder
from bot.hub.state import Job

ROOT = Path(__file__).parents[2]
WORKFLOW = ".github/workflows/release.yml"
OUT_OF_REACH = {"Sign in", "Push"}
"""The steps that need the registry of GitHub."""


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=o", "-c", "user.email=o@x")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the files of this one as they are now, whose release workflow is cut to its build steps."""
    folder = tmp_path_factory.mktemp("repository")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
            (folder / name).chmod((ROOT / name).stat().st_mode)
    (folder / WORKFLOW).write_text(build_steps((ROOT / WORKFLOW).read_text()))
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=release")
    return folder


def build_steps(workflow: str) -> str:
    """Leave out what only GitHub can do: its actions, its registry, and a workflow called by another."""
    data = yaml.safe_load(workflow)
    data["on"] = data.pop(True)  # YAML 1.1 takes `on` for a boolean
    data["jobs"] = {name: job for name, job in data["jobs"].items() if "steps" in job and name != "publish"}
    for job in data["jobs"].values():
        job["needs"] = [name for name in job.get("needs", ()) if name in data["jobs"]]
        job["steps"] = [step for step in job["steps"] if here(step)]
    return yaml.safe_dump(data, sort_keys=False)


def here(step: dict[str, str]) -> bool:
    return step["name"] not in OUT_OF_REACH and step.get("uses", "actions/checkout@").startswith("actions/checkout@")


def release(repository: Path, tag: str, logs: Path) -> dict[str, tuple[str | None, str]]:
    """Push a tag; return each job's conclusion and log by its name."""
    sha = git(repository, "rev-parse", "HEAD")
    jobs: list[Job] = []

    def changed(now: list[Job]) -> None:
        jobs[:] = now

    order = WorkflowOrder(
        repository="Octo/Demo",
        git_dir=repository / ".git",
        checkout_sha=sha,
        head_sha=sha,
        ref=f"refs/tags/{tag}",
        event_name="push",
        event={"ref": f"refs/tags/{tag}"},
        workflow_path=WORKFLOW,
        run_id=1,
        attempt=1,
        token="ghs_0123456789secret",
        api_url="http://127.0.0.1:1/api/v3",
        server_url="http://127.0.0.1:1",
        logs=logs,
    )
    ActRunner({}, {**machine.runner_environment(), "PATH": os.environ["PATH"]}).run(order, changed, threading.Event())
    return {job.name: (job.conclusion, job.log.read_text() if job.log.exists() else "") for job in jobs}


def test_a_tag_builds_packages_and_image(images: docker.DockerClient, repository: Path, tmp_path: Path) -> None:
    image = f"ghcr.io/octo/demo:{__version__}"
    try:
        jobs = release(repository, f"v{__version__}", tmp_path)

        for name, said in (
            ("Build wheel and sdist", "wrote repository/.github/workflows/microservice-build.yml"),
            ("Build and push the image", f"gptdeploy, version {__version__}"),
        ):
            conclusion, log = jobs[name]
            assert conclusion == "success", log
            assert said in log
    finally:
        if images.images.list(image):
            images.images.remove(image, force=True)


def test_a_tag_that_is_not_the_version_releases_nothing(repository: Path, tmp_path: Path) -> None:
    jobs = release(repository, "v999.0", tmp_path)

    conclusion, log = jobs["Build wheel and sdist"]
    assert conclusion == "failure"
    assert f"The tag v999.0 is not v{__version__}, the version in bot/__init__.py" in log
    assert jobs["Build and push the image"][0] == "skipped"


def test_the_wheel_holds_every_file_that_is_read(tmp_path: Path) -> None:
    command = [str(ROOT / ".venv/bin/uv"), "build", "--quiet", "--out-dir", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "UV_SYSTEM_CERTS": "1"})
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    tracked = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "bot", "templates").splitlines()
    expected = {name if name.startswith("bot/") else f"bot/{name}" for name in tracked if (ROOT / name).is_file()}
    workflows = ("microservice-build.yml", "microservice-deploy.yml")
    expected |= {f"bot/templates/repository/.github/workflows/{name}" for name in workflows}
    assert packed == expected | {"bot/templates/repository/.github/ISSUE_TEMPLATE/microservice.yml"}
