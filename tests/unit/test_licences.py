"""What the bot is installed with is under licences that decision 0016 allows; it names those that ask for more."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/decisions/0016-licences.md"
LESSER = re.compile(r"LGPL|Lesser General Public|MPL|Mozilla Public", re.IGNORECASE)
REFUSED = re.compile(
    r"\bA?GPL|(?<!Lesser )General Public License|EUPL|SSPL|Server Side Public|BUSL|Business Source", re.I
)


def needed() -> dict[str, PackageMetadata]:
    """Return the metadata of all packages that the bot is installed with, the demo's too, by their names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [Requirement(line) for line in (*project["dependencies"], *project["optional-dependencies"]["demo"])]
    found: dict[str, PackageMetadata] = {}
    while asked:
        requirement = asked.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if name in found and not requirement.extras:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:
            # For another system.
            continue
        found[name] = package.metadata
        for line in package.requires or ():
            deeper = Requirement(line)
            if deeper.marker is None or any(deeper.marker.evaluate({"extra": extra}) for extra in extras):
                deeper.marker = None
                asked.append(deeper)
    return found


def licences(metadata: PackageMetadata) -> Iterator[str]:
    """Yield what a package says of its licence; a whole text counts by its first line."""
    yield from metadata.get_all("License-Expression") or ()
    yield from (line for line in metadata.get_all("Classifier") or () if line.startswith("License ::"))
    yield from (text.strip().partition("\n")[0] for text in metadata.get_all("License") or ())


def test_every_library_is_under_a_licence_that_is_allowed() -> None:
    packages = needed()
    assert {"dbos", "psycopg", "psycopg-binary", "pygithub", "greenlet"} <= packages.keys()
    refused = {name: said for name, package in packages.items() if REFUSED.search(said := " ".join(licences(package)))}
    assert refused == {}
    unknown = [name for name, package in packages.items() if not "".join(licences(package))]
    assert unknown == []


def test_the_page_names_those_that_ask_for_something() -> None:
    lesser = {name for name, package in needed().items() if LESSER.search(" ".join(licences(package)))}
    named = {canonicalize_name(name) for name in re.findall(r"^\| (\w[\w.-]+) \|", PAGE.read_text(), re.MULTILINE)}
    assert lesser == named - {"library"}


def test_what_is_refused_is_told_from_what_is_not() -> None:
    for said in (
        "GPL-2.0-or-later",
        "AGPL-3.0-only",
        "License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
    ):
        assert REFUSED.search(said)
    for said in ("LGPL-3.0-only", "License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)"):
        assert LESSER.search(said) and not REFUSED.search(said)
