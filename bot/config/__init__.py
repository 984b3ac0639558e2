"""What the bot can be told: its own settings, a repository's limits, and where packages come from.

`package_index` is a way in of its own: it reads the variables of uv and pip and needs nothing else.
"""

from bot.config.document import as_config, read_egress, read_settings
from bot.config.layers import HouseRules, InForce, Origin, settings_in_force, settle
from bot.config.repository import (
    DEFAULTS_REPOSITORY,
    HOUSE_RULES_LIMIT,
    HOUSE_RULES_PATH,
    REPO_CONFIG_PATH,
    Fault,
    Host,
    RepoConfig,
    WrongSettings,
    json_schema,
)
from bot.config.settings import (
    DEFAULT_LABEL,
    POLL_SECONDS,
    AppSettings,
    EndpointSettings,
    OperatorSetting,
    Settings,
    takes_no_webhooks,
)
from bot.config.stored import dotenv_path, environment, override, store, store_key
from bot.config.written import written

__all__ = [
    "DEFAULTS_REPOSITORY",
    "DEFAULT_LABEL",
    "HOUSE_RULES_LIMIT",
    "HOUSE_RULES_PATH",
    "POLL_SECONDS",
    "REPO_CONFIG_PATH",
    "AppSettings",
    "EndpointSettings",
    "Fault",
    "Host",
    "HouseRules",
    "InForce",
    "OperatorSetting",
    "Origin",
    "RepoConfig",
    "Settings",
    "WrongSettings",
    "as_config",
    "dotenv_path",
    "environment",
    "json_schema",
    "override",
    "read_egress",
    "read_settings",
    "settings_in_force",
    "settle",
    "store",
    "store_key",
    "takes_no_webhooks",
    "written",
]
