"""Everything that services are built from, behind one door."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence

from packaging.utils import canonicalize_name

from bot.clients.packages.base_image import BaseImage
from bot.clients.packages.debian import Archive
from bot.clients.packages.index import Index
from bot.clients.packages.resolve import Resolver, Unresolvable, plain_requirements
from bot.clients.packages.source_builds import SOURCE_BUILDS, SourceBuild
from bot.config.package_index import environment as uv_environment
from bot.errors import TransientError
from bot.render import templates_dir
from bot.values.packages import Project

log = logging.getLogger(__name__)


class Packages:
    """The package index, the Debian archive and the image registry, as the machine reaches them. Thread-safe.

    Args:
        environment: variables for uv (`UV_*`, `PIP_INDEX_URL`, proxies, ...); by default those of this process.
        platform: the architecture the image is for, `x86_64` or `aarch64`.
        image: the image that services are built on.
        source_builds: normalised names of the packages that may come without a wheel.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        platform: str = "x86_64",
        image: BaseImage | None = None,
        source_builds: Mapping[str, SourceBuild] = SOURCE_BUILDS,
    ) -> None:
        variables = uv_environment(environment)
        self._resolver = Resolver(variables, platform)
        self._index = Index(variables, platform=platform)
        self._archive = Archive(platform=platform)
        self._image = image or BaseImage()
        self._source_builds = source_builds

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
        """Return the modules, without dots, that one pinned requirement brings; None where it cannot be told.

        Args:
            pinned: `name==version`; a comment may follow.

        Raises:
            TransientError: the index does not answer.
        """
        name, version = _name_and_version(pinned)
        build = self._source_builds.get(canonicalize_name(name))
        if build is not None and build.version == version:
            return frozenset(build.modules)
        try:
            return self._index.modules(name, version)
        except ValueError:
            return None

    def licence(self, pinned: str) -> str:
        """Return the licence that the metadata of one pinned requirement names; "" where it cannot be told.

        Args:
            pinned: `name==version`; a comment may follow.

        Raises:
            TransientError: the index does not answer.
        """
        try:
            return self._index.licence(*_name_and_version(pinned))
        except ValueError:
            return ""

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
        wanted = plain_requirements(requirements)
        wanted += plain_requirements((templates_dir() / "service/runtime.in").read_text())
        builds = self._source_builds
        pinned = self._resolver.resolve(wanted, builds)
        used = _used(pinned, builds)
        # An index of one's own need not have the archives that uv was promised.
        absent = {name for name in used if builds[name].version not in self._versions(name)}
        if absent:
            builds = {name: build for name, build in builds.items() if name not in absent}
            pinned = self._resolver.resolve(wanted, builds)
            used = _used(pinned, builds)
        return pinned + "".join(f"# Built from source: {name} {builds[name].reason}.\n" for name in used)

    def base_image(self) -> str:
        """Return the base image pinned by digest, or its plain tag where the registry does not answer in time."""
        return self._image.reference()

    def prefetch(self, requirements: Iterable[str] = (), system_packages: Iterable[str] = ()) -> None:
        """Ask in the background for what the other methods will need soon, so that the answers are at hand.

        A failure is only logged: it shows again when the answer is needed.

        Args:
            requirements: what `pin` will probably get.
            system_packages: what `missing_system_packages` will probably get.
        """
        work = (tuple(requirements), tuple(system_packages))
        threading.Thread(target=self._prefetch, args=work, name="prefetch", daemon=True).start()

    def close(self) -> None:
        """Close the connections that are kept open for the next question."""
        self._index.close()

    def _prefetch(self, requirements: Sequence[str], system_packages: Sequence[str]) -> None:
        try:
            self.pin("\n".join(requirements))
            self.base_image()
            self.missing_system_packages(system_packages)
        except (Unresolvable, TransientError) as error:
            log.info("prefetch: %s", error)

    def _versions(self, name: str) -> tuple[str, ...]:
        project = self._index.project(name)
        return project.for_image if project else ()


def _name_and_version(pinned: str) -> tuple[str, str]:
    name, _, version = pinned.partition("#")[0].partition(";")[0].strip().partition("==")
    return name.partition("[")[0].strip(), version.strip()


def _used(pinned: str, builds: Mapping[str, SourceBuild]) -> list[str]:
    """Return which of the source archives the pinned requirements hold."""
    lines = {line.partition("#")[0].strip() for line in pinned.splitlines()}
    return [name for name, build in builds.items() if f"{name}=={build.version}" in lines]
