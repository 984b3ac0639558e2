"""What `/help settings` shows: each setting in force, and where it comes from."""

from __future__ import annotations

from typing import Any

from bot.commands.registry import Invocation
from bot.commands.starting import issue_number
from bot.config import (
    DEFAULTS_REPOSITORY,
    HOUSE_RULES_LIMIT,
    HOUSE_RULES_PATH,
    REPO_CONFIG_PATH,
    RepoConfig,
    WrongSettings,
    settings_in_force,
    written,
)
from bot.sentence import Sentence, sentence

_LONGEST = 200
"""Characters of a value that are shown."""


def settings_shown(invocation: Invocation) -> str:
    """Return the settings of the repository and of the operator as Markdown, or what is wrong with them."""
    overview = invocation.repository.overview(issue_number(invocation))
    shown: dict[str, Any] = {"repo": overview.repo, "site": overview.site, "path": REPO_CONFIG_PATH}
    try:
        settings = settings_in_force(overview)
    except WrongSettings as wrong:
        return invocation.says("settings", **shown, faults=wrong.faults)
    values = settings.config.model_dump(mode="json")
    return invocation.says(
        "settings",
        **shown,
        faults=(),
        rows=[(name, _shown(values[name]), settings.origins.get(name)) for name in RepoConfig.model_fields],
        rules=settings.house_rules,
        rules_path=HOUSE_RULES_PATH,
        rules_limit=HOUSE_RULES_LIMIT,
        unseen="" if overview.owner_seen else f"{overview.repo.partition('/')[0]}/{DEFAULTS_REPOSITORY}",
        told=[(setting.name, _shown(setting.value), setting.given) for setting in invocation.told],
    )


def _shown(value: Any) -> str | Sentence:
    """Return a value as it can stand in a table; people write some of them."""
    if value is None:
        return sentence("none")
    inert = "".join("?" if char in "`|" or not char.isprintable() else char for char in written(value))
    return f"`{inert if len(inert) <= _LONGEST else inert[: _LONGEST - 1] + '…'}`"
