"""The commands that start the bot's two processes."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class BotCommands:
    """How the demo starts the bot. An evaluation starts another worker in the same way."""

    web: tuple[str, ...] = (sys.executable, "-m", "bot", "web")
    worker: tuple[str, ...] = (sys.executable, "-m", "bot", "worker")
