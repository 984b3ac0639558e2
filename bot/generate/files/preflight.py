"""The checks that a model's files pass before anything is pushed, so that fewer builds fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from bot.clients.packages import Packages, Unresolvable
from bot.generate.files.mend import defined_names, with_imports, with_interface
from bot.guard.executor import executor_faults, interface_faults, undefined_faults
from bot.guard.packages import (
    import_faults,
    in_question,
    lacking_packages,
    needless,
    requirements_in_question,
    verdicts,
    with_note,
)
from bot.guard.source import Source
from bot.guard.tests import scenario_faults
from bot.values.naming import REQUIREMENTS, TEST_REQUIREMENTS
from bot.values.service import Service, Spec, Strategy

_SIDE_BY_SIDE = 4
"""How many questions the package index is asked at the same time."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Preflight:
    """The checks, with what they need from outside.

    Attributes:
        packages: the package index and the Debian archive.
        allow: names of packages that are taken although they look like a trap.
        build: builds and tests the service on a Docker engine, and returns why that failed, or None; None where
            services are not built beforehand.
    """

    packages: Packages
    allow: frozenset[str] = frozenset()
    build: Callable[[Spec, Strategy, Service], str | None] | None = None

    def executor(self, source: Source, before: Source | None, interface: str = "") -> list[str]:
        """Return why a build with this `executor.py` would fail, or could pass without doing what is tested.

        Args:
            before: the file on the branch, if there is one.
            interface: the source of interface.py; empty for a service of before there was one.
        """
        names = defined_names(interface)
        unknown = interface_faults(source, names) if names else []
        return [*executor_faults(source, before), *unknown, *undefined_faults(source, before)]

    def tests(self, source: Source, spec: Spec) -> list[str]:
        """Return what is wrong with this `test_executor.py` as a test of the scenarios and the requirements."""
        return scenario_faults(source, spec.scenarios, spec.tested)

    def refused(self, names: Sequence[str]) -> dict[str, str]:
        """Return the packages that must not be used, each with the reason.

        Raises:
            TransientError: the package index does not answer.
        """
        projects = _answers(self.packages.project, in_question(names, self.allow))
        return verdicts(names, projects, self.allow, datetime.now(UTC))

    def needed(self, names: Iterable[str]) -> list[str]:
        """Return the packages without those that every service has or none can use."""
        return [name for name in names if not needless(name)]

    def pinned(self, required: Sequence[str]) -> tuple[str, list[str]]:
        """Return the text of requirements.txt in exact versions, or what is wrong with the requirements.

        Raises:
            TransientError: the package index does not answer.
        """
        refused = self.refused(required)
        if refused:
            return "", [f"requirements.txt: {reason}" for reason in refused.values()]
        try:
            return with_note(required, self.packages.pin("\n".join(required))), []
        except Unresolvable as error:
            return "", [f"requirements.txt cannot be installed; require other packages, or none: {error}"]

    def pinned_for_tests(self, required: Sequence[str]) -> tuple[str, list[str]]:
        """Return the text of test_requirements.txt in exact versions, or what is wrong with it; "" where it is empty.

        Raises:
            TransientError: the package index does not answer.
        """
        wanted = [name for name in self.needed(required) if name != "pytest"]
        if not wanted:
            return "", []
        pinned, faults = self.pinned(wanted)
        return pinned, [fault.replace(REQUIREMENTS, TEST_REQUIREMENTS) for fault in faults]

    def system_packages(self, names: Sequence[str]) -> list[str]:
        """Return which Debian packages the image's release does not have, with similar names that it has.

        Raises:
            TransientError: the archive does not answer.
        """
        if not names:
            return []
        missing = self.packages.missing_system_packages(names)
        return [
            f"packages.txt: Debian has no package `{name}`" + (f"; it has {', '.join(close)}" if close else "")
            for name, close in missing.items()
        ]

    def mended(self, source: Source, interface: str = "") -> Source:
        """Return a file with the imports that it lacks and that leave no doubt.

        Args:
            interface: of a service that has one, `interface.py`: executor.py takes its classes from there.
        """
        names = defined_names(interface) if interface else ()
        return with_imports(with_interface(source, names) if names else source, names)

    def lacking(self, source: Source, pinned: str) -> list[str]:
        """Return the packages that a file's imports need and `pinned` lacks, where there is no doubt."""
        return lacking_packages(source, pinned)

    def imports(self, source: Source, pinned: str) -> list[str]:
        """Return which imports of a file nothing provides.

        Raises:
            TransientError: the package index does not answer.
        """
        modules = _answers(self.packages.modules, requirements_in_question(source, pinned))
        return import_faults(source, pinned, modules)


def _answers(ask: Callable[[str], _Answer], keys: Sequence[str]) -> dict[str, _Answer]:
    """Return the package index's answer for each key, asked side by side; its errors pass through."""
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return dict(zip(keys, pool.map(ask, keys), strict=True))
