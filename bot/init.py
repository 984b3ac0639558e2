"""The files a repository needs before issues in it can become services."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

import bot
from bot.config import REPO_CONFIG_PATH, RepoConfig, json_schema, written
from bot.render import templates_dir
from bot.values.outdated import Outdated

WORKFLOWS = ".github/workflows"
ISSUE_FORM = ".github/ISSUE_TEMPLATE/microservice.yml"

SETTINGS_SCHEMA = ".github/microservice.schema.json"
"""The JSON schema of the settings file beside it, for editors."""

RELEASE_IMAGE = "release_image.txt"
"""In a release, beside this file: its image on a registry, by digest. The release workflow writes it."""

_NAMES = (f"{WORKFLOWS}/microservice-build.yml", f"{WORKFLOWS}/microservice-deploy.yml", ISSUE_FORM)


_BY_VARIABLE = "GPTDEPLOY_IMAGE: ${{ vars.GPTDEPLOY_IMAGE }}"
_WITH_DEFAULT = re.compile(r"^\s*GPTDEPLOY_IMAGE: \$\{\{ vars\.GPTDEPLOY_IMAGE \|\| '([^']*)' \}\}", re.MULTILINE)


def repository_files() -> dict[str, str]:
    """Return path and text of the workflow files and the issue form.

    They are those that this project's repository holds. In a release the deploy workflow also names the release's
    image, for runners that lack the command `gptdeploy`.
    """
    files = {name: (_root() / name).read_text() for name in _NAMES}
    image = release_image()
    if image:
        deploy = f"{WORKFLOWS}/microservice-deploy.yml"
        files[deploy] = files[deploy].replace(_BY_VARIABLE, f"{_BY_VARIABLE[:-3]} || '{image}' }}}}")
    return files


def release_image() -> str:
    """Return the image that deploys for this release, by digest; "" where the bot is no release."""
    file = Path(bot.__file__).with_name(RELEASE_IMAGE)
    return file.read_text().strip() if file.exists() else ""


def deployer_image(workflow: str) -> str:
    """Return the image that the text of a deploy workflow names for itself, or ""."""
    found = _WITH_DEFAULT.search(workflow)
    return found[1] if found else ""


def app_manifest() -> dict[str, Any]:
    """Return what `app.yml` says of the App."""
    loaded: dict[str, Any] = yaml.safe_load((_root() / "app.yml").read_text())
    return loaded


def _root() -> Path:
    # An installed package carries them beside its templates; in a checkout they are where GitHub wants them.
    packaged = templates_dir() / "repository"
    return packaged if packaged.is_dir() else templates_dir().parent


def outdated(present: Mapping[str, str]) -> tuple[Outdated, ...]:
    """Return which workflow files of a repository are older than this version's: what is in those has to be in them.

    What people change themselves, such as the runner or a step, makes a file no older.

    Args:
        present: the texts of the files, by their names without a folder; "" for one that is not there.
    """
    files = {path.rpartition("/")[2]: text for path, text in repository_files().items() if path.startswith(WORKFLOWS)}
    found = []
    for name, text in files.items():
        # Looked for line by line: whoever may write the file could have YAML read for minutes.
        own = re.sub(r"(^|\s)#.*", "", present.get(name, ""))
        top, _, jobs = own.partition("\njobs:")
        triggers, wanted = _counted_on(text)
        lacks = [part for part, line in triggers if not re.search(line, top, re.MULTILINE)]
        lacks += [job for job in wanted if not re.search(rf"^\s+{job}:", jobs, re.MULTILINE)]
        if own and lacks:
            found.append(Outdated(name=name, lacks=tuple(dict.fromkeys(lacks))))
    return tuple(found)


# Every run asks this of the same two files, and YAML is slow to parse.
@lru_cache(maxsize=8)
def _counted_on(text: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return what the bot counts on in a workflow file of this version: see `_triggers`, and the names of its jobs."""
    workflow = yaml.safe_load(text)
    return tuple(_triggers(workflow)), tuple(workflow["jobs"])


def _triggers(workflow: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the bot counts on before the jobs of a workflow, with a pattern of its line: keys, triggers with their
    types, and inputs with their values."""
    for key in ("run-name", "concurrency"):
        if key in workflow:
            yield key, rf"^{key}:"
    # To YAML 1.1 the key `on` is true.
    for event, how in workflow.get(True, {}).items():
        how = how or {}
        inputs = how.get("inputs") or {}
        options = [value for each in inputs.values() for value in each.get("options", ())]
        yield from ((name, rf"^\s+{name}:") for name in (event, *inputs))
        yield from ((value, rf"(?<![\w-]){value}(?![\w-])") for value in (*how.get("types", ()), *options))


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
        lines += ["", f"# {field.description}", f"# {name}: {written(values[name])}".replace('"', "")]
    return {REPO_CONFIG_PATH: "\n".join(lines) + "\n", SETTINGS_SCHEMA: schema_text()}
