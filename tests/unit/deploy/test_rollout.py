"""The steps of a rollout, on an engine whose answers a test writes down, with a real HTTP server as the ingress."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from docker.errors import APIError, NotFound

from bot.deploy.description import Description
from bot.deploy.layout import SLUG_LABEL, Platform
from bot.deploy.rollout import Rollout
from bot.deploy.versions import PREVIEW_LABEL, REPOSITORY_LABEL, VERSIONS_LABEL, first
from bot.deploy.wanted import EarlierVersion, NewVersion, Preview
from bot.errors import UserError
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
        self.entry: dict[str, Any] = {}
        self.revision = 0
        self.before = self.spec
        self.api = self
        self.containers = SimpleNamespace(get=lambda _name: self)
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
            # The engine brings back the specification together with the tasks.
            "Spec": {**spec, **((self.before or {}) if state == "rollback_completed" else self.spec)},
            "UpdateStatus": {"State": state if self.revision else ""},
        }

    def create_service(self, template: dict[str, Any], **options: Any) -> None:
        self.done.append("create")
        self.labels = options["labels"]
        self._start(template)

    def update_service(self, _id: str, _version: int, task_template: dict[str, Any], **_: object) -> None:
        self.done.append("update")
        self._start(task_template)

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

    def exec_run(self, command: list[str], user: str) -> SimpleNamespace:
        self.entry = entry = json.loads(command[-1]) if command[0] == "sh" else {}
        self.done.append(command[0] if not entry else "show" if entry["live"] else "enter")
        return SimpleNamespace(exit_code=0, output=b"")

    def _start(self, template: dict[str, Any]) -> None:
        self.revision = template["ForceUpdate"]
        self.spec = {"TaskTemplate": template}
        self.revisions = [] if self.failure else [self.revision]


@pytest.fixture
def ingress() -> Iterator[dict[str, Any]]:
    """What POST /execute answers, and the ingress's port."""
    answers: dict[str, Any] = {"answer": {"image": "x"}}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answers["answer"]).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        answers["port"] = server.server_port
        yield answers
        server.shutdown()


def rollout(engine: Any, ingress: dict[str, Any], repository: str = "") -> Rollout:
    version = NewVersion(DESCRIPTION, "registry/qr-code:2", repository=repository)
    return Rollout(engine, Platform(port=ingress["port"]), version, 5)


def test_a_first_version_is_shown_once_it_answers(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=False)
    live = rollout(engine, ingress).carry_out()
    assert live.deployment.playground_url == f"http://qr-code.localhost:{ingress['port']}/"
    assert engine.done == ["create", "enter", "show"]


def test_a_first_version_that_dies_is_removed(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=False)
    engine.failure = "task: non-zero exit (3)"
    with pytest.raises(UserError, match=r"`qr-code` is not live: task: non-zero exit \(3\)"):
        rollout(engine, ingress).carry_out()
    assert engine.done == ["create", "enter", "remove", "rm", "rm", "remove network"]


def test_a_first_version_that_answers_wrongly_is_removed(ingress: dict[str, Any]) -> None:
    engine, ingress["answer"] = Engine(deployed=False), {}
    with pytest.raises(UserError, match="lacks the field `image`"):
        rollout(engine, ingress).carry_out()
    assert engine.done == ["create", "enter", "remove", "rm", "rm", "remove network"]


