"""A person on GitHub."""

from __future__ import annotations

from bot.values.value import Value


class Person(Value):
    """Somebody who has an account; the id stays when the login becomes another one, which somebody else may take."""

    id: int
    login: str
