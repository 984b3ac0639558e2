"""One service on the engine: looked at, made and changed, by its name.

The engine changes a service from the state that somebody has read, or not at all. So two rollouts never mix.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
from docker.errors import APIError, NotFound

from bot.deploy.versions import EGRESS_LABEL

_UNDER_WAY = ("updating", "rollback_started")
ENDED = ("failed", "rejected", "orphaned", "complete")
"""What the engine says of a task that will not run any more."""


class Changed(Exception):
    """The service is not what it was when it was read: another rollout was faster, and nothing has happened."""


class EngineService:
    """A service of that name, whether it is there or not.

    A service and a task are as the engine's API has them: https://docs.docker.com/reference/api/engine/version/v1.41/
    """

    def __init__(self, client: docker.DockerClient, name: str) -> None:
        self.name = name
        self._api: Any = client.api

    def inspect(self) -> dict[str, Any] | None:
        """Return the service, None where it is not there."""
        try:
            service: dict[str, Any] = self._api.inspect_service(self.name)
        except NotFound:
            return None
        return service

    def create(self, spec: dict[str, Any]) -> None:
        """Make the service.

        Raises:
            Changed: there is one by now.
        """
        with _unchanged():
            self._api.create_service(
                spec["TaskTemplate"],
                name=spec["Name"],
                labels=spec["Labels"],
                mode=spec["Mode"],
                update_config=spec["UpdateConfig"],
                rollback_config=spec["RollbackConfig"],
                endpoint_spec=spec["EndpointSpec"],
            )

    def update(self, before: dict[str, Any], spec: dict[str, Any]) -> None:
        """Change the service from what it was; it keeps the number of its replicas.

        Raises:
            Changed: it is something else by now.
        """
        with _unchanged():
            self._api.update_service(
                before["ID"],
                before["Version"]["Index"],
                task_template=spec["TaskTemplate"],
                name=spec["Name"],
                labels=spec["Labels"],
                mode=before["Spec"]["Mode"],
                update_config=spec["UpdateConfig"],
                rollback_config=spec["RollbackConfig"],
                endpoint_spec=spec["EndpointSpec"],
            )

    def tasks(self, revision: int | None = None) -> list[dict[str, Any]]:
        """Return its tasks, or those of one revision, the newest first."""
        found = self._api.tasks(filters={"service": self.name})
        wanted = [task for task in found if revision is None or task_revision(task) == revision]
        return sorted(wanted, key=lambda task: task["CreatedAt"], reverse=True)

    def is_settled(self, service: dict[str, Any]) -> bool:
        """Tell whether no rollout of the service is under way: its own version runs."""
        running = any(task["Status"]["State"] == "running" for task in self.tasks(revision_of(service)))
        return running and state_of(service) not in _UNDER_WAY

    def is_failing(self, service: dict[str, Any]) -> bool:
        """Tell whether the service's own version runs nowhere, has ended where it ran, and nothing is done about it."""
        states = {task["Status"]["State"] for task in self.tasks(revision_of(service))}
        return "running" not in states and bool(states.intersection(ENDED)) and state_of(service) not in _UNDER_WAY


def revision_of(service: dict[str, Any] | None) -> int | None:
    """Return which rollout has made the service what it is; None where it is not there."""
    return service["Spec"]["TaskTemplate"].get("ForceUpdate", 0) if service else None


def task_revision(task: dict[str, Any]) -> int:
    """Return which rollout has made a task."""
    return int(task["Spec"].get("ForceUpdate", 0))


def state_of(service: dict[str, Any] | None) -> str:
    """Return how the update of a service stands, e.g. "updating" or "completed"; "" where there was none."""
    return str(((service or {}).get("UpdateStatus") or {}).get("State") or "")


def egress_of(service: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the hosts that a service may reach."""
    return tuple(str(service["Spec"]["Labels"].get(EGRESS_LABEL, "")).split()) if service else ()


@contextmanager
def _unchanged() -> Iterator[None]:
    try:
        yield
    except APIError as error:
        if error.status_code == 409 or "out of sequence" in str(error.explanation or error):
            raise Changed from error
        raise
