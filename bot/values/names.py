"""What the bot calls repositories: the name by which it learned of each, whatever GitHub calls it now.

All that is stored goes by that name, the repository's key, and a rename or a transfer changes nothing of it. Requests
to GitHub go by the id, which a repository keeps. Its name may be another repository's tomorrow.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Known(NamedTuple):
    """A repository on GitHub: its id, and "owner/name" as GitHub has called it last."""

    id: int
    name: str


class Names(Protocol):
    """The repositories that the bot knows, by their keys. Thread-safe."""

    def known(self, key: str) -> Known | None:
        """Return which repository a key stands for; None where that has not been learned."""

    def learn(self, key: str, repository: Known) -> None:
        """Take note of what GitHub says of the repository that a key stands for."""
