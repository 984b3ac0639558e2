"""`gptdeploy demo` with a bot that leaves parts out: `python -m tests.evaluate.demo PART,... [OPTIONS of the demo]`."""

from __future__ import annotations

import sys

from bot.demo.command import demo
from bot.demo.processes import BotCommands

if __name__ == "__main__":
    parts, *arguments = sys.argv[1:]
    demo(arguments, obj=BotCommands(worker=(sys.executable, "-m", "tests.evaluate.worker", parts)))
