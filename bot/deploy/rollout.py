"""Bring a service's new version live, or leave everything as it was and say why."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound

from bot.deploy import catalogue, smoke, swarm
from bot.deploy.layout import Platform
from bot.deploy.service_spec import service_spec
from bot.errors import UserError
from bot.values.naming import DESCRIPTION
from bot.values.run import Deployment

_POLL_SECONDS = 0.1
_DEADLINE_SECONDS = 900.0
"""For everything, the transfer of a big image included."""

_FAILED = ("failed", "rejected", "orphaned", "complete")
_SETTLED = ("completed", "paused", "rollback_completed", "rollback_paused")


def deploy(
    client: docker.DockerClient, folder: Path, image: str, *, name: str = "gptdeploy", patience: float = 45.0
) -> Deployment:
    """Roll the service in `folder` out as `image`, and wait until it answers its own example through the ingress.

    The version before serves until the new one is healthy. If that never happens, or its answer to the example is
    wrong, the version before goes on serving; a service that was not there before is removed again.

    Args:
        folder: `services/<slug>`, for its `service.json`.
        name: the platform's.
        patience: seconds the new version may take until it answers `/healthz`.

    Raises:
        UserError: says why it is not live.
    """
    described = read_description(folder)
    slug = str(described["slug"])
    try:
        platform = swarm.find(client, name)
        if platform is None:
            raise UserError("This engine has no platform: run `gptdeploy platform up` once.")
        spec = service_spec(
            platform, slug, _pinned(client, image), described["resources"], time.time_ns() // 1_000_000, patience
        )
        return _Rollout(client, platform, described, image, spec).carry_out()
    except APIError as error:
        raise UserError(f"The Docker engine refuses to deploy `{slug}`: {error.explanation or error}") from error


def read_description(folder: Path) -> dict[str, Any]:
    """Return a folder's `service.json`, its slug checked and its resources filled in.

    Raises:
        UserError: it is missing, or describes another folder's service.
    """
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"`{folder}` has no `{DESCRIPTION}`: name the folder of a service.") from error
    except ValueError as error:
        raise UserError(f"`{folder / DESCRIPTION}` is not valid JSON: {error}") from error
    wanted = ("slug", "title", "summary", "example", "output_schema")
    if not isinstance(described, dict) or any(name not in described for name in wanted):
        raise UserError(f"`{folder / DESCRIPTION}` needs {', '.join(f'`{name}`' for name in wanted)}.")
    if described["slug"] != folder.resolve().name:
        raise UserError(f"`{folder / DESCRIPTION}` describes `{described['slug']}`: slug and folder must be the same.")
    return {**described, "resources": described.get("resources") or {}}


class _Rollout:
    """One attempt to bring a version live."""

    def __init__(
        self,
        client: docker.DockerClient,
        platform: Platform,
        described: dict[str, Any],
        image: str,
        spec: dict[str, Any],
    ) -> None:
        self._client = client
        self._api: Any = client.api
        self._platform = platform
        self._described = described
        self._slug = str(described["slug"])
        self._image = image
        self._spec = spec
        self._revision: int = spec["TaskTemplate"]["ForceUpdate"]
        self._deadline = time.monotonic() + _DEADLINE_SECONDS

    def carry_out(self) -> Deployment:
        before = self._inspect()
        reason = self._create() if before is None else self._update(before, self._spec)
        if reason is None:
            known = catalogue.exists(self._client, self._platform, self._slug)
            if not known:
                # The ingress knows a service by its entry; people do not see this one yet.
                self._enter(live=False)
            reason = self._smoke()
            if reason is None:
                self._enter(live=True)
                return self._platform.deployment(self._slug)
            reason += self._log()
        if before is None:
            self._withdraw()
            raise UserError(f"`{self._slug}` is not live: {reason}")
        if not self._update_state().startswith("rollback"):
            self._go_back(before)
        raise UserError(f"The new version of `{self._slug}` is not live, the one before still serves: {reason}")

    def _inspect(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._api.inspect_service(self._spec["Name"])
        except NotFound:
            return None
        return found

    def _create(self) -> str | None:
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
        while True:
            tasks = self._tasks()
            # With a health check, a task counts as running only once it has passed.
            if any(task["Status"]["State"] == "running" for task in tasks):
                return None
            if any(task["Status"]["State"] in _FAILED for task in tasks):
                return self._reason()
            if late := self._wait():
                return late

    def _update(self, before: dict[str, Any], spec: dict[str, Any]) -> str | None:
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
        while True:
            state = self._update_state()
            if state == "completed":
                return self._drained(spec["TaskTemplate"].get("ForceUpdate", 0))
            if state in _SETTLED:
                return self._reason()
            if late := self._wait():
                return late

    def _drained(self, revision: int) -> str | None:
        """Wait until only that revision runs: an update is complete while containers of the one before still end.

        What the ingress answers until then may come from either.
        """
        while any(
            task["Status"]["State"] == "running" and task["Spec"].get("ForceUpdate", 0) != revision
            for task in self._api.tasks(filters={"service": self._spec["Name"]})
        ):
            if late := self._wait():
                return late
        return None

    def _update_state(self) -> str:
        # The engine clears the state when it takes an update, so an old one is never read.
        return str(((self._inspect() or {}).get("UpdateStatus") or {}).get("State") or "")

    def _go_back(self, before: dict[str, Any]) -> None:
        """Roll out the version before again: the engine took the new one for good, or is still at it."""
        now = self._inspect()
        if now is not None:
            spec = before["Spec"]
            spec["TaskTemplate"]["ForceUpdate"] = self._revision + 1
            self._deadline = time.monotonic() + _DEADLINE_SECONDS
            self._update(now, spec)

    def _withdraw(self) -> None:
        self._api.remove_service(self._spec["Name"])
        catalogue.remove(self._client, self._platform, self._slug)

    def _smoke(self) -> str | None:
        return smoke.check(
            self._platform.reach,
            self._platform.deployment(self._slug).api_url,
            self._described["example"],
            self._described["output_schema"],
            seconds=15,
            limit=float(self._described["resources"].get("timeout", 60)),
        )

    def _enter(self, live: bool) -> None:
        entry = {name: self._described[name] for name in ("slug", "title", "summary")}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry |= {"issue": self._described.get("issue"), "image": self._image, "deployed_at": now, "live": live}
        catalogue.write(self._client, self._platform, entry)

    def _tasks(self) -> list[dict[str, Any]]:
        """Return this version's tasks, the newest first."""
        tasks = self._api.tasks(filters={"service": self._spec["Name"]})
        ours = [task for task in tasks if task["Spec"].get("ForceUpdate") == self._revision]
        return sorted(ours, key=lambda task: task["CreatedAt"], reverse=True)

    def _reason(self) -> str:
        """Return what this version's newest failed task died of, with the end of its log."""
        for task in self._tasks():
            error = task["Status"].get("Err")
            if error:
                hung = "unhealthy container" in error
                return ("its container never answered `/healthz`" if hung else str(error)) + self._log(task)
        return "its container did not become healthy" + self._log()

    def _log(self, task: dict[str, Any] | None = None) -> str:
        """Return the last lines a task of this version wrote, fenced; empty where another machine has them."""
        tasks = [task] if task else self._tasks()
        for one in tasks:
            container = (one["Status"].get("ContainerStatus") or {}).get("ContainerID")
            if not container:
                continue
            try:
                log = self._api.logs(container, tail=20)
            except (NotFound, APIError):
                continue
            text = bytes(log).decode("utf-8", "replace").strip()
            if text:
                return f"\n```\n{text[-2000:]}\n```"
        return ""

    def _wait(self) -> str | None:
        """Wait a moment; return what to say once it has taken too long."""
        time.sleep(_POLL_SECONDS)
        late = time.monotonic() > self._deadline
        return f"the engine has not finished within {_DEADLINE_SECONDS:g} seconds" if late else None


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
