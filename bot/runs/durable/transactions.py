"""A transaction for what the bot keeps in tables of its own, done again as long as the server is away."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

from bot.runs.durable.postgres import patiently

P = ParamSpec("P")
T = TypeVar("T")


class Kept(Protocol):
    """What is kept in the database."""

    _engine: sa.Engine


K = TypeVar("K", bound=Kept)


def transaction(method: Callable[Concatenate[K, sa.Connection, P], T]) -> Callable[Concatenate[K, P], T]:
    """Give a method a connection with a transaction of its own. It only reads, or may be done twice: where the server
    goes away in the middle, it is done again when it is back."""

    @wraps(method)
    def patient(kept: K, /, *args: P.args, **kwargs: P.kwargs) -> T:
        def attempt() -> T:
            with kept._engine.begin() as connection:
                return method(kept, connection, *args, **kwargs)

        return patiently(attempt)

    return patient
