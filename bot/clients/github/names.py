"""The names of repositories, in a process that stores nothing."""

from __future__ import annotations

from bot.values.names import Known


class RememberedNames:
    """Implements `Names`."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def known(self, key: str) -> Known | None:
        return self._known.get(key)

    def learn(self, key: str, repository: Known) -> None:
        self._known[key] = repository
