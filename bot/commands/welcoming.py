"""What the bot does where it is new: it makes the label that asks for a service, once and politely."""

from __future__ import annotations

import logging

from bot.clients.github import Rejected, Repository
from bot.errors import Gone, Hindrance, Unavailable
from bot.runs.durable.flow import Flow

log = logging.getLogger(__name__)

_LEFT_ALONE = (Hindrance.ARCHIVED, Hindrance.PERMISSION)


def welcome(flow: Flow, repository: Repository, label: str) -> None:
    """Make the label in a repository that has none of that name.

    Where that cannot be, nobody is bothered: an issue by the form gets the label when it begins.
    """

    def make() -> bool:
        try:
            return repository.make_label(label)
        except Unavailable as error:
            if error.hindrance not in _LEFT_ALONE:
                raise
            log.info("%s has no label of mine: %s", repository.full_name, error)
        except Rejected as error:
            log.info("%s has no label of mine: %s", repository.full_name, error)
        return False

    try:
        if flow.step("make label", make, returns=bool):
            log.info("%s has the label `%s` now", repository.full_name, label)
    except Gone as error:
        log.info("%s: %s", flow.run_id, error)
