"""Tell GitHub what has become of a service: live, not live, back at an earlier version, or taken down.

GitHub is told by a deployment status of the commit, people by a comment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, Protocol

from bot.deploy.description import Description
from bot.deploy.doors import Gap
from bot.deploy.live import Live
from bot.deploy.versions import Version
from bot.errors import TransientError
from bot.foreign import Markdown
from bot.render import comment, curl, said
from bot.sentence import Sentence, sentence
from bot.values.deployment import Deployment
from bot.values.github import DeploymentStatus, Pull
from bot.values.naming import issue_of_branch


class Repository(Protocol):
    """What is written to; `bot.clients.github.Repository` is one."""

    def pulls_with_commit(self, sha: str) -> list[Pull]: ...

    def comment_once(self, number: int, marker: str, body: Markdown) -> str: ...

    def set_deployment(self, environment: str, sha: str, status: DeploymentStatus) -> None: ...


P = ParamSpec("P")
_WAITS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between two tries."""


@dataclass(frozen=True)
class Announcement:
    """What was deployed.

    Attributes:
        image: with its registry and its tag or digest.
        sha: the commit that was pushed.
    """

    description: Description
    image: str
    sha: str


def _again(tell: Callable[P, None]) -> Callable[P, None]:
    """Have GitHub told again where it does not answer: what is live must not count as not deployed for that.

    Each write looks first whether it has happened already.
    """

    @wraps(tell)
    def patiently(*args: P.args, **kwargs: P.kwargs) -> None:
        for seconds in _WAITS:
            try:
                tell(*args, **kwargs)
            except TransientError as error:
                time.sleep(max(seconds, error.retry_after or 0))
            else:
                return
        tell(*args, **kwargs)

    return patiently


@_again
def announce_live(
    repository: Repository, announcement: Announcement, deployment: Deployment, gap: Gap | None = None
) -> None:
    """Comment the playground's URL on issue and merged pull requests, then set the status to success.

    The issue is the one whose pull request brought the commit, else the one that asked for the service.

    The status comes last, because the run that waits for it ends by closing the issue.

    Args:
        gap: what is missing on the way to the service, which people are told.
    """
    description = announcement.description
    marker = f"playground:{description.slug}:{announcement.sha[:12]}"
    body = comment(
        "playground.md.j2",
        marker,
        title=" ".join(description.title.split()),
        playground_url=deployment.playground_url,
        curl=curl(deployment.api_url, description.example, otherwise="@request.json"),
        image=announcement.image,
        language=description.language,
        gap=gap,
    )
    pulls = [pull for pull in repository.pulls_with_commit(announcement.sha) if pull.merged]
    # Another issue than the one that asked for the service may have had it changed.
    issues = [issue for pull in pulls if (issue := issue_of_branch(pull.head_ref)) is not None]
    if not issues and description.issue is not None:
        issues = [description.issue]
    for number in dict.fromkeys([*issues, *(pull.number for pull in pulls)]):
        repository.comment_once(number, marker, body)
    answers = said(sentence("The service answers."), description.language)
    status = DeploymentStatus(state="success", url=deployment.playground_url, description=answers)
    repository.set_deployment(description.environment, announcement.sha, status)


@_again
def announce_failure(repository: Repository, announcement: Announcement, reason: Sentence) -> None:
    """Set the status to failure; the run that waits for it tells people."""
    status = DeploymentStatus(state="failure", description=said(reason, announcement.description.language))
    repository.set_deployment(announcement.description.environment, announcement.sha, status)


@_again
def announce_rollback(repository: Repository, language: str, environment: str, live: Live) -> None:
    """Set the status of the version that was left to inactive, and that of the one that is back to success."""
    if live.before is not None and live.before.commit != live.version.commit:
        back = sentence("%(version)s is live again.", version=live.version.called)
        announce_end(repository, language, environment, live.before, back)
    if live.version.commit:
        again = said(sentence("The service answers again."), language)
        status = DeploymentStatus(state="success", url=live.deployment.playground_url, description=again)
        repository.set_deployment(environment, live.version.commit, status)


@_again
def announce_end(repository: Repository, language: str, environment: str, version: Version, reason: Sentence) -> None:
    """Set the status of a version that is not live any more to inactive."""
    if version.commit:
        status = DeploymentStatus(state="inactive", description=said(reason, language))
        repository.set_deployment(environment, version.commit, status)
