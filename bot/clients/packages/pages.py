"""A project's page on a Python package index: its files, and which of them the image can install. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html.parser import HTMLParser
from itertools import product
from typing import Any
from urllib.parse import unquote

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import InvalidVersion, Version

from bot.clients.packages.base_image import PYTHON

_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".egg", ".exe", ".msi", ".rpm", ".tar.xz", ".deb", ".dmg")


class NoPage(ValueError):
    """The answer is no page of the simple API."""


@dataclass(frozen=True)
class File:
    """One file of a project.

    Attributes:
        url: as the page has it, which may be relative to the page.
        requires: the Pythons it is for, as a specifier; empty where the index does not say.
        uploaded: None where the index does not say.
    """

    name: str
    url: str
    requires: str = ""
    yanked: bool = False
    uploaded: datetime | None = None


@dataclass(frozen=True)
class Release:
    """One version of a project, as far as the index has files of it.

    Attributes:
        wheel: URL of the wheel that suits the image best, as the page has it, or None.
        source: there is a source archive for the image's Python.
    """

    wheel: str | None = None
    source: bool = False


def files_on_page(content: bytes, content_type: str) -> list[File]:
    """Return the files on a project's page, in JSON or HTML; empty where nothing was ever uploaded.

    https://packaging.python.org/en/latest/specifications/simple-repository-api/

    Raises:
        NoPage: it is something else, such as a proxy's form to log in.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("application/vnd.pypi.simple.v1+json", "application/json"):
        return [_json_file(entry) for entry in _json_entries(content)]
    if kind in ("text/html", "application/vnd.pypi.simple.v1+html"):
        return _html_files(content.decode("utf-8", "replace"))
    raise NoPage(f"the type is {kind or 'unknown'}")


def upload_times(content: bytes) -> list[datetime]:
    """Return when the files of a project were uploaded, from an answer of the JSON API; empty where it does not say.

    https://docs.pypi.org/api/json/
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return []
    releases = data.get("releases") if isinstance(data, dict) else None
    urls = data.get("urls") if isinstance(data, dict) else None
    lists = [*(releases.values() if isinstance(releases, dict) else ()), urls]
    entries = [entry for files in lists if isinstance(files, list) for entry in files if isinstance(entry, dict)]
    times = (_time(entry.get("upload_time_iso_8601") or entry.get("upload_time")) for entry in entries)
    return [time for time in times if time is not None]


def releases(project: str, files: Iterable[File], suitable: Mapping[str, int]) -> dict[str, Release]:
    """Return the proper versions among the files, the oldest first: neither yanked nor pre-releases.

    Args:
        project: the normalised name; files of other names do not count.
        suitable: see `wheel_tags`.
    """
    best: dict[Version, tuple[int, str]] = {}
    sources: set[Version] = set()
    versions: set[Version] = set()
    for file in files:
        if file.yanked:
            continue
        version, ranks = _read_name(project, file.name, suitable)
        if version is None or version.is_prerelease:
            continue
        versions.add(version)
        if not _suits_python(file.requires):
            continue
        if ranks is None:
            sources.add(version)
        elif ranks:
            best[version] = min(best.get(version, (len(suitable), "")), (ranks[0], file.url))
    return {str(v): Release(best[v][1] if v in best else None, v in sources) for v in sorted(versions)}


def _read_name(project: str, file: str, suitable: Mapping[str, int]) -> tuple[Version | None, Sequence[int] | None]:
    """Return a file's version (None: not the project's), and the ranks of its tags (None: it is a source archive).

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention
    """
    if file.endswith(".whl"):
        # `parse_wheel_filename` does the same and takes ten times as long; some projects have more than 10,000 files.
        parts = file.removesuffix(".whl").split("-")
        if len(parts) not in (5, 6) or _canonical(parts[0]) != project:
            return None, None
        tags = map("-".join, product(*(part.split(".") for part in parts[-3:])))
        return _version(parts[1]), sorted(suitable[tag] for tag in tags if tag in suitable)
    try:
        name, version = parse_sdist_filename(file)
    except (InvalidSdistFilename, InvalidVersion):
        # An egg, an installer, or a name from before there was a rule.
        return None, None
    return (version if name == project else None), None


@lru_cache(10_000)
def _canonical(name: str) -> str:
    return canonicalize_name(name)


@lru_cache(10_000)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


@lru_cache(1_000)
def _suits_python(requires: str) -> bool:
    # uv takes "3.13" for its first release as well. A specifier that cannot be read suits no Python.
    try:
        return SpecifierSet(requires).contains(f"{PYTHON}.0")
    except InvalidSpecifier:
        return False


def _json_entries(content: bytes) -> Iterator[dict[str, Any]]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NoPage("it is not JSON") from error
    entries = data.get("files") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise NoPage("it has no list of files")
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("filename"), str):
            raise NoPage("a file has no name")
        yield entry


def _json_file(entry: dict[str, Any]) -> File:
    return File(
        name=entry["filename"],
        url=str(entry.get("url", "")),
        requires=str(entry.get("requires-python") or ""),
        # True, or the reason.
        yanked=entry.get("yanked", False) not in (False, None),
        uploaded=_time(entry.get("upload-time")),
    )


def _html_files(text: str) -> list[File]:
    page = _Links()
    page.feed(text)
    page.close()
    files = [
        File(
            name=unquote(re.split("[?#]", link["href"], maxsplit=1)[0].rpartition("/")[2]),
            url=link["href"],
            requires=link.get("data-requires-python") or "",
            # PEP 592: the attribute's presence counts, its value is the reason.
            yanked="data-yanked" in link,
            uploaded=_time(link.get("data-upload-time")),
        )
        for link in page.links
        if link.get("href")
    ]
    archives = [file for file in files if file.name.lower().endswith(_ARCHIVES)]
    if (files and not archives) or not page.is_page:
        raise NoPage("it has no links to files")
    return archives


def _time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, Any]] = []
        self.is_page = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_page = self.is_page or tag in ("html", "a")
        if tag == "a":
            self.links.append(dict(attrs))
