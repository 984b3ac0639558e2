"""The bot's own secrets, which it knows by their value: they have no shape, where an endpoint's key is a password."""

from __future__ import annotations

import json
from collections.abc import Iterable

HIDDEN = "***"
"""What stands in the place of a secret, as in the logs of GitHub Actions."""

_SHORTEST = 12
"""Characters. What is shorter may be a word of an issue, too, such as the key `unused` of an endpoint without one."""

_concealed: set[str] = set()


def conceal(secrets: Iterable[str]) -> None:
    """Have `HIDDEN` stand in the place of each of these secrets, from now on, in all that leaves this process.

    Of one with several lines, such as a private key, each line is a secret.
    """
    lines = (line.strip() for secret in secrets for line in secret.splitlines())
    for line in lines:
        if len(line) >= _SHORTEST and not line.startswith("-----"):
            # Also as it stands in JSON, where quotes and backslashes look otherwise.
            _concealed.update((line, json.dumps(line, ensure_ascii=False)[1:-1]))


def without_concealed(text: str) -> str:
    """Return a text with `HIDDEN` in the place of each secret of the bot's."""
    for secret in sorted(_concealed, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