def test_an_update_is_shown_once_the_engine_has_watched_it(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    engine.states = ["updating"] * 5 + ["completed"]
    rollout(engine, ingress).carry_out()
    assert engine.done == ["update", "enter", "show"]
    assert engine.states == ["completed"]


def test_an_update_that_dies_after_it_was_healthy_is_not_shown(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    engine.states = ["updating"] * 3 + ["rollback_started", "rollback_completed"]
    with pytest.raises(UserError, match="the one before still serves"):
        rollout(engine, ingress).carry_out()
    # The engine itself has brought the version before back.
    assert engine.done == ["update", "enter"]


def test_an_update_that_answers_wrongly_is_taken_back(ingress: dict[str, Any]) -> None:
    engine, ingress["answer"] = Engine(deployed=True), {}
    engine.states = ["updating"]
    with pytest.raises(UserError, match=r"the one before still serves: .* lacks the field `image`"):
        rollout(engine, ingress).carry_out()
    assert engine.done == ["update", "enter", "update"]


def test_a_service_of_another_repository_is_left_alone(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    engine.labels[REPOSITORY_LABEL] = "octo/services"
    with pytest.raises(UserError, match=r"The name `qr-code` belongs to octo/services .* another name"):
        rollout(engine, ingress, "octo/other").carry_out()
    assert engine.done == []
    # GitHub's names of repositories have no case.
    assert rollout(engine, ingress, "Octo/Services").carry_out().version.number == 2


def preview(engine: Any, ingress: dict[str, Any], pull: int = 12) -> Rollout:
    wanted = Preview(DESCRIPTION, "registry/qr-code_preview:2", "c" * 40, "octo/services", pull)
    return Rollout(engine, Platform(port=ingress["port"]), wanted, 5)


def test_a_preview_has_a_name_of_its_own_and_says_what_it_is(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=False, name="qr-code-pr-12")
    live = preview(engine, ingress).carry_out()
    assert live.deployment.playground_url == f"http://qr-code-pr-12.localhost:{ingress['port']}/"
    assert engine.done == ["create", "enter", "show"]
    assert (engine.labels[PREVIEW_LABEL], engine.labels[REPOSITORY_LABEL]) == ("12", "octo/services")
    assert (engine.entry["slug"], engine.entry["preview"], engine.entry["commit"]) == ("qr-code-pr-12", 12, "c" * 40)


def test_a_newer_commit_takes_the_place_of_a_preview_and_nothing_is_kept(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True, name="qr-code-pr-12")
    engine.labels |= {PREVIEW_LABEL: "12", REPOSITORY_LABEL: "octo/services"}
    live = preview(engine, ingress).carry_out()
    assert engine.done == ["update", "enter", "show", "rmi registry/qr-code:1"]
    assert (live.version.number, live.version.commit) == (1, "c" * 40)


def test_a_live_service_that_is_called_like_a_preview_is_left_alone(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True, name="qr-code-pr-12")
    with pytest.raises(UserError, match="`qr-code-pr-12` on this platform is a live service, so I leave it alone"):
        preview(engine, ingress).carry_out()
    assert engine.done == []


@pytest.mark.parametrize("rolled_back", [False, True])
def test_a_preview_is_not_brought_live(ingress: dict[str, Any], rolled_back: bool) -> None:
    engine: Any = Engine(deployed=True, name="qr-code-pr-12")
    engine.labels[PREVIEW_LABEL] = "12"
    new = NewVersion(DESCRIPTION.model_copy(update={"slug": "qr-code-pr-12"}), "registry/qr-code:2")
    wanted = EarlierVersion("qr-code-pr-12") if rolled_back else new
    refusal = "`qr-code-pr-12` on this platform is the preview of #12, so I leave it alone"
    with pytest.raises(UserError, match=refusal):
        Rollout(engine, Platform(port=ingress["port"]), wanted, 5).carry_out()
    assert engine.done == []


class Overtaken(Engine):
    """An engine that takes another update right after the one of the rollout, and completes that."""

    def update_service(self, _id: str, _version: int, task_template: dict[str, Any], **options: object) -> None:
        super().update_service(_id, _version, task_template, **options)
        assert self.spec is not None
        self.spec = {"TaskTemplate": {**task_template, "ForceUpdate": 99}}
        self.revisions = [99]


def test_a_rollout_that_another_one_has_overtaken_takes_nothing_back(ingress: dict[str, Any]) -> None:
    engine = Overtaken(deployed=True)
    with pytest.raises(UserError, match="Another rollout of `qr-code` has taken the place of this one"):
        rollout(engine, ingress).carry_out()
    assert engine.done == ["update", "enter"]


def history(commit: str) -> str:
    """Return the label of a service that has been deployed once."""
    return first(DESCRIPTION, "registry/qr-code:9", commit).to_label()


NEW, OLD = "2" * 40, "1" * 40


def new_version(engine: Any, ingress: dict[str, Any], commit: str = OLD) -> Rollout:
    version = NewVersion(DESCRIPTION, "registry/qr-code:2", commit, newer=lambda live: live > commit)
    return Rollout(engine, Platform(port=ingress["port"]), version, 5)


def test_a_newer_commit_that_is_live_stays(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    engine.labels[VERSIONS_LABEL] = history(NEW)
    live = new_version(engine, ingress).carry_out()
    assert (live.version.commit, live.newer, engine.done) == (NEW, True, [])


def test_an_older_commit_that_is_live_is_replaced(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    engine.labels[VERSIONS_LABEL] = history(OLD)
    live = new_version(engine, ingress, NEW).carry_out()
    assert (live.version.commit, live.newer) == (NEW, False)
    assert engine.done == ["update", "enter", "show"]


class Race(Engine):
    """An engine on which another rollout changes the service between the look of this one and its change."""

    def __init__(self, deployed: bool, commit: str) -> None:
        super().__init__(deployed)
        self.other: str | None = commit

    def create_service(self, template: dict[str, Any], **options: Any) -> None:
        self._lose(409, "name conflicts with an existing object")
        super().create_service(template, **options)

    def update_service(self, _id: str, _version: int, task_template: dict[str, Any], **options: object) -> None:
        self._lose(500, "rpc error: code = Unknown desc = update out of sequence")
        super().update_service(_id, _version, task_template, **options)

    def _lose(self, status: int, said: str) -> None:
        if self.other is not None:
            self.labels[VERSIONS_LABEL], self.other = history(self.other), None
            self.spec, self.revisions = {"TaskTemplate": {"ForceUpdate": 99}}, [99]
            response = requests.Response()
            response.status_code = status
            raise APIError(said, response, said)


@pytest.mark.parametrize("deployed", [False, True])
def test_of_two_that_come_at_once_the_newer_one_stays(ingress: dict[str, Any], deployed: bool) -> None:
    engine = Race(deployed, NEW)
    live = new_version(engine, ingress).carry_out()
    assert (live.version.commit, live.newer, engine.done) == (NEW, True, [])


@pytest.mark.parametrize("deployed", [False, True])
def test_of_two_that_come_at_once_the_older_one_is_replaced(ingress: dict[str, Any], deployed: bool) -> None:
    engine = Race(deployed, OLD)
    live = new_version(engine, ingress, NEW).carry_out()
    assert (live.version.commit, live.newer, live.version.number) == (NEW, False, 2)
    assert engine.done == ["update", "enter", "show"]


def test_a_first_version_that_dies_leaves_what_another_rollout_has_made_of_it(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=False)

    class Enters:
        """The catalogue; while the entry is written, a newer rollout updates the service."""

        def exec_run(self, command: list[str], user: str) -> SimpleNamespace:
            assert engine.spec is not None
            engine.labels = {SLUG_LABEL: "qr-code", VERSIONS_LABEL: history(NEW)}
            engine.spec, engine.revisions = {"TaskTemplate": {"ForceUpdate": 99}}, [99]
            return SimpleNamespace(exit_code=0, output=b"")

    engine.containers = SimpleNamespace(get=lambda _name: Enters())
    live = new_version(engine, ingress).carry_out()
    assert (live.version.commit, live.newer, engine.done) == (NEW, True, ["create"])


def test_what_is_not_there_cannot_be_rolled_back(ingress: dict[str, Any]) -> None:
    engine: Any = Engine(deployed=False)
    with pytest.raises(UserError, match="There is no service `qr-code` on the platform"):
        Rollout(engine, Platform(port=ingress["port"]), EarlierVersion("qr-code"), 5).carry_out()
    assert engine.done == []
