"""A package index and a Debian archive that know every name but some, without a network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from packaging.utils import canonicalize_name

from bot.clients.packages import BASE_IMAGE, Packages, Unresolvable
from bot.errors import TransientError
from bot.values.packages import Project


class FakePackages(Packages):
    """Pins everything to version 1.0.

    Args:
        unknown: names that do not exist on the index.
        projects: what the index says of some others, by normalised name; None: there is no such project.
        missing: system packages that do not exist, with those that may be meant.
        modules: what can be imported thanks to a distribution, by normalised name; of others that is not known.
        licences: of packages, by normalised name; of others it is not known.
        down: the index and the archive do not answer.

    Attributes:
        asked: the requirements that were to be pinned, in order.
        prefetched: the requirements and system packages that were to be at hand, in order.
    """

    def __init__(
        self,
        *unknown: str,
        projects: Mapping[str, Project | None] | None = None,
        missing: Mapping[str, tuple[str, ...]] | None = None,
        modules: Mapping[str, frozenset[str]] | None = None,
        licences: Mapping[str, str] | None = None,
        down: bool = False,
    ) -> None:
        super().__init__({})
        self.asked: list[str] = []
        self.prefetched: list[tuple[str, ...]] = []
        self.unknown = set(unknown)
        self.projects = dict(projects or {})
        self.missing = dict(missing or {})
        self.provided = dict(modules or {})
        self.licences = dict(licences or {})
        self.down = down

    def project(self, name: str) -> Project | None:
        self._answer()
        name = canonicalize_name(name)
        if name in self.unknown:
            return None
        long_ago = datetime(2015, 1, 1, tzinfo=UTC)
        known = Project(name=name, first_upload=long_ago, versions=("1.0",), for_image=("1.0",))
        return self.projects.get(name, known)

    def modules(self, pinned: str) -> frozenset[str] | None:
        self._answer()
        return self.provided.get(canonicalize_name(pinned.partition("==")[0].strip()))

    def licence(self, pinned: str) -> str:
        self._answer()
        return self.licences.get(canonicalize_name(pinned.partition("==")[0].strip()), "")

    def missing_system_packages(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        self._answer()
        return {name: self.missing[name] for name in names if name in self.missing}

    def pin(self, requirements: str) -> str:
        self._answer()
        self.asked.append(requirements)
        names = requirements.split()
        for name in names:
            if name in self.unknown:
                raise Unresolvable(f"{name} was not found in the package registry")
        return "".join(f"{name}==1.0\n" for name in [*names, "fastapi"])

    def base_image(self) -> str:
        return BASE_IMAGE

    def prefetch(self, requirements: Iterable[str] = (), system_packages: Iterable[str] = ()) -> None:
        self.prefetched.append((*requirements, *system_packages))

    def _answer(self) -> None:
        if self.down:
            raise TransientError("The package index does not answer.")
