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
"""The second is for networks that let only a cache for apt, which speaks HTTP, through."""

# https://wiki.debian.org/SupportedArchitectures
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_CACHE_SECONDS = 24 * 3600.0
_RETRY_SECONDS = 600.0
_LOAD_SECONDS = 180.0
_LARGEST = 512 * 1024 * 1024
_CLOSE = 3
# Tens of thousands of names that only builds of Rust and Haskell software use.
_LIBRARIES = ("librust-", "libghc-")

log = logging.getLogger(__name__)


@dataclass
class _Packages:
    """What a release has: packages, and names that packages provide without being called so."""

    names: set[str] = field(default_factory=set)
    providers: dict[str, set[str]] = field(default_factory=dict)

    def can_install(self, name: str) -> bool:
        # apt takes the only provider of a name; of several it wants one to be named.
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
        self._packages: _Packages | None = None
        self._until = float("-inf")

    def missing(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the names that apt cannot install, each with up to 3 that it can and that may be meant.

        Raises:
            TransientError: no mirror answers.
        """
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        packages = self._current()
        return {name: _close(name, packages) for name in wanted if not packages.can_install(name)}

    def _current(self) -> _Packages:
        with self._lock:
            if self._packages is None or self._clock() >= self._until:
                try:
                    self._packages = self._loaded()
                    self._until = self._clock() + _CACHE_SECONDS
                except TransientError:
                    if self._packages is None:
                        raise
                    # A stable release changes by point releases a few times a year: yesterday's list will do.
                    log.warning("the Debian archive does not answer; its list of yesterday is used")
                    self._until = self._clock() + _RETRY_SECONDS
            return self._packages

    def _loaded(self) -> _Packages:
        failure: TransientError | None = None
        for address in self._addresses:
            try:
                found = _read(_lines(address, self._patience))
            except TransientError as error:
                failure = failure or error
                continue
            if found.names:
                return found
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


def _read(lines: Iterable[bytes]) -> _Packages:
    """Collect the names; https://www.debian.org/doc/debian-policy/ch-relationships.html#virtual-packages-provides."""
    packages = _Packages()
    name = ""
    for line in lines:
        if line.startswith(b"Package: "):
            name = line[9:].strip().decode("ascii", "replace")
            packages.names.add(name)
        elif line.startswith(b"Provides: ") and not name.startswith(_LIBRARIES):
            for entry in line[10:].decode("ascii", "replace").split(","):
                packages.providers.setdefault(entry.partition("(")[0].strip(), set()).add(name)
    return packages


def _close(name: str, packages: _Packages) -> tuple[str, ...]:
    """Return what may be meant: who provides it, else what its beginning is called, else what is spelt alike."""
    if name in packages.providers:
        return tuple(sorted(packages.providers[name])[:_CLOSE])
    parts = name.split("-")
    shorter = ["-".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]
    found = [short for short in shorter if packages.can_install(short)][:1]
    # Comparing with all of them takes a second; what is meant begins alike.
    alike = [other for other in packages.names if other[:3] == name[:3]]
    found += difflib.get_close_matches(name, alike, _CLOSE, 0.7)
    return tuple(dict.fromkeys(found))[:_CLOSE]
