"""A service as it is on the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import NotFound

from bot.deploy.layout import Platform
from bot.deploy.owner import Owner, owner_of
from bot.deploy.refusals import refuse_foreign
from bot.deploy.versions import History, history_of, previewed_pull
from bot.errors import UserError


@dataclass(frozen=True)
class Deployed:
    """A service on the engine.

    Attributes:
        service: as the engine's API has it.
            https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service
        tasks: all that the engine still knows of, the newest first.
    """

    service: dict[str, Any]
    tasks: tuple[dict[str, Any], ...]

    @property
    def history(self) -> History:
        return history_of(self.service)

    @property
    def preview(self) -> int | None:
        """The pull request whose preview it is; None for a live service."""
        return previewed_pull(self.service)

    @property
    def replicas(self) -> int:
        return int(self.service["Spec"]["Mode"]["Replicated"]["Replicas"])

    @property
    def running(self) -> int:
        """How many replicas of the version that is live run."""
        return sum(task["Status"]["State"] == "running" for task in self.current_tasks)

    @property
    def current_tasks(self) -> list[dict[str, Any]]:
        """The tasks of the version that is live."""
        revision = self.service["Spec"]["TaskTemplate"].get("ForceUpdate", 0)
        return [task for task in self.tasks if task["Spec"].get("ForceUpdate", 0) == revision]


def deployed(client: docker.DockerClient, platform: Platform, slug: str, repository: Owner) -> Deployed:
    """Return a service as it is now.

    Args:
        repository: who asks.

    Raises:
        UserError: there is no such service, or it belongs to another repository.
    """
    api: Any = client.api
    try:
        service: dict[str, Any] = api.inspect_service(platform.service(slug))
        found = api.tasks(filters={"service": service["ID"]})
    except NotFound as error:
        raise UserError("`%(slug)s` is not live. `/deploy` brings it live.", slug=slug) from error
    refuse_foreign(slug, owner_of(service), repository)
    tasks = sorted(found, key=lambda task: task["CreatedAt"], reverse=True)
    return Deployed(service, tuple(tasks))
