"""The steps of a rollout, on an engine whose answers a test writes down, with a real HTTP server as the ingress."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.deploy.layout import SLUG_LABEL, Platform
from bot.deploy.owner import Owner, owner_of
from bot.deploy.rollout import Rollout
from bot.deploy.versions import VERSIONS_LABEL, first
from bot.deploy.wanted import EarlierVersion, NewVersion
from bot.errors import UserError
from tests.unit.deploy.rolling import DESCRIPTION, Engine, refusal, rollout, with_playground


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
    engine = Engine(deployed=False)
    ingress["answer"] = engine.answer = {}
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
    engine = Engine(deployed=True)
    ingress["answer"] = engine.answer = {}
    engine.states = ["updating"]
    with pytest.raises(UserError, match=r"the one before still serves: .* lacks the field `image`"):
        rollout(engine, ingress).carry_out()
    assert engine.done == ["update", "enter", "update"]


class Noting(Engine):
    """An engine that notes how far it is with the update between the look of the rollout and its way back."""

    noted = False

    def update_service(self, _id: str, _version: int, task_template: dict[str, Any], **options: object) -> None:
        if self.done and not self.noted:
            self.noted = True
            raise refusal(500, "rpc error: code = Unknown desc = update out of sequence")
        super().update_service(_id, _version, task_template, **options)


def test_the_way_back_is_taken_again_where_the_engine_has_changed_the_service(ingress: dict[str, Any]) -> None:
    engine = Noting(deployed=True)
    ingress["answer"] = engine.answer = {}
    engine.states = ["updating"]
    with pytest.raises(UserError, match="the one before still serves"):
        rollout(engine, ingress).carry_out()
    assert engine.noted
    assert engine.done == ["update", "enter", "update"]


def test_the_way_back_of_the_engine_itself_is_waited_for(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    ingress["answer"] = engine.answer = {}
    engine.states = ["updating"] * 2 + ["rollback_started"] * 4 + ["rollback_completed"]
    with pytest.raises(UserError, match="the one before still serves"):
        rollout(engine, ingress).carry_out()
    assert engine.done == ["update", "enter"]
    assert engine.states == ["rollback_completed"]


def test_a_service_of_another_repository_is_left_alone(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)
    engine.labels |= Owner("octo/services").labels
    with pytest.raises(UserError, match=r"The name `qr-code` belongs to octo/services .* another name"):
        rollout(engine, ingress, Owner("octo/other")).carry_out()
    assert engine.done == []
    # GitHub's names of repositories have no case.
    assert rollout(engine, ingress, Owner("Octo/Services")).carry_out().version.number == 2


def test_a_repository_keeps_its_services_under_another_name(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=True)

    def deployed_by(owner: Owner) -> Owner:
        rollout(engine, ingress, owner).carry_out()
        engine.labels = engine.updated
        return owner_of({"Spec": {"Labels": engine.labels}})

    # From before ids were kept: the same name takes it over.
    engine.labels |= Owner("octo/services").labels
    assert deployed_by(Owner("octo/services", "1")) == Owner("octo/services", "1")
    taken = r"The name `qr-code` belongs to another repository that was called octo/services on this platform"
    with pytest.raises(UserError, match=taken):
        deployed_by(Owner("octo/services", "2"))
    assert deployed_by(Owner("acme/tools", "1")) == Owner("acme/tools", "1")
    # By hand, where nobody says an id.
    assert deployed_by(Owner("acme/tools")) == Owner("acme/tools", "1")


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
            raise refusal(status, said)


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


@pytest.mark.parametrize("deployed", [False, True])
def test_the_same_commit_that_another_request_brings_live_is_enough(ingress: dict[str, Any], deployed: bool) -> None:
    """A push and `/deploy` come to the same commit in workflow runs of their own."""
    engine: Any = Engine(deployed)

    class Enters:
        def exec_run(self, command: list[str], user: str) -> SimpleNamespace:
            engine.labels = {SLUG_LABEL: "qr-code", VERSIONS_LABEL: history(NEW)}
            engine.spec, engine.revisions = {"TaskTemplate": {"ForceUpdate": 99}}, [99]
            return SimpleNamespace(exit_code=0, output=b"")

    engine.containers = with_playground(Enters())
    live = new_version(engine, ingress, NEW).carry_out()
    assert (live.version.commit, live.newer) == (NEW, True)
    assert engine.done == ["update" if deployed else "create"]


def test_a_first_version_that_dies_leaves_what_another_rollout_has_made_of_it(ingress: dict[str, Any]) -> None:
    engine = Engine(deployed=False)

    class Enters:
        """The catalogue; while the entry is written, a newer rollout updates the service."""

        def exec_run(self, command: list[str], user: str) -> SimpleNamespace:
            assert engine.spec is not None
            engine.labels = {SLUG_LABEL: "qr-code", VERSIONS_LABEL: history(NEW)}
            engine.spec, engine.revisions = {"TaskTemplate": {"ForceUpdate": 99}}, [99]
            return SimpleNamespace(exit_code=0, output=b"")

    engine.containers = with_playground(Enters())
    live = new_version(engine, ingress).carry_out()
    assert (live.version.commit, live.newer, engine.done) == (NEW, True, ["create"])


def test_a_first_version_that_is_overtaken_does_not_wait_for_what_never_runs(ingress: dict[str, Any]) -> None:
    """Another rollout took its place, and failed; the engine brings this version back, which ends again and again."""
    engine: Any = Engine(deployed=False)

    class Enters:
        def exec_run(self, command: list[str], user: str) -> SimpleNamespace:
            engine.spec, engine.revisions = {"TaskTemplate": {"ForceUpdate": 99}}, []
            engine.revision, engine.failure, engine.states = 99, "task: non-zero exit (1)", ["rollback_completed"]
            engine.before = engine.spec
            return SimpleNamespace(exit_code=0, output=b"")

    engine.containers = with_playground(Enters())
    version = NewVersion(DESCRIPTION, "registry/qr-code:2", OLD)
    with pytest.raises(UserError, match=r"`qr-code` is not live: task: non-zero exit"):
        Rollout(engine, Platform(port=ingress["port"]), version, patience=0.2).carry_out()


@pytest.mark.parametrize("deployed", [False, True])
def test_what_is_taken_down_meanwhile_is_not_waited_for(ingress: dict[str, Any], deployed: bool) -> None:
    engine = Engine(deployed)

    class Enters:
        def exec_run(self, command: list[str], user: str) -> SimpleNamespace:
            engine.spec, engine.revisions = None, []
            return SimpleNamespace(exit_code=0, output=b"")

    engine.containers = with_playground(Enters())
    with pytest.raises(UserError) as caught:
        rollout(engine, ingress).carry_out()
    assert str(caught.value) == "`qr-code` was taken down while it was rolled out."


def test_what_is_not_there_cannot_be_rolled_back(ingress: dict[str, Any]) -> None:
    engine: Any = Engine(deployed=False)
    with pytest.raises(UserError, match="There is no service `qr-code` on the platform"):
        Rollout(engine, Platform(port=ingress["port"]), EarlierVersion("qr-code"), 5).carry_out()
    assert engine.done == []
