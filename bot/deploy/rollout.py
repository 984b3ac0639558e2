"""Bring a service's new version live, or leave everything as it was and say why."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import docker
from docker.errors import NotFound

from bot.deploy import catalogue, engine_images, removal, swarm, tasks
from bot.deploy.layout import Platform
from bot.deploy.refusals import refusals, refuse_foreign, refuse_other_kind
from bot.deploy.service_spec import service_spec
from bot.deploy.versions import (
    PREVIEW_LABEL,
    REPOSITORY_LABEL,
    History,
    Version,
    history_of,
    previewed_pull,
)
from bot.deploy.wanted import NewVersion, Preview, Wanted
from bot.errors import UserError
from bot.values.progress import Deployment

_POLL_SECONDS = 0.05
_DEADLINE_SECONDS = 900.0
"""For everything, the transfer of a big image included."""

# What the engine says of a task that will not run any more, and of an update that has ended otherwise than well.
_ENDED = ("failed", "rejected", "orphaned", "complete")
_UNDONE = ("paused", "rollback_completed", "rollback_paused")


@dataclass(frozen=True)
class Live:
    """A service that is live: where, as which version, and which one it was before (None for the first)."""

    deployment: Deployment
    version: Version
    before: Version | None


class Overtaken(UserError):
    """Another rollout has taken the place of this one."""


def prepare(client: docker.DockerClient, wanted: Wanted, *, name: str = "gptdeploy", patience: float = 45.0) -> Rollout:
    """Return the rollout of a service; nothing is changed yet.

    Args:
        name: the platform's.
        patience: seconds the version may take until it answers `/healthz`.

    Raises:
        UserError: the engine has no platform of that name.
    """
    with refusals(wanted.slug):
        platform = swarm.find_platform(client, name)
        if platform is None:
            raise UserError("This engine has no platform: run `gptdeploy platform up` once.")
        if isinstance(wanted, NewVersion | Preview):
            wanted = replace(wanted, image=engine_images.pinned(client, wanted.image))
        return Rollout(client, platform, wanted, patience)


class Rollout:
    """One attempt to bring a version live. Its steps raise `UserError` with the reason why the version is not live."""

    def __init__(self, client: docker.DockerClient, platform: Platform, wanted: Wanted, patience: float) -> None:
        self._client = client
        self._api: Any = client.api
        self._platform = platform
        self._wanted = wanted
        self._slug = wanted.slug
        self._patience = patience
        self._revision = time.time_ns() // 1_000_000
        self._deadline = time.monotonic() + _DEADLINE_SECONDS

    def carry_out(self, meanwhile: Callable[[], object] | None = None) -> Live:
        """Roll the version out, and wait until it answers its own example through the ingress.

        The version before serves until the new one is healthy. If that never happens, if its answer to the example is
        wrong, or if it ends within the first seconds, the version before is brought back. A service that was not there
        before is removed again.

        Args:
            meanwhile: called once, while the engine starts the new version.

        Raises:
            UserError: says why it is not live.
        """
        with refusals(self._slug):
            before = self._inspect()
            repository = self._repository(before)
            past = history_of(before) if before else None
            history = self._wanted.history(past)
            spec = service_spec(self._platform, self._slug, history, revision=self._revision, patience=self._patience)
            if repository:
                spec["Labels"][REPOSITORY_LABEL] = repository
            if self._wanted.preview is not None:
                spec["Labels"][PREVIEW_LABEL] = str(self._wanted.preview)
            if before is None:
                self._first(spec, history, meanwhile or _nothing)
            else:
                self._next(before, spec, history, meanwhile or _nothing)
            catalogue.replace(self._client, self._platform, self._entry(history, live=True))
            forgotten = {version.image for version in past.versions} if past else set()
            engine_images.remove(self._client, forgotten - {version.image for version in history.versions})
            deployment = self._platform.deployment(self._slug)
            return Live(deployment, history.current, past.current if past else None)

    def _repository(self, before: dict[str, Any] | None) -> str:
        """Return where the service comes from.

        Raises:
            UserError: a service of that name comes from another repository, or is live where a preview is wanted, or
                the other way round.
        """
        owner = str(before["Spec"]["Labels"].get(REPOSITORY_LABEL, "")) if before else ""
        refuse_foreign(self._slug, owner, self._wanted.repository)
        if before:
            refuse_other_kind(self._slug, previewed_pull(before), self._wanted.preview)
        return self._wanted.repository or owner

    def _first(self, spec: dict[str, Any], history: History, meanwhile: Callable[[], object]) -> None:
        """Create the service. One healthy task that answers is enough: there is no version to go back to."""
        try:
            self._create(spec)
            # The ingress knows a service by its entry. People do not see this one yet.
            catalogue.add(self._client, self._platform, self._entry(history, live=False))
            meanwhile()
            self._wait(self._runs)
            self._smoke()
        except UserError as error:
            removal.withdraw(self._client, self._platform, self._slug)
            raise UserError(f"`{self._slug}` is not live: {error}") from error

    def _next(
        self, before: dict[str, Any], spec: dict[str, Any], history: History, meanwhile: Callable[[], object]
    ) -> None:
        """Update the service. The engine watches the new version for some seconds and rolls back if a task ends."""
        try:
            self._update(before, spec)
            catalogue.add(self._client, self._platform, self._entry(history, live=False))
            meanwhile()
            self._wait(lambda: self._serves_alone(self._revision))
            self._smoke()
            self._wait(lambda: self._completed(self._revision))
        except Overtaken:
            raise
        except UserError as error:
            if not self._update_state().startswith("rollback"):
                self._go_back(before)
            name = self._wanted.name
            reason = f"{name[0].upper()}{name[1:]} of `{self._slug}` is not live, the one before still serves: {error}"
            raise UserError(reason) from error

    def _inspect(self) -> dict[str, Any] | None:
        try:
            service: dict[str, Any] = self._api.inspect_service(self._platform.service(self._slug))
        except NotFound:
            return None
        return service

    def _create(self, spec: dict[str, Any]) -> None:
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
            raise UserError(tasks.reason(self._api, self._tasks()))
        return "running" in states

    def _serves_alone(self, revision: int) -> bool:
        """Tell whether only tasks of that revision run: until then, an answer may come from the version before."""
        completed = self._completed(revision)
        found = self._api.tasks(filters={"service": self._platform.service(self._slug)})
        running = {task["Spec"].get("ForceUpdate", 0) for task in found if task["Status"]["State"] == "running"}
        # A service that somebody has scaled to no replica at all never runs.
        return running == {revision} or (completed and not running)

    def _completed(self, revision: int) -> bool:
        """Tell whether the engine is done with the update; it is so some seconds after the new tasks run."""
        service = self._inspect() or {}
        state = _state_of(service)
        if state == "completed" and service["Spec"]["TaskTemplate"].get("ForceUpdate") != revision:
            raise Overtaken(f"Another rollout of `{self._slug}` has taken the place of this one.")
        if state in _UNDONE:
            raise UserError(tasks.reason(self._api, self._tasks()))
        return state == "completed"

    def _update_state(self) -> str:
        # The engine clears the state when it takes an update, so an old one is never read.
        return _state_of(self._inspect() or {})

    def _go_back(self, before: dict[str, Any]) -> None:
        """Roll out the version before again: the engine took the new one for good, or is still at it."""
        now = self._inspect()
        if now is not None and now["Spec"]["TaskTemplate"].get("ForceUpdate") == self._revision:
            spec = before["Spec"]
            revision = spec["TaskTemplate"]["ForceUpdate"] = self._revision + 1
            self._deadline = time.monotonic() + _DEADLINE_SECONDS
            self._update(now, spec)
            # Why the new version is not live matters more than what happens to this update.
            with suppress(UserError):
                self._wait(lambda: self._serves_alone(revision))

    def _smoke(self) -> None:
        url = self._platform.deployment(self._slug).api_url
        fault = self._wanted.fault(self._platform.reach, url)
        if fault is not None:
            raise UserError(fault + tasks.end_of_log(self._api, self._tasks()))

    def _entry(self, history: History, live: bool) -> dict[str, Any]:
        """Return the service's entry in the catalogue; people see it once it is live."""
        version = history.current
        told = version.model_dump(include={"title", "summary", "issue", "image", "commit"})
        of_pull = {"preview": self._wanted.preview} if self._wanted.preview is not None else {}
        return {"slug": self._slug, **told, "deployed_at": version.since, "live": live, **of_pull}

    def _tasks(self) -> list[dict[str, Any]]:
        """Return this version's tasks, the newest first."""
        found = self._api.tasks(filters={"service": self._platform.service(self._slug)})
        ours = [task for task in found if task["Spec"].get("ForceUpdate") == self._revision]
        return sorted(ours, key=lambda task: task["CreatedAt"], reverse=True)

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


def _state_of(service: dict[str, Any]) -> str:
    return str((service.get("UpdateStatus") or {}).get("State") or "")
