"""The names that issues have for services that are to come: of two that want the same one, the first has it.

A service on the default branch has its name by its folder. Until then it is in no place that all runs see at once.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.runs.durable.transactions import transaction

_HELD = sa.text("SELECT slug, issue FROM slugs WHERE repo = :repo ORDER BY slug")
_TAKE = sa.text("INSERT INTO slugs (repo, slug, issue) VALUES (:repo, :slug, :issue) ON CONFLICT DO NOTHING")
_HOLDER = sa.text("SELECT issue FROM slugs WHERE repo = :repo AND slug = :slug")
_RELEASE = sa.text("DELETE FROM slugs WHERE repo = :repo AND slug = :slug AND issue = :issue")


class Slugs:
    """The names in the database, for all workers. Each call is safe to repeat.

    Args:
        engine: of the database; see `open_engine` for what it raises.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @transaction
    def held(self, connection: sa.Connection, repo: str) -> dict[str, int]:
        """Return the names in a repository, each with the issue that has it or had it last."""
        return {row.slug: row.issue for row in connection.execute(_HELD, {"repo": repo})}

    @transaction
    def take(self, connection: sa.Connection, repo: str, slug: str, issue: int) -> bool:
        """Take a name for an issue; return whether it has it now."""
        wanted = {"repo": repo, "slug": slug}
        connection.execute(_TAKE, {**wanted, "issue": issue})
        return connection.execute(_HOLDER, wanted).scalar() == issue

    @transaction
    def release(self, connection: sa.Connection, repo: str, slug: str, issue: int) -> None:
        """Take a name from an issue that needs it no more, if it still has it."""
        connection.execute(_RELEASE, {"repo": repo, "slug": slug, "issue": issue})
