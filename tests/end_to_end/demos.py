"""The demo as a newcomer starts it, and the same parts started once for all tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.demo.stack import Stack
from bot.demo.state import State
from bot.deploy import NAME_VARIABLE
from bot.values.progress import Progress
from tests.fakes.model import Answer, FakeModel, Raw

REPLAYED = ("roman", "contact", "qr", "csv-to-xlsx")
"""The tasks of the evaluation whose recorded replies the bot of the stack gets."""
RUN_SECONDS = 600


class Spoken(FakeModel):
    """Says what a test tells it to, and beyond that what another endpoint says.

    Attributes:
        about: what it says next where it is asked something that quotes these words.
    """

    def __init__(self, beyond: str) -> None:
        super().__init__()
        self.about: dict[str, list[Answer]] = {}
        self._beyond = beyond

    def next_answer(self, request: dict[str, Any]) -> Answer:
        said = "\n".join(message["content"] for message in request["messages"])
        for words, answers in self.about.items():
            if words in said and answers:
                return answers.pop(0)
        response = httpx.post(f"{self._beyond}/chat/completions", json=request, timeout=60, trust_env=False)
        return Raw(response.json(), response.status_code)


@dataclass(frozen=True)
class Second:
    """What came of two demos that were started at the same time after the first.

    Attributes:
        without_fixes: what it tells of the same example with a configuration that allows one strategy and no fix.
        typed: what `gptdeploy --description ...` has printed for the example `qr`.
    """

    without_fixes: dict[str, Any]
    typed: subprocess.CompletedProcess[str]


class Demo:
    """`gptdeploy demo`, in a folder of its own, with a platform of its own, and without a key for a model."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.folder = folder
        self.platform = platform
        without_keys = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
        self.environment = without_keys | {NAME_VARIABLE: platform}

    def beside(self, folder: Path) -> Demo:
        """Return a demo in another folder that uses registry and platform of this one, once they are up."""
        State(folder / ".gptdeploy").record(**State(self.folder / ".gptdeploy").started.model_dump())
        return Demo(folder, self.platform)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", "demo", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=RUN_SECONDS
        )

    def typed(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `gptdeploy` with options alone, and nobody at the prompt."""
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
        )

    def once(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """Run to the end of an issue; return the JSON object of the last line."""
        done = self.run("--once", "--json", *arguments)
        assert done.returncode == status, f"{done.stderr}\n{self._logs()}"
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result

    def _logs(self) -> str:
        files = sorted((self.folder / ".gptdeploy" / "logs").glob("*.log"))
        return "\n".join(f"{file.name}:\n{file.read_text()[-3000:]}" for file in files)


def ended(stack: Stack, issue: int) -> Progress:
    """Wait until the run of an issue has ended; return its last progress."""
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        progress, is_over = stack.look(issue)
        if progress is not None and is_over:
            return progress
        time.sleep(0.1)
    raise AssertionError(f"the run of issue {issue} has not ended: {progress}")
