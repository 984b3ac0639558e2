"""Bring a service's new version live, or leave everything as it was and say why."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import docker
from docker.errors import APIError, NotFound

from bot.deploy import catalogue, smoke, swarm
from bot.deploy.description import Description
from bot.deploy.layout import Platform
from bot.deploy.service_spec import service_spec
from bot.errors import UserError
from bot.values.progress import Deployment

_POLL_SECONDS = 0.05
_DEADLINE_SECONDS = 900.0
"""For everything, the transfer of a big image included."""

# What the engine says of a task that will not run any more, and of an update that has ended otherwise than well.
_ENDED = ("failed", "rejected", "orphaned", "complete")
_UNDONE = ("paused", "rollback_completed", "rollback_paused")


def prepare(
    client: docker.DockerClient,
    description: Description,
    image: str,
    *,
    name: str = "gptdeploy",
    patience: float = 45.0,
) -> Rollout:
    """Return the rollout of a service as `image`; nothing is changed yet.

    Args:
        name: the platform's.
        patience: seconds the new version may take until it answers `/healthz`.

    Raises:
        UserError: the engine has no platform of that name.
    """
    with _refusals(description):
        platform = swarm.find_platform(client, name)
        if platform is None:
            raise UserError("This engine has no platform: run `gptdeploy platform up` once.")
        return Rollout(client, platform, description, _pinned(client, image), patience)


def withdraw(client: docker.DockerClient, platform: Platform, slug: str) -> None:
    """Remove a service and its entry in the catalogue. The engine ends its containers soon afterwards."""
    api: Any = client.api
    api.remove_service(platform.service(slug))
    catalogue.remove(client, platform, slug)


class Rollout:
    """One attempt to bring a version live. Its steps raise `UserError` with the reason why the version is not live."""

    def __init__(
        self, client: docker.DockerClient, platform: Platform, description: Description, image: str, patience: float
    ) -> None:
        self._client = client
        self._api: Any = client.api
        self._platform = platform
        self._description = description
        self._slug = description.slug
        self._image = image
        self._revision = time.time_ns() // 1_000_000
        self._spec = service_spec(platform, description, image, self._revision, patience)
        self._deadline = time.monotonic() + _DEADLINE_SECONDS

    def carry_out(self, meanwhile: Callable[[], object] | None = None) -> Deployment:
        """Roll the version out, and wait until it answers its own example through the ingress.

        The version before serves until the new one is healthy. If that never happens, if its answer to the example is
        wrong, or if it ends within the first seconds, the version before is brought back. A service that was not there
        before is removed again.

        Args:
            meanwhile: called once, while the engine starts the new version.

        Raises:
            UserError: says why it is not live.
        """
        with _refusals(self._description):
            before = self._inspect()
            if before is None:
                self._first(meanwhile or _nothing)
            else:
                self._next(before, meanwhile or _nothing)
            catalogue.replace(self._client, self._platform, self._entry(live=True))
            return self._platform.deployment(self._slug)

    def _first(self, meanwhile: Callable[[], object]) -> None:
        """Create the service. One healthy task that answers is enough: there is no version to go back to."""
        try:
            self._create()
            # The ingress knows a service by its entry. People do not see this one yet.
            catalogue.add(self._client, self._platform, self._entry(live=False))
            meanwhile()
            self._wait(self._runs)
            self._smoke()
        except UserError as error:
            withdraw(self._client, self._platform, self._slug)
            raise UserError(f"`{self._slug}` is not live: {error}") from error

    def _next(self, before: dict[str, Any], meanwhile: Callable[[], object]) -> None:
        """Update the service. The engine watches the new version for some seconds and rolls back if a task ends."""
        try:
            self._update(before, self._spec)
            catalogue.add(self._client, self._platform, self._entry(live=False))
            meanwhile()
            self._wait(lambda: self._serves_alone(self._revision))
            self._smoke()
            self._wait(self._completed)
        except UserError as error:
            if not self._update_state().startswith("rollback"):
                self._go_back(before)
            reason = f"The new version of `{self._slug}` is not live, the one before still serves: {error}"
            raise UserError(reason) from error

    def _inspect(self) -> dict[str, Any] | None:
        try:
            service: dict[str, Any] = self._api.inspect_service(self._spec["Name"])
        except NotFound:
            return None
        return service

    def _create(self) -> None:
        spec = self._spec
        self._api.create_service(
            spec["TaskTemplate"],
            name=spec["Name"],
            labels=spec["Labels"],
            mode=spec["Mode"],
            update_config=spec["UpdateConfig"],
            rollback_config=spec["RollbackConfig"],
            endpoint_spec=spec["EndpointSpec"],
        )

    def _update(self, before: dict[str, Any], spec: dict[str, Any]) -> None:
        self._api.update_service(
            before["ID"],
            before["Version"]["Index"],
            task_template=spec["TaskTemplate"],
            name=spec["Name"],
            labels=spec["Labels"],
            # However many replicas somebody has set.
            mode=before["Spec"]["Mode"],
            update_config=spec["UpdateConfig"],
            rollback_config=spec["RollbackConfig"],
            endpoint_spec=spec["EndpointSpec"],
        )

    def _runs(self) -> bool:
        """Tell whether a task of this version runs. With a health check, it counts as running once it has passed."""
        states = {task["Status"]["State"] for task in self._tasks()}
        if "running" not in states and states.intersection(_ENDED):
            raise UserError(self._reason())
        return "running" in states

    def _serves_alone(self, revision: int) -> bool:
        """Tell whether only tasks of that revision run: until then, an answer may come from the version before."""
        completed = self._completed()
        tasks = self._api.tasks(filters={"service": self._spec["Name"]})
        running = {task["Spec"].get("ForceUpdate", 0) for task in tasks if task["Status"]["State"] == "running"}
        # A service that somebody has scaled to no replica at all never runs.
        return running == {revision} or (completed and not running)

    def _completed(self) -> bool:
        """Tell whether the engine is done with the update; it is so some seconds after the new tasks run."""
        state = self._update_state()
        if state in _UNDONE:
            raise UserError(self._reason())
        return state == "completed"

    def _update_state(self) -> str:
        # The engine clears the state when it takes an update, so an old one is never read.
        return str(((self._inspect() or {}).get("UpdateStatus") or {}).get("State") or "")

    def _go_back(self, before: dict[str, Any]) -> None:
        """Roll out the version before again: the engine took the new one for good, or is still at it."""
        now = self._inspect()
        if now is not None:
            spec = before["Spec"]
            revision = spec["TaskTemplate"]["ForceUpdate"] = self._revision + 1
            self._deadline = time.monotonic() + _DEADLINE_SECONDS
            self._update(now, spec)
            # Why the new version is not live matters more than what happens to this update.
            with suppress(UserError):
                self._wait(lambda: self._serves_alone(revision))

    def _smoke(self) -> None:
        url = self._platform.deployment(self._slug).api_url
        fault = smoke.check(self._platform.reach, url, self._description, seconds=15)
        if fault is not None:
            raise UserError(fault + self._log(self._tasks()))

    def _entry(self, live: bool) -> dict[str, Any]:
        """Return the service's entry in the catalogue; people see it once it is live."""
        entry: dict[str, Any] = self._description.model_dump(include={"slug", "title", "summary", "issue"})
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return {**entry, "image": self._image, "deployed_at": now, "live": live}

    def _tasks(self) -> list[dict[str, Any]]:
        """Return this version's tasks, the newest first."""
        tasks = self._api.tasks(filters={"service": self._spec["Name"]})
        ours = [task for task in tasks if task["Spec"].get("ForceUpdate") == self._revision]
        return sorted(ours, key=lambda task: task["CreatedAt"], reverse=True)

    def _reason(self) -> str:
        """Return what this version's newest failed task died of, with the end of its log."""
        tasks = self._tasks()
        for task in tasks:
            error = task["Status"].get("Err")
            if error:
                hung = "unhealthy container" in error
                return ("its container never answered `/healthz`" if hung else str(error)) + self._log([task])
        return "its container did not become healthy" + self._log(tasks)

    def _log(self, tasks: list[dict[str, Any]]) -> str:
        """Return the last lines that one of the tasks wrote, fenced; empty where another machine has them."""
        for task in tasks:
            container = (task["Status"].get("ContainerStatus") or {}).get("ContainerID")
            if not container:
                continue
            try:
                log = self._api.logs(container, tail=20)
            except APIError:
                continue
            text = bytes(log).decode("utf-8", "replace").strip()
            if text:
                return f"\n```\n{text[-2000:]}\n```"
        return ""

    def _wait(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so.

        Raises:
            UserError: it has taken too long.
        """
        while not reached():
            if time.monotonic() > self._deadline:
                raise UserError(f"the engine has not finished within {_DEADLINE_SECONDS:g} seconds")
            time.sleep(_POLL_SECONDS)


def _nothing() -> None:
    """Do nothing."""


@contextmanager
def _refusals(description: Description) -> Iterator[None]:
    """Turn a refusal of the engine into `UserError`."""
    try:
        yield
    except APIError as error:
        reason = error.explanation or error
        raise UserError(f"The Docker engine refuses to deploy `{description.slug}`: {reason}") from error


def _pinned(client: docker.DockerClient, image: str) -> str:
    """Return the image with the digest its registry has for it, so that every node takes the same one."""
    host = image.partition("/")[0]
    if "@" in image or "/" not in image or not any(mark in host for mark in ".:"):
        return image
    try:
        data = client.images.get_registry_data(image)
    except APIError:
        # The engine may have the image all the same; if it has not, the rollout says so.
        return image
    return f"{image}@{data.id}"
