"""What services are built from: exact versions from the package index (by uv), Debian packages, the base image."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import httpx
import uv
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bot.clients.packages.debian import Archive
from bot.clients.packages.index import Index
from bot.clients.packages.pages import GLIBC, PYTHON
from bot.clients.packages.source_builds import SOURCE_BUILDS, SourceBuild, write_stand_ins
from bot.config import package_index as config_packages
from bot.errors import TransientError
from bot.render import templates_dir
from bot.values.packages import Project

BASE_IMAGE = f"python:{PYTHON}-slim"

_PIN_SECONDS = 120.0
_REASON_LIMIT = 800
_DIGEST_SECONDS = 3600.0
_NO_DIGEST_SECONDS = 600.0
_NETWORK = re.compile(
    r"failed to fetch|failed to download|error sending request|client error|dns error|connection (refused|reset)|"
    r"timed? ?out|status (code )?(429|5\d\d)|network connectivity is disabled|tls|certificate",
    re.IGNORECASE,
)
_BOX = re.compile(r"^[\s×╰─▶│├]*(?:(?:error|cause):\s*)?", re.MULTILINE)
_PLACE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|(?<![\w.])/)[^\s`'\")]+")
_MANIFESTS = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NO_WHEEL = re.compile(r"Wheels are required for `([\w.-]+)`")


class Unresolvable(Exception):
    """The requirements cannot be met: its text is uv's reason, for the model that named them."""


