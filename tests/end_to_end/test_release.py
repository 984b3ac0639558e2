"""A tag becomes a release: act runs the release workflow up to a registry here, and the wheel holds all it needs."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
import yaml

from bot import __version__
from bot.demo import machine
from bot.hub import ActRunner
from tests.end_to_end.registries import registry
from tests.unit.hub.act.act_bench import carry_out, order

ROOT = Path(__file__).parents[2]
WORKFLOW = ".github/workflows/release.yml"
OUT_OF_REACH = {"Sign in", "See whether everybody can pull it"}
"""The steps that need GitHub's own registry."""


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=o", "-c", "user.email=o@x")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def address(images: docker.DockerClient) -> Iterator[str]:
    """A registry in the place of GitHub's own."""
    with registry(images) as made:
        yield made.address


@pytest.fixture(scope="module")
def repository(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the files of this one as they are now, whose release workflow pushes to a registry here."""
    folder = tmp_path_factory.mktemp("repository")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
            (folder / name).chmod((ROOT / name).stat().st_mode)
    (folder / WORKFLOW).write_text(build_steps((ROOT / WORKFLOW).read_text().replace("ghcr.io", address)))
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=release")
    return folder


def build_steps(workflow: str) -> str:
    """Leave out what only GitHub can do: its actions, its permissions, and a workflow called by another."""
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
    ref = f"refs/tags/{tag}"
    wanted = order(
        repository / ".git", sha, WORKFLOW, logs, repository="Octo/Demo", ref=ref, event={"ref": ref}, attempt=1
    )
    jobs = carry_out(ActRunner({}, {**machine.runner_environment(), "PATH": os.environ["PATH"]}), wanted)
    return {job.name: (job.conclusion, job.log.read_text() if job.log.exists() else "") for job in jobs}


def test_a_tag_builds_packages_that_name_the_image_by_its_digest(
    images: docker.DockerClient, repository: Path, address: str, tmp_path: Path
) -> None:
    name = f"{address}/octo/demo"
    try:
        jobs = release(repository, f"v{__version__}", tmp_path)

        for job in ("Build and push the image", "Build wheel and sdist"):
            assert jobs[job][0] == "success", jobs[job][1]
        assert f"gptdeploy, version {__version__}" in jobs["Build and push the image"][1]
        deployer = images.images.get_registry_data(f"{name}:{__version__}-deployer").id
        named = f"GPTDEPLOY_IMAGE: ${{{{ vars.GPTDEPLOY_IMAGE || '{name}@{deployer}' }}}}"
        # The workflow file that the installed wheel writes, and that the image writes which people start.
        assert named in jobs["Build wheel and sdist"][1]
        assert named in jobs["Build and push the image"][1]
        started = images.images.get_registry_data(f"{name}:{__version__}")
        assert started.id != deployer

        images.images.pull(f"{name}@{deployer}")
        said = images.containers.run(f"{name}@{deployer}", ["deploy", "--help"], remove=True)
        assert b"--announce" in said
    finally:
        for image in images.images.list(name):
            images.images.remove(image.id or "", force=True)


def test_a_tag_that_is_not_the_version_releases_nothing(
    engine: docker.DockerClient, repository: Path, tmp_path: Path
) -> None:
    jobs = release(repository, "v999.0", tmp_path)

    conclusion, log = jobs["Build and push the image"]
    assert conclusion == "failure"
    assert f"The tag v999.0 is not v{__version__}, the version in bot/__init__.py" in log
    assert jobs["Build wheel and sdist"][0] == "skipped"


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
    repository = "bot/templates/repository"
    assert packed == expected | {f"{repository}/.github/ISSUE_TEMPLATE/microservice.yml", f"{repository}/app.yml"}
