"""A service that is live."""

from __future__ import annotations

from dataclasses import dataclass

from bot.deploy.doors import Gap
from bot.deploy.versions import Version
from bot.values.deployment import Deployment


@dataclass(frozen=True)
class Live:
    """A service that is live.

    Attributes:
        before: the version that was live before; None for the first.
        newer: a newer commit was live, which holds the one that was wanted, and has stayed.
        gap: what is missing on the way to it from where it was deployed; None where it was reached, or not asked.
    """

    deployment: Deployment
    version: Version
    before: Version | None
    newer: bool = False
    gap: Gap | None = None
