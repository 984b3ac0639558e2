"""What stands in the way of a change on the platform: the engine refuses, or the service is not the one meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import APIError

from bot.deploy.owner import Owner
from bot.errors import UserError
from bot.sentence import Sentence, sentence, verbatim


class Overtaken(UserError):
    """Another rollout has taken the place of this one."""

    def __init__(self, slug: str) -> None:
        super().__init__(sentence("Another rollout of `%(slug)s` has taken the place of this one.", slug=slug))


class TakenDown(UserError):
    """The service is not there any more."""

    def __init__(self, slug: str) -> None:
        super().__init__(sentence("`%(slug)s` was taken down while it was rolled out.", slug=slug))


def refuse_foreign(slug: str, owner: Owner, repository: Owner) -> None:
    """Refuse to touch a service that another repository has deployed.

    Raises:
        UserError: names the other repository.
    """
    if owner.is_other(repository):
        raise UserError(
            "`%(slug)s` on this platform belongs to %(owner)s, so I leave it alone.",
            slug=slug,
            owner=_called(owner, repository),
        )


def refuse_taken(slug: str, owner: Owner, repository: Owner) -> None:
    """Refuse to deploy under a name that belongs to another repository: the first one to have it keeps it.

    Raises:
        UserError: names the other repository, and says what can be done.
    """
    if owner.is_other(repository):
        raise UserError(
            "The name `%(slug)s` belongs to %(owner)s on this platform. Give the folder `services/%(slug)s`, and the "
            "`slug` in its `service.json`, another name; or let somebody type `/delete %(slug)s` in %(owner)s, which "
            "frees it.",
            slug=slug,
            owner=_called(owner, repository),
        )


def _called(owner: Owner, repository: Owner) -> Sentence:
    """Return how an owner is named to somebody in another repository, which may have its name by now."""
    if owner.name.casefold() != repository.name.casefold():
        return verbatim(owner.name)
    return sentence("another repository that was called %(name)s", name=owner.name)


def refuse_other_kind(slug: str, found: int | None, wanted: int | None) -> None:
    """Refuse to take a live service for the preview of a pull request, or the other way round; None is a live one.

    Raises:
        UserError: says what it is.
    """
    if found != wanted:
        if found is None:
            raise UserError("`%(slug)s` on this platform is a live service, so I leave it alone.", slug=slug)
        raise UserError(
            "`%(slug)s` on this platform is the preview of #%(number)s, so I leave it alone.", slug=slug, number=found
        )


@contextmanager
def refusals(slug: str) -> Iterator[None]:
    """Turn a refusal of the engine into `UserError`."""
    try:
        yield
    except APIError as error:
        raise UserError(
            "The Docker engine refuses for `%(slug)s`: %(reason)s", slug=slug, reason=str(error.explanation or error)
        ) from error
