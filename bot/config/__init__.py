"""What the bot can be told: its own settings, a repository's limits, and where packages come from.

`package_index` is a way in of its own: it reads the variables of uv and pip and needs nothing else.
"""

from bot.config.repository import REPO_CONFIG_PATH, RepoConfig
from bot.config.settings import DEFAULT_LABEL, Settings

__all__ = ["DEFAULT_LABEL", "REPO_CONFIG_PATH", "RepoConfig", "Settings"]
