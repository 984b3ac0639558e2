"""What people can ask of the platform; the bot asks it of the deploy workflow, and the deployer carries it out."""

from __future__ import annotations

from enum import StrEnum


class Operation(StrEnum):
    """What is done with a service that is live, or could be; the words are those of the commands."""

    ROLLBACK = "rollback"
    LOGS = "logs"
    LIST = "list"
    SCALE = "scale"
    DELETE = "delete"
    PREVIEW = "preview"
