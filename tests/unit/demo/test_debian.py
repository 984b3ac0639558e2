"""What Debian's apt is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.demo import debian

# Without package lists it installs nothing, and it waits for nobody.
APT = """#!/bin/sh
mkdir {folder}/held || exit 100
sleep 0.1
case "$*" in *update*) touch {folder}/lists ;; esac
test -e {folder}/lists
done=$?
rmdir {folder}/held
exit $done
"""


def test_of_several_that_install_each_has_its_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text(APT.format(folder=tmp_path))
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(debian, "LOCK", tmp_path / "lock")
    said: list[str] = []
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(debian.install, [name], said.append) for name in ("one", "two", "three")]:
            done.result()
    assert sorted(said) == ["apt: installing one", "apt: installing three", "apt: installing two"]
