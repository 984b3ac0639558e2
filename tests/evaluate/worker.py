"""`gptdeploy worker` that leaves parts out, separated by commas: `python -m tests.evaluate.worker PART,...`."""

from __future__ import annotations

import sys

from bot.config import Settings
from bot.worker import build_world, work
from tests.evaluate.left_out import without

if __name__ == "__main__":
    settings = Settings.from_environment()
    work(settings, without(build_world(settings), sys.argv[1].split(",")))
