"""`gptdeploy init`: the files that a repository needs, and settings that people can begin with."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from click.testing import CliRunner

from bot.__main__ import main
from bot.config import REPO_CONFIG_PATH, RepoConfig, json_schema, read_settings, settle
from bot.init import SETTINGS_SCHEMA, first_settings, repository_files


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
