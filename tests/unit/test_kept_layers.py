"""What a build keeps for the next one, and who can read it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.end_to_end import services
from tests.unit import workflow_files
from tests.unit.workflow_files import BUILD, DEPLOY

NAME = f"services/{services.SPEC.slug}/Dockerfile"


def dockerfile_of_hosted_runners(folder: Path, text: str) -> str:
    """Return what becomes of a service's Dockerfile in a build on a runner of GitHub's."""
    name = "Give the installers a folder for downloads"
    (step,) = [step for step in workflow_files.steps(BUILD) if step["name"] == name]
    path = folder / NAME
    path.parent.mkdir(parents=True)
    path.write_text(text)
    environment = {"SERVICES": services.SPEC.slug, "PATH": "/usr/bin:/bin"}
    subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], cwd=folder, env=environment, check=True)
    return path.read_text()


def test_the_deployment_reads_nothing_that_another_workflow_run_has_kept() -> None:
    """Those of the default branch would be a way from a preview to what is live."""
    text = workflow_files.text(DEPLOY)
    assert "cache" not in text.replace("apt-cache", "").lower()
    assert not [step for step in workflow_files.steps(DEPLOY) if "buildx" in str(step.get("uses"))]


def test_only_a_red_build_of_a_pull_request_keeps_anything() -> None:
    assert list(workflow_files.workflow(BUILD)[True]) == ["pull_request"]
    saving = [step for step in workflow_files.steps(BUILD) if "cache/save" in str(step.get("uses"))]
    assert [step["if"].partition(" && ")[0] for step in saving] == ["failure()", "failure()"]


def test_a_services_own_dockerfile_shares_nothing_between_builds() -> None:
    """An engine keeps what is shared for all who build on it, the deployment among them."""
    assert "--mount" not in services.files()[NAME]


def test_installers_alone_see_the_downloads(tmp_path: Path) -> None:
    before = services.files()[NAME].splitlines()
    after = dockerfile_of_hosted_runners(tmp_path, services.files()[NAME]).splitlines()
    # Lines keep their numbers: the log of a failed build names them.
    assert len(after) == len(before)
    tests = before.index("FROM tools AS test")
    assert after[tests:] == before[tests:]
    installing = [line for line in after if " install --" in line and "directory" not in line]
    assert len(installing) == 3
    assert all("/var/cache/downloads" in line for line in installing)
    assert all("target=/var/cache/downloads " in line for line in after[:tests] if line.startswith("RUN "))
