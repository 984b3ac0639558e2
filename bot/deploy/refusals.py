"""What stands in the way of a change on the platform: the engine refuses, or the service is not the one meant."""

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
    if is_foreign(owner, repository):
        raise UserError(f"`{slug}` on this platform belongs to {owner}, so I leave it alone.")


def refuse_taken(slug: str, owner: str, repository: str) -> None:
    """Refuse to deploy under a name that belongs to another repository: the first one to have it keeps it.

    Raises:
        UserError: names the other repository, and says what can be done.
    """
    if is_foreign(owner, repository):
        raise UserError(
            f"The name `{slug}` belongs to {owner} on this platform. Give the folder `services/{slug}`, and the `slug` "
            f"in its `service.json`, another name; or let somebody type `/delete {slug}` in {owner}, which frees it."
        )


def is_foreign(owner: str, repository: str) -> bool:
    """Tell whether what belongs to `owner` is out of reach for `repository`."""
    return bool(owner and repository) and owner.casefold() != repository.casefold()


def refuse_other_kind(slug: str, found: int | None, wanted: int | None) -> None:
    """Refuse to take a live service for the preview of a pull request, or the other way round; None is a live one.

    Raises:
        UserError: says what it is.
    """
    if found != wanted:
        what = "a live service" if found is None else f"the preview of #{found}"
        raise UserError(f"`{slug}` on this platform is {what}, so I leave it alone.")


@contextmanager
def refusals(slug: str) -> Iterator[None]:
    """Turn a refusal of the engine into `UserError`."""
    try:
        yield
    except APIError as error:
        raise UserError(f"The Docker engine refuses for `{slug}`: {error.explanation or error}") from error
