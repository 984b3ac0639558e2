"""The settings of a repository, their JSON schema, and what they may cost."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from bot.config import RepoConfig, json_schema, read_settings, settle
from bot.values.cost import Budget
from tests.reference import ROOT


def read(text: str) -> RepoConfig:
    return settle([read_settings("octo/services", text)])[0]


def test_settings_are_read_and_the_others_keep_their_defaults() -> None:
    config = read("fixes: 3\nmerge: manual\nmax_tokens: 500000\npackages:\n  allow: [segno]\n")
    assert (config.fixes, config.merge, config.strategies, config.packages.allow) == (3, "manual", 5, ("segno",))
    assert config.budget == Budget(max_tokens=500_000)


@pytest.mark.parametrize("text", ["", "\n# nothing yet\n", "{}", "null"])
def test_an_empty_file_gives_the_defaults(text: str) -> None:
    assert read(text) == RepoConfig()


def test_the_published_schema_is_the_codes() -> None:
    published = json.loads((ROOT / "docs/microservice.schema.json").read_text())
    assert published == json_schema(), "`make docs` writes it"
    jsonschema.Draft202012Validator.check_schema(published)


@pytest.mark.parametrize(
    "text",
    [
        "fixes: 0",
        "fixes: 11",
        "fixes: '3'",
        "fixes: yes",
        "fixs: 1",
        "merge: later",
        "merge: auto",
        "merge:",
        "max_minutes: 1.5",
        "max_minutes: null",
        "max_minutes: 0",
        "budget_usd: 2",
        "packages: {allow: [segno]}",
        "packages: {allow: segno}",
        "packages: {allow: [3]}",
        "packages: {alow: []}",
        "- fixes",
    ],
)
def test_the_schema_and_the_bot_take_the_same(text: str) -> None:
    document: Any = yaml.safe_load(text)
    taken = not read_settings("octo/services", text).faults
    assert jsonschema.Draft202012Validator(json_schema()).is_valid(document) is taken
