"""`gptdeploy init`: the files that a repository needs, and settings that people can begin with."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from click.testing import CliRunner

from bot.__main__ import main
from bot.config import REPO_CONFIG_PATH, RepoConfig, json_schema, read_settings, settle
from bot.init import SETTINGS_SCHEMA, deployer_image, first_settings, outdated, repository_files
from bot.values.outdated import Outdated


def test_the_first_settings_set_nothing_and_name_all_there_is() -> None:
    text = first_settings()[REPO_CONFIG_PATH]
    assert settle([read_settings("octo/services", text)]) == (RepoConfig(), {})
    assert text.startswith(f"# yaml-language-server: $schema={Path(SETTINGS_SCHEMA).name}\n")
    named = [name for name in RepoConfig.model_fields if f"\n# {name}: " in text]
    assert named == list(RepoConfig.model_fields)


def test_each_line_can_be_taken_as_it_stands() -> None:
    text = first_settings()[REPO_CONFIG_PATH]
    lines = [line.removeprefix("# ") for line in text.splitlines() if line.startswith(_BEGINNINGS)]
    assert settle([read_settings("octo/services", "\n".join(lines))])[0] == RepoConfig()
    assert set(yaml.safe_load("\n".join(lines))) == set(RepoConfig.model_fields)


_BEGINNINGS = tuple(f"# {name}: " for name in RepoConfig.model_fields)


def test_what_people_have_set_stays(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert json.loads((tmp_path / SETTINGS_SCHEMA).read_text()) == json_schema()
    assert all((tmp_path / name).read_text() == text for name, text in (repository_files() | first_settings()).items())

    (tmp_path / REPO_CONFIG_PATH).write_text("fixes: 3\n")
    (tmp_path / SETTINGS_SCHEMA).write_text("of an earlier version")
    ran = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / REPO_CONFIG_PATH).read_text() == "fixes: 3\n"
    assert json.loads((tmp_path / SETTINGS_SCHEMA).read_text()) == json_schema()


def test_a_release_names_its_image_in_the_deploy_workflow(tmp_path: Path) -> None:
    """What a release is, is decided by a file in the installed package, so one is laid out."""
    root = Path(__file__).parents[2]
    for folder in ("bot", "templates", ".github"):
        shutil.copytree(root / folder, tmp_path / "release" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "app.yml", tmp_path / "release")
    image = f"ghcr.io/octo/gptdeploy@sha256:{'a' * 64}"
    command = [sys.executable, "-m", "bot", "init", str(tmp_path)]
    deploy = tmp_path / ".github/workflows/microservice-deploy.yml"

    def named() -> str:
        subprocess.run(command, cwd=tmp_path / "release", check=True, capture_output=True)
        (found,) = (
            step["env"]["GPTDEPLOY_IMAGE"]
            for step in yaml.safe_load(deploy.read_text())["jobs"]["deploy"]["steps"]
            if step["name"] == "Roll out"
        )
        return str(found)

    assert named() == "${{ vars.GPTDEPLOY_IMAGE }}"
    assert deployer_image(deploy.read_text()) == ""
    (tmp_path / "release/bot/release_image.txt").write_text(image + "\n")
    assert named() == f"${{{{ vars.GPTDEPLOY_IMAGE || '{image}' }}}}"
    assert deployer_image(deploy.read_text()) == image
    assert outdated({deploy.name: deploy.read_text()}) == ()


def shipped() -> dict[str, str]:
    """Return the workflow files of this version by their names."""
    return {path.rpartition("/")[2]: text for path, text in repository_files().items() if "/workflows/" in path}


def test_workflow_files_of_this_version_are_not_old_whatever_people_change_in_them() -> None:
    present = {name: text.replace("ubuntu-latest", "[self-hosted, big]") for name, text in shipped().items()}
    assert outdated(present) == outdated({}) == ()


def test_what_an_old_workflow_file_lacks_is_named() -> None:
    deploy = shipped()["microservice-deploy.yml"]
    older = re.sub(r"(?m)^run-name:.*\n(  .*\n)*", "", deploy).replace(", unlabeled]", "]")
    older = older[: older.index("  answer:\n    name: Answer")]
    assert outdated({"microservice-deploy.yml": older}) == (
        Outdated(name="microservice-deploy.yml", lacks=("run-name", "unlabeled", "answer")),
    )
    found = outdated({"microservice-deploy.yml": re.sub(r"(?ms)^  find:.*?^  build:", "  build:", deploy)})
    assert found == (Outdated(name="microservice-deploy.yml", lacks=("find",)),)
    # Comments count for nothing.
    assert outdated({"microservice-build.yml": "# jobs: [build]\n"})[0].name == "microservice-build.yml"
