"""Tell GitHub that a service is live, or why it is not: a deployment status, and the playground's URL as a comment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from bot.render import comment
from bot.values.github import Pull
from bot.values.run import Deployment

_LONG = 600
"""Characters above which the curl command takes its body from a file."""


class Repository(Protocol):
    """What is written to; `bot.clients.github.client.Repository` is one."""

    def pulls_with_commit(self, sha: str) -> list[Pull]: ...

    def comment_once(self, number: int, marker: str, body: str) -> str: ...

    def create_deployment(self, environment: str, sha: str, state: str, url: str, description: str) -> None: ...


@dataclass(frozen=True)
class Announcement:
    """What was deployed.

    Attributes:
        described: the service's `service.json`.
        sha: the commit that was pushed.
    """

    described: dict[str, Any]
    image: str
    sha: str

    @property
    def environment(self) -> str:
        """GitHub's name for where the service runs; a run looks for the deployment there."""
        return f"microservice-{self.described['slug']}"


def announce_live(repository: Repository, announcement: Announcement, deployment: Deployment) -> None:
    """Comment the playground's URL on the issue and the merged pull requests, then set the status to success.

    The status comes last, because the run that waits for it ends by closing the issue.
    """
    described = announcement.described
    marker = f"playground:{described['slug']}:{announcement.sha[:12]}"
    body = comment(
        "playground.md.j2",
        marker,
        title=" ".join(str(described["title"]).split()),
        playground_url=deployment.playground_url,
        curl=curl(deployment, described["example"]),
        image=announcement.image,
    )
    numbers = [pull.number for pull in repository.pulls_with_commit(announcement.sha) if pull.merged]
    if isinstance(described.get("issue"), int):
        numbers.insert(0, described["issue"])
    for number in dict.fromkeys(numbers):
        repository.comment_once(number, marker, body)
    repository.create_deployment(
        announcement.environment, announcement.sha, "success", deployment.playground_url, "The service answers."
    )


def announce_failure(repository: Repository, announcement: Announcement, reason: str) -> None:
    """Set the status to failure; the run that waits for it tells people."""
    repository.create_deployment(announcement.environment, announcement.sha, "failure", "", reason)


def curl(deployment: Deployment, example: dict[str, Any]) -> str:
    """Return the command that sends the example; an example with a file in it is too long to show."""
    text = json.dumps(example, ensure_ascii=False)
    data = "@request.json" if len(text) > _LONG else "'" + text.replace("'", "'\\''") + "'"
    return f"curl {deployment.api_url} -H 'Content-Type: application/json' --data-binary {data}"
