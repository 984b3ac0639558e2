"""Refusals as GraphQL answers have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graphql import GraphQLError

from bot.hub.access import ApiError


class Refused(GraphQLError):
    """A refusal with GitHub's `type`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message, extensions={"type": kind})


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a refusal of one of the hub's verbs into one of GraphQL."""
    try:
        yield
    except ApiError as error:
        details = [detail for detail in error.errors or () if isinstance(detail, str)]
        kind = {403: "FORBIDDEN", 404: "NOT_FOUND"}.get(error.status, "UNPROCESSABLE")
        raise Refused(kind, details[0] if details else error.message) from error
