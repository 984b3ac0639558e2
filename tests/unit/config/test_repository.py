"""The settings of a repository, from its YAML file."""

from __future__ import annotations

import pytest

from bot.config import RepoConfig
from bot.errors import UserError
from bot.values.cost import Budget


def test_settings_are_read_and_the_others_keep_their_defaults() -> None:
    config = RepoConfig.parse("fixes: 3\nmerge: manual\nmax_tokens: 500000\npackages:\n  allow: [segno]\n")
    assert (config.fixes, config.merge, config.strategies, config.packages.allow) == (3, "manual", 5, ("segno",))
    assert config.budget == Budget(max_tokens=500_000)


@pytest.mark.parametrize("text", ["", "\n# nothing yet\n", "{}"])
def test_an_empty_file_gives_the_defaults(text: str) -> None:
    assert RepoConfig.parse(text) == RepoConfig()


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("fixes: 11", ["fixes: "]),
        ("fixes: 11\nfixs: 1\nmerge: later", ["fixes: ", "fixs: ", "merge: "]),
        ("packages: {alow: [x]}", ["packages.alow: "]),
        ("- a", ["must be a mapping"]),
        ("fixes: [", ["is not valid YAML"]),
    ],
)
def test_all_faults_are_named_at_once(text: str, faults: list[str]) -> None:
    with pytest.raises(UserError, match=r"^`\.github/microservice\.yml`") as refused:
        RepoConfig.parse(text)
    assert [fault for fault in faults if fault not in str(refused.value)] == []
