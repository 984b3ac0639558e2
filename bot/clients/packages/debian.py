"""The Debian archive: which packages the image's release has."""

from __future__ import annotations

import difflib
import logging
import lzma
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import httpx

from bot.clients.packages.answer import retry_after
from bot.clients.packages.base_image import DEBIAN_RELEASE
from bot.errors import TransientError

MIRRORS = ("https://deb.debian.org/debian", "http://deb.debian.org/debian")
"""The second is for networks where only a cache for apt is reachable, which speaks HTTP."""

# https://wiki.debian.org/SupportedArchitectures
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_CACHE_SECONDS = 24 * 3600.0
_RETRY_SECONDS = 600.0
_LOAD_SECONDS = 180.0
_LARGEST = 512 * 1024 * 1024
_CLOSE = 3
# Tens of thousands of packages that are only for building Rust and Haskell software.
_LIBRARIES = ("librust-", "libghc-")

log = logging.getLogger(__name__)


@dataclass
class _Contents:
    """What a release has: packages, and other names that these packages provide."""

    names: set[str] = field(default_factory=set)
    providers: dict[str, set[str]] = field(default_factory=dict)

    def can_install(self, name: str) -> bool:
        # apt takes the provider of a name where there is only one. Of several it takes none.
        return name in self.names or len(self.providers.get(name, ())) == 1


class Archive:
    """The list of Debian's packages, fetched when first needed (10 MB, a few seconds) and kept for a day. Thread-safe.

    Args:
        mirrors: roots of the archive, in the order they are tried.
        platform: the image's architecture, `x86_64` or `aarch64`.
        clock: seconds that only go forward.
        patience: seconds to wait for a connection and for each part of an answer.
    """

    def __init__(
        self,
        mirrors: Sequence[str] = MIRRORS,
        *,
        platform: str = "x86_64",
        clock: Callable[[], float] = time.monotonic,
        patience: float = 15.0,
    ) -> None:
        architecture = _ARCHITECTURES.get(platform, platform)
        path = f"dists/{DEBIAN_RELEASE}/main/binary-{architecture}/Packages.xz"
        self._addresses = [f"{mirror.rstrip('/')}/{path}" for mirror in mirrors]
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._contents: _Contents | None = None
        self._until = float("-inf")

    def missing(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the names that apt cannot install, each with up to 3 that it can and that may be meant.

        Raises:
            TransientError: no mirror answers.
        """
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        contents = self._current()
        return {name: _close(name, contents) for name in wanted if not contents.can_install(name)}

    def _current(self) -> _Contents:
        with self._lock:
            if self._contents is None or self._clock() >= self._until:
                try:
                    self._contents = self._load()
                    self._until = self._clock() + _CACHE_SECONDS
                except TransientError:
                    if self._contents is None:
                        raise
                    # A stable release changes by point releases a few times a year: yesterday's list will do.
                    log.warning("the Debian archive does not answer; its list of yesterday is used")
                    self._until = self._clock() + _RETRY_SECONDS
            return self._contents

    def _load(self) -> _Contents:
        failure: TransientError | None = None
        for address in self._addresses:
            try:
                contents = _read(_lines(address, self._patience))
            except TransientError as error:
                failure = failure or error
                continue
            if contents.names:
                return contents
            failure = failure or TransientError("The Debian archive's list of packages is empty.")
        raise failure or TransientError("No mirror of the Debian archive is set.")


def _lines(address: str, patience: float) -> Iterator[bytes]:
    """Yield the lines of a compressed list; https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices."""
    deadline = time.monotonic() + _LOAD_SECONDS
    unpack = lzma.LZMADecompressor()
    size, rest = 0, b""
    try:
        with httpx.stream("GET", address, timeout=patience, follow_redirects=True) as answer:
            if answer.status_code != 200:
                raise TransientError(
                    f"The Debian archive does not answer (HTTP {answer.status_code}).",
                    retry_after(answer.headers.get("Retry-After")),
                )
            for part in answer.iter_raw():
                text = unpack.decompress(part) if not unpack.eof else b""
                size += len(text)
                if size > _LARGEST or time.monotonic() > deadline:
                    raise TransientError("The Debian archive's list of packages does not end.")
                *lines, rest = (rest + text).split(b"\n")
                yield from lines
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TransientError(f"The Debian archive does not answer ({type(error).__name__}).") from error
    except lzma.LZMAError as error:
        raise TransientError("The Debian archive's list of packages is broken.") from error
    if not unpack.eof:
        raise TransientError("The Debian archive's list of packages is cut off.")
    yield rest


def _read(lines: Iterable[bytes]) -> _Contents:
    """Collect the names; https://www.debian.org/doc/debian-policy/ch-relationships.html#virtual-packages-provides."""
    contents = _Contents()
    name = ""
    for line in lines:
        if line.startswith(b"Package: "):
            name = line[9:].strip().decode("ascii", "replace")
            contents.names.add(name)
        elif line.startswith(b"Provides: ") and not name.startswith(_LIBRARIES):
            for entry in line[10:].decode("ascii", "replace").split(","):
                contents.providers.setdefault(entry.partition("(")[0].strip(), set()).add(name)
    return contents


def _close(name: str, contents: _Contents) -> tuple[str, ...]:
    """Return what may be meant: its providers, or else a package named like its first words and names spelt alike."""
    if name in contents.providers:
        return tuple(sorted(contents.providers[name])[:_CLOSE])
    parts = name.split("-")
    shorter = ["-".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]
    close = [short for short in shorter if contents.can_install(short)][:1]
    # A comparison with all names takes a second; the right name mostly has the same first letters.
    alike = [other for other in contents.names if other[:3] == name[:3]]
    close += difflib.get_close_matches(name, alike, _CLOSE, 0.7)
    return tuple(dict.fromkeys(close))[:_CLOSE]
