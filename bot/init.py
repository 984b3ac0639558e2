"""The files a repository needs before issues in it can become services."""

from __future__ import annotations

import json

from bot.config import REPO_CONFIG_PATH, RepoConfig, json_schema
from bot.render import templates_dir

WORKFLOWS = ".github/workflows"
ISSUE_FORM = ".github/ISSUE_TEMPLATE/microservice.yml"

SETTINGS_SCHEMA = ".github/microservice.schema.json"
"""The JSON schema of the settings file beside it, for editors."""

_NAMES = (f"{WORKFLOWS}/microservice-build.yml", f"{WORKFLOWS}/microservice-deploy.yml", ISSUE_FORM)


def repository_files() -> dict[str, str]:
    """Return path and text of the workflow files and the issue form, the same that this project's repository holds."""
    templates = templates_dir()
    checkout = templates.parent
    # An installed package carries them beside its templates; in a checkout they are where GitHub wants them.
    packaged = templates / "repository"
    root = packaged if packaged.is_dir() else checkout
    return {name: (root / name).read_text() for name in _NAMES}


def schema_text() -> str:
    """Return the JSON schema of the settings file as a file."""
    return json.dumps(json_schema(), indent=2) + "\n"


def first_settings() -> dict[str, str]:
    """Return path and text of a settings file that sets nothing and names all there is, and of its schema."""
    schema = SETTINGS_SCHEMA.rpartition("/")[2]
    lines = [
        f"# yaml-language-server: $schema={schema}",
        "# What gptdeploy goes by in this repository. Each line is a default: take away the # and change the value.",
    ]
    values = RepoConfig().model_dump(mode="json")
    for name, field in RepoConfig.model_fields.items():
        lines += ["", f"# {field.description}", f"# {name}: {json.dumps(values[name])}".replace('"', "")]
    return {REPO_CONFIG_PATH: "\n".join(lines) + "\n", SETTINGS_SCHEMA: schema_text()}
