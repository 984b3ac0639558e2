"""The links in what a person wrote, and the names under which what they lead to is kept."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import count
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

MOST_LINKS = 5
"""Links of one issue that are fetched; see `issue_links`."""

LONGEST_NAME = 80
"""Characters; see `bot.values.service.Fixture`."""

# What no URL holds as it is, and what ends one in Markdown (a code span, an autolink, a title, a table's cell) or in
# writing without spaces.
_LINK = re.compile(
    r"(?<![A-Za-z0-9+.-])https?://[^\s<>\"`|\\^{}\x00-\x1f\x7f。，、；：！？「」『』（）【】《》]+", re.IGNORECASE
)
_TRAILING = ".,;:!?'*_~…’”»›"
"""What is of the sentence around a link."""
_BRACKETS = {")": "(", "]": "["}

_LONGEST_EXTENSION = 10
_UNSURE = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/plain", "application/x-download"})
"""Media types that say less than a file's own name."""
# Which of several extensions a type gets, and types Python has no extension for.
_EXTENSIONS = {
    "application/gzip": ".gz",
    "application/x-ndjson": ".ndjson",
    "application/xml": ".xml",
    "application/yaml": ".yaml",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "font/ttf": ".ttf",
    "font/woff2": ".woff2",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "model/gltf-binary": ".glb",
    "model/obj": ".obj",
    "model/stl": ".stl",
    "text/calendar": ".ics",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
# Python's own table, not the machine's: the same link has the same name everywhere.
_TYPES = mimetypes.MimeTypes()


def links(text: str) -> tuple[str, ...]:
    """Return the http(s) URLs in Markdown, in order and each once: bare, in <>, in [text](url), in code.

    Punctuation that ends a sentence is not part of them, nor is a bracket that was opened before them.
    """
    found: dict[str, None] = {}
    at = 0
    while match := _LINK.search(text, at):
        link = _own(match[0])
        # On from the end of the link itself: what was cut off may hold another one.
        at = match.start() + max(len(link), len("http://"))
        link = link.rstrip(_TRAILING)
        if _host(link):
            # The only character reference that is common in links (https://github.github.com/gfm/#entity-and-numeric-character-references).
            found[link.replace("&amp;", "&")] = None
    return tuple(found)


def issue_links(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the links of an issue's scenarios that are fetched, at most `MOST_LINKS`, and those that are not."""
    found = tuple(dict.fromkeys(link for text in texts for link in links(text)))
    return found[:MOST_LINKS], found[MOST_LINKS:]


def fixture_name(url: str, media_type: str, taken: Collection[str]) -> str:
    """Return a name for what was at `url` that is none of `taken`, whatever their case; see `Fixture.name`.

    It is the name in the URL as far as that is plain ASCII, with an extension that goes with the media type.

    Args:
        media_type: as the server named it, without parameters.
    """
    parts = urlsplit(url)
    name = _plain(PurePosixPath(unquote(parts.path)).name) or _plain(parts.hostname or "") + "-index"
    # Hidden files, and names of which nothing but the extension is ASCII.
    stem, extension = _split(f"fixture{name}" if name.startswith(".") else name)
    wanted = _extension(media_type)
    if wanted and not _fits(extension, media_type):
        stem, extension = stem + extension, wanted
    stem = stem.lstrip("-._") or "fixture"
    known = {other.casefold() for other in taken}
    tails = (f"-{number}{extension}" if number > 1 else extension for number in count(1))
    candidates = (stem[: LONGEST_NAME - len(tail)] + tail for tail in tails)
    return next(candidate for candidate in candidates if candidate.casefold() not in known)


def _host(link: str) -> str:
    """Return the host of a link, or "" where it has none that can be read."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _own(link: str) -> str:
    """Return a link up to the first bracket that closes one opened before it."""
    opened: list[str] = []
    for at, char in enumerate(link):
        if char in _BRACKETS.values():
            opened.append(char)
        elif char in _BRACKETS and (not opened or opened.pop() != _BRACKETS[char]):
            return link[:at]
    return link


def _plain(name: str) -> str:
    """Return a name in ASCII letters, digits, `-`, `_` and `.`; accents are dropped, everything else is a hyphen."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._]+", "-", ascii_only).lstrip("-").rstrip("-.")


def _split(name: str) -> tuple[str, str]:
    """Split a name into its stem and its extension, such as ".png" or ".tar.gz"."""
    match = re.fullmatch(r"(?P<stem>.+?)(?P<extension>(?:\.tar)?\.[A-Za-z0-9]+)", name)
    if match is None or len(match["extension"]) > _LONGEST_EXTENSION:
        return name, ""
    return match["stem"], match["extension"]


def _fits(extension: str, media_type: str) -> bool:
    """Say whether an extension is one for the media type; where the type says little, any extension is."""
    if media_type in _UNSURE:
        return bool(extension)
    guessed, packed = _TYPES.guess_type(f"x{extension.lower()}")
    return media_type in (guessed, f"application/{packed}", f"application/x-{packed}") or (
        extension.lower() == _extension(media_type)
    )


def _extension(media_type: str) -> str:
    return _EXTENSIONS.get(media_type) or (
        "" if media_type in _UNSURE else _TYPES.guess_extension(media_type, strict=False) or ""
    )
