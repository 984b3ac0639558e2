"""The image that services are built on: what it holds, which wheels it installs, and its digest."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import httpx
from packaging.tags import compatible_tags, cpython_tags

PYTHON = "3.13"
BASE_IMAGE = f"python:{PYTHON}-slim"
DEBIAN_RELEASE = "trixie"
"""The Debian release that the image is made of."""
GLIBC = 40
"""The image has glibc 2.41; the newest wheels that uv knows and that run on it are manylinux_2_40."""

# https://peps.python.org/pep-0600/#legacy-manylinux-tags: alias -> the glibc 2.x it stands for.
_LEGACY = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}
# The oldest glibc 2.x with wheels for the architecture.
_OLDEST = {"x86_64": 5}

_KEEP_SECONDS = 3600.0
_RETRY_SECONDS = 600.0
_MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class BaseImage:
    """The base image's name with its digest, asked for once an hour. Thread-safe.

    Args:
        registry: root of the registry that holds the image.
        tokens: where the registry hands out tokens.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        registry: str = "https://registry-1.docker.io",
        tokens: str = "https://auth.docker.io/token",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._tokens = tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._reference = BASE_IMAGE
        self._until = float("-inf")

    def reference(self) -> str:
        """Return the image pinned by digest, or its plain tag where the registry does not answer in time."""
        with self._lock:
            if self._clock() >= self._until:
                digest = self._digest()
                self._reference = f"{BASE_IMAGE}@{digest}" if digest else BASE_IMAGE
                self._until = self._clock() + (_KEEP_SECONDS if digest else _RETRY_SECONDS)
            return self._reference

    def _digest(self) -> str | None:
        """Ask the registry; https://distribution.github.io/distribution/spec/api/#digest-header."""
        name, _, tag = BASE_IMAGE.partition(":")
        scope = {"service": "registry.docker.io", "scope": f"repository:library/{name}:pull"}
        try:
            with httpx.Client(timeout=httpx.Timeout(2.0, connect=1.0)) as client:
                token = client.get(self._tokens, params=scope).raise_for_status().json()["token"]
                answer = client.head(
                    f"{self._registry}/v2/library/{name}/manifests/{tag}",
                    headers={"Authorization": f"Bearer {token}", "Accept": _MANIFESTS},
                ).raise_for_status()
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        digest = answer.headers.get("Docker-Content-Digest", "")
        return digest if _DIGEST.fullmatch(digest) else None


def wheel_tags(platform: str) -> dict[str, int]:
    """Return the tags of the wheels that the image installs, with their rank from 0, the best first.

    https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/

    Args:
        platform: the architecture, `x86_64` or `aarch64`.
    """
    oldest = _OLDEST.get(platform, 17)
    glibcs = [f"manylinux_2_{minor}_{platform}" for minor in range(GLIBC, oldest - 1, -1)]
    legacy = [f"{alias}_{platform}" for alias, minor in _LEGACY.items() if minor >= oldest]
    platforms = [*glibcs, *reversed(legacy), f"linux_{platform}"]
    version = tuple(int(part) for part in PYTHON.split("."))
    abi = f"cp{version[0]}{version[1]}"
    tags = [
        *cpython_tags(version, abis=[abi], platforms=platforms),
        *compatible_tags(version, interpreter=abi, platforms=platforms),
    ]
    # A tag that comes twice keeps its better rank.
    return {str(tag): rank for rank, tag in reversed(list(enumerate(tags)))}
