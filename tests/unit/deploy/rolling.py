"""The engine of a rollout, whose answers a test writes down, and a rollout on it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import requests
from docker.auth import AuthConfig
from docker.errors import APIError, NotFound

from bot.deploy.description import Description
from bot.deploy.layout import SLUG_LABEL, Platform
from bot.deploy.owner import NOBODY, Owner
from bot.deploy.rollout import Rollout
from bot.deploy.wanted import NewVersion
from tests.unit.deploy.described import DESCRIBED

DESCRIPTION = Description.model_validate({**DESCRIBED, "output_schema": {"required": ["image"]}})
BEFORE = 1


class Subnet:
    """The network of a service; `done` gets what a rollout changes about it."""

    id = "n"
    name = "svc-qr-code"

    def __init__(self, done: list[str]) -> None:
        self.attrs = {"IPAM": {"Config": [{"Subnet": "198.18.3.0/26"}]}}
        self._done = done

    def connect(self, container: str) -> None:
        """Let a container in."""

    def disconnect(self, container: str, force: bool) -> None:
        """Take a container out."""

    def remove(self) -> None:
        self._done.append("remove network")
        raise NotFound("it is gone")


class Engine:
    """The engine's API, as far as a rollout asks it.

    Attributes:
        revisions: of the tasks that run.
        states: what the engine says of an update, look by look; the last one stays.
        failure: what a task of the new version dies of, "" for nothing.
        done: what the engine was asked to change, in order.
        updated: the labels of the newest update.
        answer: what the service answers within the platform; asked_inside: how often it was asked there.
    """

    def __init__(self, deployed: bool, name: str = "qr-code") -> None:
        template = {"ForceUpdate": BEFORE, "ContainerSpec": {"Image": "registry/qr-code:1"}}
        self.spec: dict[str, Any] | None = {"TaskTemplate": template} if deployed else None
        self.revisions = [BEFORE] if deployed else []
        self.states = ["updating", "completed"]
        self.failure = ""
        self.done: list[str] = []
        self.name = name
        self.labels = {SLUG_LABEL: name}
        self.updated = self.labels
        self.entry: dict[str, Any] = {}
        self.answer: dict[str, Any] = {"image": "x"}
        self.asked_inside = 0
        self.revision = 0
        self.before = self.spec
        self.api = self
        self.attrs = {"NetworkSettings": {"Networks": {"gptdeploy": {"IPAddress": "10.0.1.2"}}}}
        self.containers = with_playground(self)
        self._auth_configs = AuthConfig({})
        self.networks = SimpleNamespace(list=lambda **_: [Subnet(self.done)])
        self.images = SimpleNamespace(
            get=lambda name: SimpleNamespace(tags=[name], attrs={}), remove=lambda name: self.done.append(f"rmi {name}")
        )

    def inspect_service(self, _name: str) -> dict[str, Any]:
        if self.spec is None:
            raise NotFound("no such service")
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        spec = {
            "Mode": {},
            "Labels": self.labels,
            "UpdateConfig": {},
            "RollbackConfig": {},
            "EndpointSpec": {},
            "Name": "svc",
        }
        return {
            "ID": "1",
            "UpdatedAt": "2026-01-02T03:04:05.678Z",
            "Version": {"Index": 1},
            # The engine brings back the specification before the tasks.
            "Spec": {**spec, **((self.before or {}) if state.startswith("rollback") else self.spec)},
            "UpdateStatus": {"State": state if self.revision else ""},
        }

    def create_service(self, template: dict[str, Any], **options: Any) -> None:
        self.done.append("create")
        self.labels = options["labels"]
        self._start(template)

    def update_service(self, _id: str, _version: int, task_template: dict[str, Any], **options: Any) -> None:
        self.done.append("update")
        self.updated = options["labels"]
        self._start(task_template)

    def services(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        """The service that is rolled out as the newest update has it."""
        assert filters == {"label": "gptdeploy.platform=gptdeploy"}
        if self.spec is None:
            return []
        template = {"ContainerSpec": {"Image": "registry/qr-code:1"}, **self.spec["TaskTemplate"]}
        return [{"UpdatedAt": "2026-01-02T03:04:05.678Z", "Spec": {"Labels": self.updated, "TaskTemplate": template}}]

    def nodes(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        """Return the machines that have joined: it is one machine."""
        return []

    def remove_service(self, _name: str) -> None:
        self.done.append("remove")

    def tasks(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        assert filters["service"] in ("1", f"svc-{self.name}")
        died = {"State": "failed", "Err": self.failure}
        dead = [{"Spec": {"ForceUpdate": self.revision}, "CreatedAt": "2", "Status": died}] if self.failure else []
        return dead + [
            {"Spec": {"ForceUpdate": revision}, "CreatedAt": "1", "Status": {"State": "running"}}
            for revision in self.revisions
        ]

    def exec_run(self, command: list[str], user: str = "", demux: bool = False) -> SimpleNamespace:
        if demux:
            self.asked_inside += 1
            return SimpleNamespace(exit_code=0, output=(b"200\n" + json.dumps(self.answer).encode(), b""))
        if command[-2].startswith("/tmp/"):
            return SimpleNamespace(exit_code=0, output=b"")
        self.entry = entry = json.loads(command[-1]) if command[0] == "sh" else {}
        self.done.append(command[0] if not entry else "show" if entry["live"] else "enter")
        return SimpleNamespace(exit_code=0, output=b"")

    def _start(self, template: dict[str, Any]) -> None:
        self.revision = template["ForceUpdate"]
        self.spec = {"TaskTemplate": template}
        self.revisions = [] if self.failure else [self.revision]


def with_playground(playground: Any) -> SimpleNamespace:
    """Return an engine's containers: the platform has a playground, and no registry of its own."""

    def get(name: str) -> Any:
        if name.endswith("-registry"):
            raise NotFound(name)
        return playground

    return SimpleNamespace(get=get)


def refusal(status: int, said: str) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError(said, response, said)


def rollout(engine: Any, ingress: dict[str, Any], repository: Owner = NOBODY) -> Rollout:
    version = NewVersion(DESCRIPTION, "registry/qr-code:2", repository=repository)
    return Rollout(engine, Platform(port=ingress["port"]), version, 5)
