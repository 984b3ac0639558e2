"""What stands in the way of a change on the platform: the engine refuses, or the service is another repository's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import APIError

from bot.errors import UserError


def refuse_foreign(slug: str, owner: str, repository: str) -> None:
    """Refuse to touch a service that another repository has deployed; "" is a repository that is not known.

    Raises:
        UserError: names the other repository.
    """
    if owner and repository and owner.casefold() != repository.casefold():
        raise UserError(f"`{slug}` on this platform belongs to {owner}, so I leave it alone.")


@contextmanager
def refusals(slug: str) -> Iterator[None]:
    """Turn a refusal of the engine into `UserError`."""
    try:
        yield
    except APIError as error:
        raise UserError(f"The Docker engine refuses for `{slug}`: {error.explanation or error}") from error
