"""Bring a service's new version live, or leave everything as it was and say why."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import docker

from bot.deploy import agent, catalogue, engine_images, networks, proof, pull_credentials, removal, swarm, tasks
from bot.deploy.doors import Gap
from bot.deploy.engine_service import ENDED, Changed, EngineService, egress_of, revision_of, state_of, task_revision
from bot.deploy.layout import Platform
from bot.deploy.live import Live
from bot.deploy.owner import Owner, owner_of
from bot.deploy.refusals import Overtaken, TakenDown, refusals, refuse_foreign, refuse_other_kind, refuse_taken
from bot.deploy.service_spec import service_spec
from bot.deploy.versions import (
    PREVIEW_LABEL,
    History,
    history_of,
    previewed_pull,
)
from bot.deploy.wanted import NewVersion, Preview, Wanted
from bot.errors import UserError
from bot.sentence import joined, verbatim

_POLL_SECONDS = 0.05
_DEADLINE_SECONDS = 900.0
"""For everything, the transfer of a big image included."""

# What the engine says of an update that has ended otherwise than well.
_UNDONE = ("paused", "rollback_completed", "rollback_paused")


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
        pull_credentials.use(client, platform)
        if isinstance(wanted, NewVersion | Preview):
            wanted = replace(wanted, image=engine_images.lasting(client, platform, wanted.image))
        return Rollout(client, platform, wanted, patience)


class Rollout:
    """One attempt to bring a version live. Its steps raise `UserError` with the reason why the version is not live."""

    def __init__(self, client: docker.DockerClient, platform: Platform, wanted: Wanted, patience: float) -> None:
        self._client = client
        self._service = EngineService(client, platform.service(wanted.slug))
        self.platform = platform
        self._wanted = wanted
        self._slug = wanted.slug
        self._patience = patience
        self._revision = time.time_ns() // 1_000_000
        self._deadline = time.monotonic() + _DEADLINE_SECONDS
        self._gap: Gap | None = None

    def carry_out(self) -> Live:
        """Roll the version out, and wait until it answers its own example.

        The version before serves until the new one is healthy. If that never happens, if its answer to the example is
        wrong, or if it ends within the first seconds, the version before is brought back. A service that was not there
        before is removed again. Where a newer commit is live, or becomes so meanwhile, that stays.

        Raises:
            UserError: says why it is not live.
        """
        with refusals(self._slug):
            overtaken, failing_until = False, None
            while True:
                before = self._service.inspect()
                repository = self._repository(before)
                past = history_of(before) if before else None
                if before and past and self._stays(past.current.commit, overtaken):
                    # Its rollout may be under way, and be taken back.
                    if self._service.is_settled(before):
                        where = self.platform.deployment(self._slug)
                        return Live(where, past.current, past.current, newer=True)
                    failing_until = self._fails_until(before, failing_until)
                    self._pause()
                    continue
                if overtaken:
                    raise Overtaken(self._slug)
                # Another rollout may change the service between the look and the change: then it is looked at again.
                with suppress(Changed):
                    try:
                        return self._bring(before, past, repository)
                    except Overtaken:
                        overtaken = True
                self._pause()

    def _fails_until(self, live: dict[str, Any], until: float | None) -> float | None:
        """Return until when what is live may fail before this rollout is given up; None while it does not fail.

        Raises:
            UserError: that time is over.
        """
        if not self._service.is_failing(live):
            return None
        if until is not None and time.monotonic() > until:
            why = tasks.reason(self._client.api, self._service.tasks(revision_of(live)))
            raise UserError("`%(slug)s` is not live: %(why)s", slug=self._slug, why=why)
        return until or time.monotonic() + self._patience

    def _stays(self, live: str, overtaken: bool) -> bool:
        """Tell whether what is live stays: a newer commit, or the same one that another rollout has brought live."""
        return self._wanted.newer(live) or (overtaken and bool(live) and live == self._wanted.commit)

    def _bring(self, before: dict[str, Any] | None, past: History | None, repository: Owner) -> Live:
        history, egress = self._wanted.history(past), self._wanted.egress
        network = networks.ensure(self._client, self.platform, self._slug)
        spec = service_spec(
            self.platform,
            self._slug,
            history,
            network=str(network.id),
            egress=egress,
            revision=self._revision,
            patience=self._patience,
        )
        spec["Labels"] |= repository.labels
        if self._wanted.preview is not None:
            spec["Labels"][PREVIEW_LABEL] = str(self._wanted.preview)
        with networks.let_out(self._client, self.platform, network, egress_of(before), egress):
            if before is None:
                self._first(spec, history)
            else:
                self._next(before, spec, history)
        pull_credentials.drop_token(self._client, self.platform, self._service, history.current.image)
        catalogue.replace(self._client, self.platform, self._entry(history, live=True))
        agent.spread(self._client, self.platform)
        forgotten = {version.image for version in past.versions} if past else set()
        engine_images.remove(self._client, self.platform, forgotten)
        where, left = self.platform.deployment(self._slug), past.current if past else None
        return Live(where, history.current, left, gap=self._gap)

    def _repository(self, before: dict[str, Any] | None) -> Owner:
        """Return where the service comes from.

        Raises:
            UserError: a service of that name comes from another repository, or is live where a preview is wanted, or
                the other way round.
        """
        owner, repository = owner_of(before), self._wanted.repository
        if isinstance(self._wanted, NewVersion | Preview):
            # Who has the name of a service has the names of its previews, before there is one.
            name = self._wanted.description.slug
            live = before if name == self._slug else EngineService(self._client, self.platform.service(name)).inspect()
            for found in (owner, owner_of(live)):
                refuse_taken(name, found, repository)
        refuse_foreign(self._slug, owner, repository)
        if before:
            refuse_other_kind(self._slug, previewed_pull(before), self._wanted.preview)
        return owner.told(repository)

    def _first(self, spec: dict[str, Any], history: History) -> None:
        """Create the service. One healthy task that answers is enough: there is no version to go back to."""
        try:
            self._service.create(spec)
            # The ingress knows a service by its entry. People do not see this one yet.
            catalogue.add(self._client, self.platform, self._entry(history, live=False))
            self._wait(self._runs)
            self._smoke()
        except (Overtaken, TakenDown):
            raise
        except UserError as error:
            if revision_of(self._service.inspect()) == self._revision:
                removal.withdraw(self._client, self.platform, self._slug)
                networks.remove(self._client, self.platform, self._slug)
            raise UserError("`%(slug)s` is not live: %(why)s", slug=self._slug, why=error.sentence) from error

    def _next(self, before: dict[str, Any], spec: dict[str, Any], history: History) -> None:
        """Update the service. The engine watches the new version for some seconds and rolls back if a task ends."""
        try:
            self._service.update(before, spec)
            catalogue.add(self._client, self.platform, self._entry(history, live=False))
            self._wait(lambda: self._serves_alone(self._revision))
            self._smoke()
            self._wait(lambda: self._completed(self._revision))
        except (Overtaken, TakenDown):
            raise
        except UserError as error:
            self._go_back(before)
            raise UserError(
                "%(what)s of `%(slug)s` is not live, the one before still serves: %(why)s",
                what=self._wanted.name,
                slug=self._slug,
                why=error.sentence,
            ) from error

    def _runs(self) -> bool:
        """Tell whether a task of this version runs. With a health check, it counts as running once it has passed."""
        if revision_of(self._there()) != self._revision:
            raise Overtaken(self._slug)
        found = self._tasks()
        states = {task["Status"]["State"] for task in found}
        if "running" not in states and states.intersection(ENDED):
            raise UserError(tasks.reason(self._client.api, found))
        return "running" in states

    def _serves_alone(self, revision: int) -> bool:
        """Tell whether only tasks of that revision run: until then, an answer may come from the version before."""
        completed = self._completed(revision)
        found = self._service.tasks()
        running = {task_revision(task) for task in found if task["Status"]["State"] == "running"}
        # A service that somebody has scaled to no replica at all never runs.
        return running == {revision} or (completed and not running)

    def _completed(self, revision: int) -> bool:
        """Tell whether the engine is done with the update; it is so some seconds after the new tasks run."""
        service = self._there()
        state = state_of(service)
        if state not in ("completed", *_UNDONE):
            return False
        # Another rollout, which came after this one, may be what was undone.
        if revision_of(service) == revision:
            return True
        if state == "completed":
            raise Overtaken(self._slug)
        raise UserError(tasks.reason(self._client.api, self._tasks()))

    def _there(self) -> dict[str, Any]:
        """Return the service, which is there from when the engine has taken it."""
        service = self._service.inspect()
        if service is None:
            raise TakenDown(self._slug)
        return service

    def _go_back(self, before: dict[str, Any]) -> None:
        """Have the version before alone again: the engine took the new one for good, or is still at it."""
        spec = before["Spec"]
        revision = spec["TaskTemplate"]["ForceUpdate"] = self._revision + 1
        self._deadline = time.monotonic() + _DEADLINE_SECONDS
        # Why the new version is not live matters more.
        with suppress(UserError):
            while (now := self._service.inspect()) and revision_of(now) == self._revision:
                # The engine notes how far it is, and then the service is not what it was when it was looked at.
                with suppress(Changed):
                    self._service.update(now, spec)
                    self._wait(lambda: self._serves_alone(revision))
                    return
                self._pause()
            self._wait(lambda: state_of(self._service.inspect()) != "rollback_started")

    def _smoke(self) -> None:
        fault, self._gap = proof.prove(self._client, self.platform, self._slug, self._wanted.fault)
        if fault is not None:
            raise UserError(joined([fault, verbatim(tasks.end_of_log(self._client.api, self._tasks()))], ""))

    def _entry(self, history: History, live: bool) -> dict[str, Any]:
        """Return the service's entry in the catalogue."""
        return catalogue.entry(self._slug, history.current, live=live, preview=self._wanted.preview)

    def _tasks(self) -> list[dict[str, Any]]:
        """Return this version's tasks, the newest first."""
        return self._service.tasks(self._revision)

    def _wait(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so; `UserError` says that it has taken too long.

        The engine is asked less often the longer it takes. It is noticed late by a twentieth of that at most.
        """
        began = time.monotonic()
        while not reached():
            self._pause((time.monotonic() - began) / 20)

    def _pause(self, seconds: float = 0) -> None:
        if time.monotonic() > self._deadline:
            raise UserError("the engine has not finished within %(seconds)s seconds", seconds=f"{_DEADLINE_SECONDS:g}")
        time.sleep(min(max(_POLL_SECONDS, seconds), 1))
