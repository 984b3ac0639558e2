"""What is checked of a model's files before anything is pushed, at no cost in build minutes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.clients.packages.resolve import Packages, Unresolvable
from bot.generate.files.mend import with_classes, with_imports
from bot.guard.packages.imports import lacking
from bot.guard.packages.imports import problems as import_problems
from bot.guard.packages.requirements import direct, noted
from bot.guard.packages.verdicts import needless, verdicts
from bot.values.service import Service, Spec, Strategy


@dataclass(frozen=True)
class Preflight:
    """The checks that look beyond the files themselves.

    Attributes:
        packages: the package index and the Debian archive.
        allow: names of packages that are taken although they look like a trap.
        on: False leaves out every check that only saves builds; what protects people stays. For measurements.
        build: builds and tests the service on an engine, and returns what it died of, or None; None: no such build.
    """

    packages: Packages
    allow: frozenset[str] = frozenset()
    on: bool = True
    build: Callable[[Spec, Strategy, Service], str | None] | None = None

    def saving(self, problems: Sequence[str]) -> list[str]:
        """Return problems that a build would find as well."""
        return list(problems) if self.on else []

    def refused(self, names: Sequence[str]) -> dict[str, str]:
        """Return the packages that must not be used, each with the reason.

        Raises:
            TransientError: the package index does not answer.
        """
        return verdicts(names, self.packages.project, self.allow, datetime.now(UTC))

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
            return noted(required, self.packages.pin("\n".join(required))), []
        except Unresolvable as error:
            if not self.on:
                return noted(required, "\n".join(required) + "\n"), []
            return "", [f"requirements.txt cannot be installed; require other packages, or none: {error}"]

    def system_packages(self, names: Sequence[str]) -> list[str]:
        """Return which Debian packages the image's release does not have, each with what it has instead.

        Raises:
            TransientError: the archive does not answer.
        """
        if not names or not self.on:
            return []
        missing = self.packages.missing_system_packages(names)
        return [
            f"packages.txt: Debian has no package `{name}`" + (f"; it has {', '.join(close)}" if close else "")
            for name, close in missing.items()
        ]

    def mended(self, name: str, source: str, classes: str = "") -> str:
        """Return a file with the imports and classes it lacks, as far as they are beyond doubt."""
        if not self.on:
            return source
        return with_imports(name, with_classes(source, classes) if classes else source)

    def lacking(self, executor: str, tests: str, pinned: str) -> list[str]:
        """Return the packages that the imports of files that parse are known to need, and `pinned` does not hold."""
        return lacking(ast.parse(executor), ast.parse(tests), pinned) if self.on else []

    def imports(self, executor: str, tests: str, pinned: str) -> list[str]:
        """Return which imports nothing provides."""
        if not self.on:
            return []
        return import_problems(ast.parse(executor), ast.parse(tests), pinned, direct(pinned), self.packages.modules)
