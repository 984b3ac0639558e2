"""What is done with a service that is live, or a preview; each operation returns what people are told, as Markdown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import docker

from bot.deploy import pull_credentials, rollout, swarm
from bot.deploy.announce import Repository, announce_end, announce_rollback
from bot.deploy.deployed import Deployed, deployed
from bot.deploy.description import environment
from bot.deploy.layout import Platform
from bot.deploy.logs import MOST_LINES, last_lines
from bot.deploy.owner import Owner
from bot.deploy.proof import is_healthy
from bot.deploy.removal import take_down
from bot.deploy.scaling import scale
from bot.deploy.versions import Version
from bot.deploy.wanted import EarlierVersion, Preview
from bot.errors import UserError
from bot.foreign import Markdown
from bot.render import curl, markdown
from bot.sentence import sentence
from bot.values.operation import Operation

LINES = 50
"""Lines of a log, where nobody says how many."""


@dataclass(frozen=True)
class Outcome:
    """What an operation has come to.

    Attributes:
        text: returns what people are told, as Markdown, in a language, as BCP 47 has it.
        tell: sets the statuses of the deployments that have changed, in such a language, too.
        version: what was live before, where the service is taken down.
    """

    text: Callable[[str], Markdown]
    tell: Callable[[Repository, str], None] = lambda _, __: None
    version: Version | None = None


class Operations:
    """What can be done on a platform.

    Args:
        repository: who asks; `NOBODY` for all services of the platform.

    Raises:
        UserError: the engine has no platform of that name.
    """

    def __init__(self, client: docker.DockerClient, name: str, repository: Owner) -> None:
        platform = swarm.find_platform(client, name)
        if platform is None:
            raise UserError("This engine has no platform: run `gptdeploy platform up` once.")
        pull_credentials.use(client, platform)
        self._client = client
        self._platform: Platform = platform
        self._repository = repository

    def has(self, slug: str) -> bool:
        """Tell whether a service of the repository is live on the platform."""
        return any(service.slug == slug and service.preview is None for service in self._services())

    def previews(self) -> tuple[swarm.ServiceStatus, ...]:
        """Return the previews of the repository's pull requests."""
        return tuple(service for service in self._services() if service.preview is not None)

    def rollback(self, slug: str, wanted: str, egress: tuple[str, ...] = ()) -> Outcome:
        """Bring an earlier version live again; `History.find` says what `wanted` can be, `egress` what it may reach."""
        version = EarlierVersion(slug, wanted, self._repository, egress=egress)
        live = rollout.prepare(self._client, version, name=self._platform.name).carry_out()
        text = _text(Operation.ROLLBACK, slug=slug, live=live)
        return Outcome(text, partial(announce_rollback, environment=environment(slug), live=live))

    def logs(self, slug: str, lines: int) -> Outcome:
        """Show the last lines that the live version has written."""
        service = deployed(self._client, self._platform, slug, self._repository)
        text = last_lines(self._client, service, max(1, min(lines, MOST_LINES)))
        values = {"lines": text, "count": len(text.splitlines())}
        return Outcome(_text(Operation.LOGS, slug=slug, version=service.history.current, **values))

    def list(self) -> Outcome:
        """Show all services of the repository, and its previews apart from them."""
        shown = []
        for service in self._services():
            where = self._platform.deployment(service.slug)
            answers = is_healthy(self._client, self._platform, service.slug)
            shown.append({**vars(service), "url": where.playground_url, "answers": answers})
        return Outcome(_text(Operation.LIST, services=shown))

    def _services(self) -> tuple[swarm.ServiceStatus, ...]:
        """Return the services and the previews of the repository."""
        status = swarm.platform_status(self._client, self._platform.name)
        return tuple(service for service in status.services if self._is_ours(service)) if status else ()

    def _is_ours(self, service: swarm.ServiceStatus) -> bool:
        # One that was deployed before the platform remembered whose it is may be anybody's.
        return not service.repository.is_other(self._repository)

    def scale(self, slug: str, replicas: int) -> Outcome:
        """Have a number of replicas run."""
        before = scale(self._client, self._platform, slug, replicas, self._repository)
        return Outcome(_text(Operation.SCALE, slug=slug, replicas=replicas, before=before))

    def delete(self, slug: str, commit: str = "") -> Outcome:
        """Take a service or a preview down; `commit` is the one that removed a service's folder, or ""."""
        return self._ended(take_down(self._client, self._platform, slug, self._repository), slug, commit)

    def end_preview(self, slug: str, pull: int) -> Outcome:
        """Take the preview of a pull request down; what else may have its name by now stays."""
        return self._ended(take_down(self._client, self._platform, slug, self._repository, preview=pull), slug)

    def _ended(self, found: Deployed, slug: str, commit: str = "") -> Outcome:
        version = found.history.current
        text = _text(Operation.DELETE, slug=slug, version=version, commit=commit, preview=found.preview)
        if found.preview is not None:
            return Outcome(text, version=version)
        reason = sentence("The service is taken down.")
        tell = partial(announce_end, environment=environment(slug), version=version, reason=reason)
        return Outcome(text, tell, version)

    def preview(self, wanted: Preview) -> Outcome:
        """Have a service run as a pull request has it; what is live stays as it is."""
        live = rollout.prepare(self._client, wanted, name=self._platform.name).carry_out()
        where = live.deployment
        call = curl(where.api_url, wanted.description.example, otherwise="@request.json")
        title = " ".join(wanted.description.title.split())
        return Outcome(
            _text(
                Operation.PREVIEW,
                title=title,
                commit=live.version.commit,
                url=where.playground_url,
                curl=call,
                gap=live.gap,
            )
        )


def _text(operation: Operation, **values: Any) -> Callable[[str], Markdown]:
    return lambda language: markdown(f"operations/{operation}.md.j2", language, **values).strip()
