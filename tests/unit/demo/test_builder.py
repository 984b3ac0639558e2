"""Which client builds, told from `docker` commands that answer like clients of several versions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.demo import builder

CLIENT = """\
#!/bin/sh
case "$1" in
version) echo '{version} 20.10.24'; exit {refused} ;;
buildx) exit {no_buildx} ;;
esac
"""


def client(folder: Path, version: str, *, buildx: bool = False, answered: bool = True) -> Path:
    folder.mkdir()
    path = folder / "docker"
    path.write_text(CLIENT.format(version=version, refused=int(not answered), no_buildx=int(not buildx)))
    path.chmod(0o755)
    return path


def choose(tmp_path: Path) -> tuple[Path | None, str]:
    """Return the client that a runner would use (None: none of these), and DOCKER_BUILDKIT."""
    commands = builder.commands([str(tmp_path / name) for name in ("a", "b", "c")])
    environment = builder.environment(tmp_path / "bin", commands)
    links = Path(environment["PATH"].split(os.pathsep)[0], "docker")
    return (links.resolve() if links.parent == tmp_path / "bin" else None), environment["DOCKER_BUILDKIT"]


def test_a_new_client_without_buildx_gives_way_to_an_old_one(tmp_path: Path) -> None:
    client(tmp_path / "a", "28.2.2")
    old = client(tmp_path / "b", "20.10.24+dfsg1")
    assert choose(tmp_path) == (old, "1")


def test_the_first_client_on_the_path_needs_no_link(tmp_path: Path) -> None:
    client(tmp_path / "a", "28.2.2", buildx=True)
    client(tmp_path / "b", "20.10.24")
    assert choose(tmp_path) == (None, "1")
    assert not (tmp_path / "bin").exists()


def test_a_client_that_the_engine_refuses_is_passed_over(tmp_path: Path) -> None:
    client(tmp_path / "a", "20.10.24", answered=False)
    new = client(tmp_path / "b", "29.0.1", buildx=True)
    assert choose(tmp_path) == (new, "1")


def test_without_buildkit_the_legacy_builder_is_used(tmp_path: Path) -> None:
    client(tmp_path / "a", "28.2.2", answered=False)
    legacy = client(tmp_path / "b", "28.2.2")
    assert choose(tmp_path) == (legacy, "0")


def test_without_any_client_the_path_stays(tmp_path: Path) -> None:
    assert choose(tmp_path) == (None, "0")


def test_the_link_is_renewed(tmp_path: Path) -> None:
    client(tmp_path / "a", "28.2.2")
    old = client(tmp_path / "b", "20.10.24")
    assert choose(tmp_path)[0] == old
    old.unlink()
    other = client(tmp_path / "c", "20.10.5")
    assert choose(tmp_path)[0] == other


@pytest.mark.parametrize("answer", ["", "garbage"])
def test_a_command_that_is_no_client_is_passed_over(tmp_path: Path, answer: str) -> None:
    client(tmp_path / "a", answer)
    old = client(tmp_path / "b", "20.10.24")
    assert choose(tmp_path) == (old, "1")


def test_the_link_runs_the_client(tmp_path: Path) -> None:
    client(tmp_path / "a", "28.2.2")
    client(tmp_path / "b", "20.10.24")
    environment = builder.environment(tmp_path / "bin", builder.commands([str(tmp_path / "a"), str(tmp_path / "b")]))
    shown = subprocess.run(["env", "docker", "version"], env=environment, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("20.10.24")
