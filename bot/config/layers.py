"""The settings in force in a repository: its own, before those of its owner, before the defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.config.document import SettingsFile, as_config, read_settings
from bot.config.repository import DEFAULTS_REPOSITORY, RepoConfig, WrongSettings
from bot.values.overview import Overview


@dataclass(frozen=True)
class Origin:
    """Where a setting comes from: the repository ("owner/name") and the line of its settings file, from 1."""

    repo: str
    line: int


@dataclass(frozen=True)
class HouseRules:
    """What an owner asks of all services, in Markdown, and the repository ("owner/name") that it stands in."""

    repo: str
    text: str


@dataclass(frozen=True)
class InForce:
    """The settings in force.

    Attributes:
        origins: where each setting comes from, by its name; one that has its default is not in it.
        house_rules: None where there are none.
    """

    config: RepoConfig
    origins: Mapping[str, Origin]
    house_rules: HouseRules | None = None


def settings_in_force(overview: Overview) -> InForce:
    """Return the settings in force in a repository.

    Raises:
        WrongSettings: with the faults of its file and of its owner's.
    """
    repo = overview.repo
    owners = f"{repo.partition('/')[0]}/{DEFAULTS_REPOSITORY}"
    files = [read_settings(repo, overview.config)]
    # In the owner's own repository, both are the same file.
    config, origins = settle(files if repo == owners else [*files, read_settings(owners, overview.owner_config)])
    rules = [HouseRules(repo, overview.house_rules), HouseRules(owners, overview.owner_house_rules)]
    return InForce(config, origins, next((each for each in rules if each.text.strip()), None))


def settle(files: Sequence[SettingsFile]) -> tuple[RepoConfig, Mapping[str, Origin]]:
    """Return the settings that files say together, the one that counts most first, and where each comes from.

    A setting is taken as a whole, also a list or one that has settings of its own. What services may reach counts in
    the first file alone: the deployment reads no other.

    Raises:
        WrongSettings: with the faults of all files.
    """
    if faults := tuple(fault for file in files for fault in file.faults):
        raise WrongSettings(faults)
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for file in reversed(files):
        lines = {name: line for name, line in file.lines.items() if name != "egress" or file is files[0]}
        values |= {name: file.values[name] for name in lines}
        origins |= {name: Origin(file.repo, line) for name, line in lines.items()}
    return as_config(values), origins
