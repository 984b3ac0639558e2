"""Paths and sizes of files that are committed: all in one service's folder, and the same on every file system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from bot.sentence import Sentence, sentence
from bot.values.naming import (
    DESCRIPTION,
    DOCKERFILE,
    EXECUTOR,
    FIXTURES,
    INTERFACE,
    REQUIREMENTS,
    TEST_REQUIREMENTS,
    TESTING_FILES,
    TESTS,
)

TOP_NAMES = frozenset(
    {
        EXECUTOR,
        INTERFACE,
        TESTS,
        REQUIREMENTS,
        TEST_REQUIREMENTS,
        DOCKERFILE,
        DESCRIPTION,
        "server.py",
        ".dockerignore",
        *TESTING_FILES,
    }
)
"""What a service's folder holds besides `fixtures/`."""
TEXT_LIMIT = 200_000
FIXTURE_LIMIT = 10_000_000
TOTAL_LIMIT = 20_000_000
"""Bytes of a file, of a file in `fixtures/`, and of all files of a commit together."""
COUNT_LIMIT = 100

_SLUG = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
# In plain ASCII, and none of the names that Windows keeps for itself or cannot hold:
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file#naming-conventions
_FIXTURE = re.compile(
    r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_-])?", re.ASCII
)
# Letters that look like Latin letters of the files' names, and the Latin letters they look like.
_LOOKS = str.maketrans(
    "аеорсухіјѕԁһԛԝӏАВЕКМНОРСТХІЈЅαορνικτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧɑɡıℓǀ‐‑‒–—−․·⁄∕⧸＼",
    "aeopcyxijsdhqwlABEKMHOPCTXIJSaopviktuxABEZHIKMNOPTYXagill------..///\\",
)


def path_faults(files: Mapping[str, str | bytes], slug: str, existing: Collection[str] = ()) -> list[Sentence]:
    """Return what is wrong with files that are to be committed for the service `slug`; empty if nothing is.

    Args:
        files: content by path in the repository.
        existing: paths of all files on the branch. A commit may overwrite such a file, but must not add a file whose
            path is the same on some file systems.
    """
    if not _SLUG.fullmatch(slug):
        return [sentence("%(slug)s is no name of a service", slug=repr(slug))]
    if len(files) > COUNT_LIMIT:
        return [
            sentence("there are %(count)s files; a commit has at most %(most)s", count=len(files), most=COUNT_LIMIT)
        ]
    faults: list[Sentence] = []
    total = 0
    for path, content in files.items():
        size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "surrogatepass"))
        total += size
        if fault := _place_fault(path, slug) or _content_fault(path, content, size):
            faults.append(fault.having(path=_shown(path)))
    if total > TOTAL_LIMIT:
        together = sentence("the files have %(bytes)s bytes together; at most %(most)s are taken")
        faults.append(together.having(bytes=total, most=TOTAL_LIMIT))
    faults += _twins(files, existing)
    return list({str(fault): fault for fault in faults}.values())


def look_alike(path: str, names: Iterable[str]) -> str | None:
    """Return which of `names` a reader or a file system could confuse with a path that is different; None where none.

    Folders before the name do not matter: `../executor.py` is confused with `executor.py` as well.
    """
    last = re.split(r"[/\\:]", _key(path).partition("::")[0].rstrip("/\\"))[-1]
    for name in names:
        if path != name and last == _key(name):
            return name
    return None


def _place_fault(path: str, slug: str) -> Sentence | None:
    """Return why no file of the service may have this path, which is to be filled in; None if one may."""
    folder = f"services/{slug}/"
    name = path.removeprefix(folder)
    top, _, fixture = name.partition("/")
    if path == name:
        return sentence("%(path)s must be in %(folder)s", folder=folder)
    if name in TOP_NAMES or (top == FIXTURES and _FIXTURE.fullmatch(fixture)):
        return None
    if meant := look_alike(name, TOP_NAMES):
        return sentence("%(path)s must be called %(meant)s", meant=meant)
    names = ", ".join(sorted(TOP_NAMES))
    return sentence("%(path)s is none of the files of a service: %(names)s", names=names)


def _content_fault(path: str, content: str | bytes, size: int) -> Sentence | None:
    is_fixture = f"/{FIXTURES}/" in path
    limit = FIXTURE_LIMIT if is_fixture else TEXT_LIMIT
    if size > limit:
        return sentence("%(path)s has %(bytes)s bytes; at most %(most)s are taken", bytes=size, most=limit)
    if is_fixture:
        return None
    try:
        text = content.decode() if isinstance(content, bytes) else content.encode().decode()
    except UnicodeError:
        return sentence("%(path)s must be text in UTF-8")
    return sentence("%(path)s must not have null characters") if "\0" in text else None


def _twins(files: Collection[str], existing: Collection[str]) -> Iterator[Sentence]:
    """Yield the paths that some file system takes for another path, or that need a file to be a folder."""
    spelled: dict[str, str] = {}
    for path in existing:
        for part in [*_folders(path), path]:
            # Of twins that exist already, the one that is written again counts, so that it is no fault.
            if part in files or _key(part) not in spelled:
                spelled[_key(part)] = part
    as_file = {_key(path) for path in [*existing, *files]}
    as_folder = {_key(folder) for path in [*existing, *files] for folder in _folders(path)}
    for path in files:
        for part in [*_folders(path), path]:
            other = spelled.setdefault(_key(part), part)
            if other != part:
                yield sentence(
                    "%(path)s is the same as %(other)s on some file systems", path=_shown(path), other=_shown(other)
                )
        for folder in _folders(path):
            if _key(folder) in as_file:
                yield sentence(
                    "%(path)s needs %(folder)s to be a folder, which is a file",
                    path=_shown(path),
                    folder=_shown(folder),
                )
        if _key(path) in as_folder:
            yield sentence("%(path)s is a folder", path=_shown(path))


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def _key(path: str) -> str:
    """Return a text that is the same for all paths that a file system or a reader may confuse."""
    visible = (c for c in unicodedata.normalize("NFKC", path) if unicodedata.category(c) not in {"Cc", "Cf", "Mn"})
    plain = "".join(visible).translate(_LOOKS).casefold().replace("\\", "/")
    return "/".join(part.rstrip(". ").lstrip(" ") or part for part in plain.split("/"))


def _shown(path: str) -> str:
    return f"`{ascii(path)[1:-1]}`"
