"""What is checked of a model's files before anything is pushed, at no cost in build minutes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.clients.packages import Packages, Unresolvable
from bot.generate.files.mend import with_classes, with_imports
from bot.guard.executor import rules as executor_guard
from bot.guard.packages.imports import lacking
from bot.guard.packages.imports import problems as import_problems
from bot.guard.packages.requirements import direct, noted
from bot.guard.packages.verdicts import needless, verdicts
from bot.guard.tests import scenarios as scenario_guard
from bot.values.service import Service, Spec, Strategy


@dataclass(frozen=True)
class Preflight:
    """The checks that look beyond the files themselves.

    Attributes:
        packages: the package index and the Debian archive.
        allow: names of packages that are taken although they look like a trap.
        build: builds and tests the service on an engine, and returns what it died of, or None; None: no such build.
    """

    packages: Packages
    allow: frozenset[str] = frozenset()
    build: Callable[[Spec, Strategy, Service], str | None] | None = None

    def executor(self, source: str, spec: Spec, before: Service | None) -> list[str]:
        """Return what a build of this `executor.py` would fail for, or what could only look right.

        Args:
            before: the service on the branch, if there is one; what a person wrote into it stays.
        """
        tree = executor_guard.parse("executor.py", source)
        if isinstance(tree, str):
            return [tree]
        was = _parsed("executor.py", before.executor) if before is not None else None
        # A person may have given the branch other fields than the specification has; a fix keeps either.
        problems = executor_guard.problems(tree, spec, same_fields=_same_fields(tree, was), before=was)
        known = executor_guard.undefined(was) if was is not None else []
        return problems + [text for text in executor_guard.undefined(tree) if text not in known]

    def tests(self, source: str, spec: Spec, before: Service | None) -> list[str]:
        """Return what is wrong with this `test_executor.py`; whether it keeps what is locked is not asked here.

        Args:
            before: the service on the branch, if there is one.
        """
        tree = executor_guard.parse("test_executor.py", source)
        if isinstance(tree, str):
            return [tree]
        was = _parsed("test_executor.py", before.tests) if before is not None else None
        outputs = spec.output_schema.get("properties", {})
        return scenario_guard.problems(tree, spec.scenarios, outputs=outputs, before=was)

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
            return "", [f"requirements.txt cannot be installed; require other packages, or none: {error}"]

    def system_packages(self, names: Sequence[str]) -> list[str]:
        """Return which Debian packages the image's release does not have, each with what it has instead.

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

    def mended(self, name: str, source: str, classes: str = "") -> str:
        """Return a file with the imports and classes it lacks, as far as they are beyond doubt."""
        return with_imports(name, with_classes(source, classes) if classes else source)

    def lacking(self, executor: str, tests: str, pinned: str) -> list[str]:
        """Return the packages that the imports of files that parse are known to need, and `pinned` does not hold."""
        return lacking(ast.parse(executor), ast.parse(tests), pinned)

    def imports(self, executor: str, tests: str, pinned: str) -> list[str]:
        """Return which imports nothing provides."""
        return import_problems(ast.parse(executor), ast.parse(tests), pinned, direct(pinned), self.packages.modules)


def _parsed(name: str, source: str) -> ast.Module | None:
    tree = executor_guard.parse(name, source)
    return None if isinstance(tree, str) else tree


def _same_fields(tree: ast.Module, before: ast.Module | None) -> bool:
    return before is not None and all(
        executor_guard.fields(tree, name) == executor_guard.fields(before, name) for name in ("Input", "Output")
    )
