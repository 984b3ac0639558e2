"""What the bot calls repositories, kept in the database for all of its processes; see `bot.values.names`."""

from __future__ import annotations

import sqlalchemy as sa

from bot.runs.durable.transactions import transaction
from bot.values.names import Known

_KNOWN = sa.text("SELECT id, name FROM repositories WHERE lower(key) = lower(:key)")
# The first key that a repository got is the one that counts.
_KEY = sa.text("SELECT key, name FROM repositories WHERE id = :id ORDER BY rowid LIMIT 1")
_KEYS_OF = sa.text(
    "SELECT key FROM repositories WHERE lower(substr(name, 1, length(:owner) + 1)) = lower(:owner) || '/'"
)
_ADD = sa.text("INSERT INTO repositories (key, id, name) VALUES (:key, :id, :name) ON CONFLICT DO NOTHING")
_RENAME = sa.text("UPDATE repositories SET name = :name WHERE id = :id")


class DurableNames:
    """The repositories that the bot knows, in any process. Implements `Names`.

    Args:
        engine: of the database; see `open_engine` for what it raises.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._last: dict[int, tuple[str, str]] = {}

    @transaction
    def known(self, connection: sa.Connection, key: str) -> Known | None:
        """Return which repository a key stands for; None where that has not been learned."""
        row = connection.execute(_KNOWN, {"key": key}).first()
        return Known(row.id, row.name) if row else None

    def learn(self, key: str, repository: Known) -> None:
        """Take note of what GitHub says of the repository that a key stands for."""
        if self.known(key) != repository:
            self._learn(key, repository)

    def key(self, repository: Known, before: str = "") -> str:
        """Return the key of a repository, and take note of its name; a new one is called as it was `before` this.

        Where another repository has had that name, it goes by its id as well.
        """
        name, key = self._last.get(repository.id, ("", ""))
        # Nearly every delivery says the name that the one before it has said. A change is told with the name before it.
        if before or name != repository.name:
            key = self._key(repository, before)
            self._last[repository.id] = repository.name, key
        return key

    @transaction
    def keys_of(self, connection: sa.Connection, owner: str) -> list[str]:
        """Return the keys of the repositories that an owner has now."""
        return list(connection.execute(_KEYS_OF, {"owner": owner}).scalars())

    @transaction
    def _learn(self, connection: sa.Connection, key: str, repository: Known) -> None:
        connection.execute(_ADD, {"key": key, **repository._asdict()})
        connection.execute(_RENAME, repository._asdict())

    @transaction
    def _key(self, connection: sa.Connection, repository: Known, before: str) -> str:
        row = connection.execute(_KEY, repository._asdict()).first()
        if row is not None:
            if row.name != repository.name:
                connection.execute(_RENAME, repository._asdict())
            return str(row.key)
        for key in (before or repository.name, f"{repository.name}~{repository.id}"):
            connection.execute(_ADD, {"key": key, **repository._asdict()})
            # Another process may have added it meanwhile.
            row = connection.execute(_KEY, repository._asdict()).first()
            if row is not None:
                break
        assert row is not None  # noqa: S101 (no other repository has its id)
        return str(row.key)
