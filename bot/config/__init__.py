"""What the bot can be told: its own settings, a repository's limits, and where packages come from.

`package_index` is a way in of its own: it reads the variables of uv and pip and needs nothing else.
"""

from bot.config.document import as_config, read_settings
from bot.config.layers import HouseRules, InForce, Origin, settings_in_force, settle
from bot.config.repository import (
    DEFAULTS_REPOSITORY,
    HOUSE_RULES_LIMIT,
    HOUSE_RULES_PATH,
    REPO_CONFIG_PATH,
    Fault,
    RepoConfig,
    WrongSettings,
    json_schema,
)
from bot.config.settings import DEFAULT_LABEL, OperatorSetting, Settings

__all__ = [
    "DEFAULTS_REPOSITORY",
    "DEFAULT_LABEL",
    "HOUSE_RULES_LIMIT",
    "HOUSE_RULES_PATH",
    "REPO_CONFIG_PATH",
    "Fault",
    "HouseRules",
    "InForce",
    "OperatorSetting",
    "Origin",
    "RepoConfig",
    "Settings",
    "WrongSettings",
    "as_config",
    "json_schema",
    "read_settings",
    "settings_in_force",
    "settle",
]
