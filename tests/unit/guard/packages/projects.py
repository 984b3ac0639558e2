"""Projects as the package index tells of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clients.packages import Packages
from bot.guard.packages.verdicts import in_question, verdicts
from bot.values.packages import Project

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def project(name: str = "frobnicator", age_days: float | None = 3_000, **changes: object) -> Project:
    born = None if age_days is None else NOW - timedelta(days=age_days)
    fields = {"name": name, "first_upload": born, "versions": ("1.0", "2.0"), "for_image": ("2.0",), **changes}
    return Project.model_validate(fields)


def judged(names: list[str], packages: Packages, allow: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the verdicts, with what `packages` says of the names in question."""
    projects = {name: packages.project(name) for name in in_question(names, allow)}
    return verdicts(names, projects, allow, NOW)
