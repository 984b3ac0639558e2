"""A workflow file that is older than the bot."""

from __future__ import annotations

from bot.values.value import Value


class Outdated(Value):
    """A workflow file of a repository that lacks something of this version's.

    Attributes:
        name: such as "microservice-deploy.yml".
        lacks: what it does not have: triggers, inputs, jobs and keys, as they stand in the file.
    """

    name: str
    lacks: tuple[str, ...]
