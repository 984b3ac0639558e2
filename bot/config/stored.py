"""Settings that the bot itself stores: in `.env`, which only this user can read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def dotenv_path() -> Path:
    """Return the `.env` of the working directory, or of a folder above it; that of the working directory if none is."""
    # The deployer reads repositories' settings alone, and starts without it.
    from dotenv import find_dotenv

    return Path(find_dotenv(usecwd=True) or ".env").absolute()


def environment() -> dict[str, str]:
    """Return the process's environment; what is not set there, or empty, is as `.env` has it."""
    from dotenv import dotenv_values

    stored = {name: value for name, value in dotenv_values(dotenv_path()).items() if value}
    return stored | {name: value for name, value in os.environ.items() if value or name not in stored}


def override(values: Mapping[str, str]) -> None:
    """Have this process, and those that it starts, go by these values, whatever the environment and `.env` say."""
    os.environ.update(values)


def store(values: Mapping[str, str]) -> Path:
    """Set variables in `.env`, where other lines stay as they are; return the file."""
    from dotenv import set_key

    path = dotenv_path()
    _private(path)
    for name, value in values.items():
        set_key(path, name, value)
    # It was written anew.
    path.chmod(0o600)
    return path


def store_key(name: str, pem: str) -> Path:
    """Store a private key in a file of its own beside `.env`; return the file."""
    path = dotenv_path().with_name(name)
    _private(path)
    path.write_text(pem)
    return path


def _private(path: Path) -> None:
    """Make sure that there is a file that nobody else can read, before anything is in it."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)
