"""Find the `docker` command on this machine that builds with BuildKit.

From version 23 on, the command needs the buildx plugin for it, and uses the legacy builder without. Older commands have
BuildKit built in, and use it when DOCKER_BUILDKIT=1. A machine may have several of these commands, and often one of
them has no plugins. So all of them are asked.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_BUILDX_SINCE = 23


@dataclass(frozen=True)
class DockerCommand:
    """A `docker` command.

    Attributes:
        version: its major version, 0 if unknown.
        answered: whether the engine answered it; a command may be too old for an engine.
        buildx: whether it has the buildx plugin.
    """

    path: Path
    version: int
    answered: bool
    buildx: bool

    @property
    def has_buildkit(self) -> bool:
        """Whether it builds with BuildKit, if DOCKER_BUILDKIT=1."""
        return self.answered and (self.buildx or 0 < self.version < _BUILDX_SINCE)


def commands(folders: Sequence[str]) -> list[DockerCommand]:
    """Ask every `docker` in the folders what it can do; the answers come in the order of the folders."""
    paths = dict.fromkeys(Path(folder, "docker") for folder in folders)
    return [_ask(path) for path in paths if path.is_file() and os.access(path, os.X_OK)]


def environment(folder: Path, candidates: Sequence[DockerCommand]) -> dict[str, str]:
    """Return PATH and DOCKER_BUILDKIT for the first command that builds with BuildKit.

    Where none does, builds use the legacy builder of the first command that the engine answers.

    Args:
        folder: gets a link to the command where another one comes first on PATH.
        candidates: the commands in the order of PATH.
    """
    folders = [entry for entry in os.get_exec_path() if Path(entry) != folder]
    chosen = next((command for command in candidates if command.has_buildkit), None)
    buildkit = chosen is not None
    chosen = chosen or next((command for command in candidates if command.answered), None)
    if chosen is not None and chosen != candidates[0]:
        folder.mkdir(parents=True, exist_ok=True)
        link = folder / "docker"
        fresh = folder / f".docker-{os.getpid()}"
        fresh.symlink_to(chosen.path)
        fresh.replace(link)
        folders.insert(0, str(folder))
    return {"PATH": os.pathsep.join(folders), "DOCKER_BUILDKIT": "1" if buildkit else "0"}


def _ask(path: Path) -> DockerCommand:
    asked = _run(path, "version", "--format", "{{.Client.Version}} {{.Server.Version}}")
    major = asked.stdout.partition(".")[0]
    return DockerCommand(
        path=path,
        version=int(major) if major.isdigit() else 0,
        answered=asked.returncode == 0,
        buildx=_run(path, "buildx", "version").returncode == 0,
    )


def _run(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [path, *arguments], capture_output=True, text=True, check=False, timeout=20, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess([path], 1, "", "")