class Packages:
    """The package index, the Debian archive and the image registry, as the machine reaches them. Thread-safe.

    Args:
        environment: variables for uv (`UV_*`, `PIP_INDEX_URL`, proxies, ...); by default those of this process.
        hub: root of the registry that holds the base image, and where it hands out tokens.
        platform: the architecture the image is for, `x86_64` or `aarch64`.
        index: what the packages are looked up in; by default the index that uv is pointed at.
        archive: what system packages are looked up in; by default Debian's.
        source_builds: normalised names of the packages that may come without a wheel.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        hub: str = "https://registry-1.docker.io",
        tokens: str = "https://auth.docker.io/token",
        clock: Callable[[], float] = time.monotonic,
        *,
        platform: str = "x86_64",
        index: Index | None = None,
        archive: Archive | None = None,
        source_builds: Mapping[str, SourceBuild] = SOURCE_BUILDS,
    ) -> None:
        self._environment = config_packages.environment(environment)
        self._platform = platform
        self._index = index or Index(environment, platform=platform)
        self._archive = archive or Archive(platform=platform)
        self._source_builds = source_builds
        self._hub = hub
        self._tokens = tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._image = BASE_IMAGE
        self._image_until = float("-inf")

    def project(self, name: str) -> Project | None:
        """Return what the index says of a package, or None where it does not exist.

        Raises:
            ValueError: `name` is no package's name.
            TransientError: the index does not answer.
        """
        project = self._index.project(name)
        build = self._source_builds.get(canonicalize_name(name))
        if project is None or build is None or build.version not in project.sources:
            return project
        return project.model_copy(update={"source_build": build.reason})

    def modules(self, pinned: str) -> frozenset[str] | None:
        """Return what can be imported, without dots, thanks to one pinned requirement (`name==version`, a comment may
        follow), or None where it cannot be told.

        Raises:
            TransientError: the index does not answer.
        """
        name, _, version = pinned.partition("#")[0].partition(";")[0].strip().partition("==")
        name = name.partition("[")[0].strip()
        build = self._source_builds.get(canonicalize_name(name))
        if build is not None and build.version == version.strip():
            return frozenset(build.modules)
        try:
            return self._index.modules(name, version.strip())
        except ValueError:
            return None

    def missing_system_packages(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the names that cannot be installed from the image's Debian release, each with up to 3 to take instead.

        Raises:
            TransientError: the archive does not answer.
        """
        return self._archive.missing(names)

    def pin(self, requirements: str) -> str:
        """Return `requirements` and all they need in exact versions, a line each, with "# via" notes.

        Resolved for the image's Python and platform, together with what the template's `server.py` needs. Only wheels
        count, and the few source archives that are known to need no compiler, which a comment at the end gives the
        reason for. Resolving never runs a package's build code on this machine.

        Raises:
            Unresolvable: a line is no plain requirement, or names and versions do not go together.
            TransientError: the index does not answer.
        """
        wanted = [*_lines(requirements), *_lines((templates_dir() / "service/runtime.in").read_text())]
        builds = self._source_builds
        pinned = self._resolved(wanted, builds)
        used = _used(pinned, builds)
        # An index of one's own need not have the archives that uv was promised.
        absent = {name for name in used if builds[name].version not in self._sources(name)}
        if absent:
            builds = {name: build for name, build in builds.items() if name not in absent}
            pinned = self._resolved(wanted, builds)
            used = _used(pinned, builds)
        return pinned + "".join(f"# Built from source: {name} {builds[name].reason}.\n" for name in used)

    def _sources(self, name: str) -> tuple[str, ...]:
        project = self._index.project(name)
        return project.for_image if project else ()

    def _resolved(self, wanted: Iterable[str], builds: Mapping[str, SourceBuild]) -> str:
        platform = f"{self._platform}-manylinux_2_{GLIBC}"
        command = [uv.find_uv_bin(), "pip", "compile", "-", "--python-version", PYTHON, "--python-platform", platform]
        # Any interpreter will do to resolve for another one; without these two uv first tries to download Python 3.13.
        command += ["--python", sys.executable, "--no-python-downloads"]
        command += ["--only-binary", ":all:", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
        command += ["--annotation-style", "line", "--quiet", "--no-progress", "--color", "never"]
        # A folder of its own, so that no project's settings around here are taken for the service's.
        with tempfile.TemporaryDirectory() as folder:
            if builds:
                write_stand_ins(builds, Path(folder))
                command += ["--find-links", folder]
            try:
                done = subprocess.run(
                    command,
                    input="\n".join(wanted) + "\n",
                    cwd=folder,
                    env=self._environment,
                    capture_output=True,
                    text=True,
                    timeout=_PIN_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise TransientError(f"The package index did not answer within {_PIN_SECONDS:.0f} s.") from error
        if done.returncode == 0:
            return done.stdout.strip() + "\n"
        reason = _reason(done.stderr, Path(folder))
        # Exit code 1: no solution. 2 is everything else, from a mistyped line to a dead network.
        if done.returncode != 1 and _NETWORK.search(done.stderr):
            raise TransientError(f"The package index does not answer: {reason}")
        raise Unresolvable(reason)

    def base_image(self) -> str:
        """Return the base image pinned by digest, or its plain tag where the registry does not answer in time."""
        with self._lock:
            if self._clock() >= self._image_until:
                digest = self._digest()
                self._image = f"{BASE_IMAGE}@{digest}" if digest else BASE_IMAGE
                self._image_until = self._clock() + (_DIGEST_SECONDS if digest else _NO_DIGEST_SECONDS)
            return self._image

    def _digest(self) -> str | None:
        """Ask the registry; https://distribution.github.io/distribution/spec/api/#digest-header."""
        name, _, tag = BASE_IMAGE.partition(":")
        scope = {"service": "registry.docker.io", "scope": f"repository:library/{name}:pull"}
        try:
            with httpx.Client(timeout=httpx.Timeout(2.0, connect=1.0)) as client:
                token = client.get(self._tokens, params=scope).raise_for_status().json()["token"]
                answer = client.head(
                    f"{self._hub}/v2/library/{name}/manifests/{tag}",
                    headers={"Authorization": f"Bearer {token}", "Accept": _MANIFESTS},
                ).raise_for_status()
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None
        digest = answer.headers.get("Docker-Content-Digest", "")
        return digest if _DIGEST.fullmatch(digest) else None


def _lines(requirements: str) -> list[str]:
    """Return the requirements without comments; options, paths and addresses are refused, as they reach for files."""
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in requirements.splitlines()]
    lines = [line for line in lines if line]
    for line in lines:
        try:
            plain = Requirement(line).url is None
        except InvalidRequirement:
            plain = False
        if not plain:
            raise Unresolvable(f"`{line[:100]}` is not a plain requirement such as `name` or `name>=1.2`.")
    return lines


def _used(pinned: str, builds: Mapping[str, SourceBuild]) -> list[str]:
    """Return which of the source archives the pinned requirements hold."""
    lines = {line.partition("#")[0].strip() for line in pinned.splitlines()}
    return [name for name, build in builds.items() if f"{name}=={build.version}" in lines]


def _reason(stderr: str, folder: Path) -> str:
    """Return uv's words on few lines, without this machine's paths and addresses; of a package without a wheel, why
    that matters."""
    if without := list(dict.fromkeys(_NO_WHEEL.findall(stderr))):
        names = ", ".join(f"`{name}`" for name in without)
        return (
            f"{names}: no wheel for Python {PYTHON} on Linux in a version that fits; a source build needs a compiler, "
            "which the image has not. Choose another package."
        )
    text = _BOX.sub("", stderr.replace(str(folder), ""))
    text = " ".join(_PLACE.sub("…", text).split())
    return text if len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 1] + "…"
