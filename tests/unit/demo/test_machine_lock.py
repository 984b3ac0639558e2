"""The lock holds what pyproject.toml asks for, and nothing about the machine it was made on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", LOCK, re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = [
    *PROJECT["project"]["dependencies"],
    *(text for texts in PROJECT["project"].get("optional-dependencies", {}).values() for text in texts),
    *(text for texts in PROJECT["dependency-groups"].values() for text in texts),
]


@pytest.mark.parametrize("text", WANTED)
def test_the_lock_is_current(text: str) -> None:
    wanted = Requirement(text)
    locked = LOCKED.get(canonicalize_name(wanted.name))
    assert locked is not None and wanted.specifier.contains(locked), f"{text} is locked as {locked}: run `make lock`"


def test_every_locked_version_has_its_hashes() -> None:
    entries = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(re.findall(r"^[a-z0-9]", LOCK, re.MULTILINE))
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_index_and_no_path() -> None:
    bare = re.sub(r"--hash=sha256:[0-9a-f]{64}", "", LOCK)
    assert re.findall(r"--\S+|\S*[:@]//\S*|\S+ @ \S+|(?<![\w.])/\S+", bare) == []
