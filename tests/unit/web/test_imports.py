"""The web process starts without the SDKs that only a worker and the deployer need: they take seconds to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

SDKS = {"docker", "github", "httpx", "lingua", "openai"}


def imported(*modules: str) -> set[str]:
    """Return which of the SDKs a fresh Python has imported after these modules."""
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return SDKS & set(process.stdout.split())


def test_the_web_process_imports_no_sdk() -> None:
    # What `gptdeploy web` imports.
    assert imported("bot.__main__", "bot.web.app", "bot.web.server", "bot.runs.durable.client", "bot.setup") == set()


@pytest.mark.parametrize("module", ["bot.config", "bot.commands", "bot.runs"])
def test_what_it_needs_of_other_folders_imports_none_either(module: str) -> None:
    assert imported(module) == set()


def test_an_imported_sdk_is_seen() -> None:
    assert "github" in imported("bot.clients.github")
