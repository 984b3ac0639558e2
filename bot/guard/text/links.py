"""The links in a text of a person, and the names of the files in which their contents are kept."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import count
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

MOST_LINKS = 5
"""How many links of an issue are fetched; see `issue_links`."""

LONGEST_NAME = 80
"""Characters of a fixture's name; see `bot.values.service.Fixture`."""

# A link ends before a character that no URL may hold, that ends a link in Markdown (a code span, an autolink, a title,
# a table's cell), or that ends a sentence in a script without spaces.
_LINK = re.compile(
    r"(?<![A-Za-z0-9+.-])https?://[^\s<>\"`|\\^{}\x00-\x1f\x7f。，、；：！？「」『』（）【】《》]+", re.IGNORECASE
)
_TRAILING = ".,;:!?'*_~…’”»›"
"""Characters at a link's end that belong to the sentence around it."""
_BRACKETS = {")": "(", "]": "["}

_LONGEST_EXTENSION = 10
_UNSURE = frozenset({"", "application/octet-stream", "binary/octet-stream", "text/plain", "application/x-download"})
"""Media types that say less about a file than its name does."""
# For types with several extensions, and for types that Python does not know.
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
# Without the machine's own table, so that a link gets the same name on every machine.
_TYPES = mimetypes.MimeTypes()


def links(text: str) -> tuple[str, ...]:
    """Return the http(s) URLs in Markdown, in order and each once: bare, in <>, in [text](url), in code.

    Punctuation that ends a sentence is no part of a link, nor is a bracket that was opened before it.
    """
    urls: dict[str, None] = {}
    at = 0
    while match := _LINK.search(text, at):
        link = _own(match[0])
        # The search goes on behind the link itself, because what was cut off may hold another link.
        at = match.start() + max(len(link), len("http://"))
        link = link.rstrip(_TRAILING)
        if _host(link):
            # The one character reference that is common in links
            # (https://github.github.com/gfm/#entity-and-numeric-character-references).
            urls[link.replace("&amp;", "&")] = None
    return tuple(urls)


def issue_links(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the links in an issue's scenarios: the first `MOST_LINKS`, which are fetched, and the others."""
    urls = tuple(dict.fromkeys(link for text in texts for link in links(text)))
    return urls[:MOST_LINKS], urls[MOST_LINKS:]


def fixture_name(url: str, media_type: str, taken: Collection[str]) -> str:
    """Return a file name for the content of `url`; see `Fixture.name`.

    It is the name in the URL as far as that is plain ASCII, with an extension that fits the media type. It differs from
    all names in `taken`, also if case is ignored.

    Args:
        media_type: as the server named it, without parameters.
    """
    parts = urlsplit(url)
    name = _plain(PurePosixPath(unquote(parts.path)).name) or _plain(parts.hostname or "") + "-index"
    # A name that begins with a dot is that of a hidden file, or one of which only the extension is ASCII.
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
    """Return the host of a link; "" where there is none, or it cannot be read."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _own(link: str) -> str:
    """Return a link up to the first closing bracket that was opened before the link."""
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
    """Tell whether an extension fits a media type; any extension fits a type that says little."""
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
