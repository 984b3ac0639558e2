"""What a run has to know before it begins."""

from __future__ import annotations

from bot.values.github import Issue
from bot.values.outdated import Outdated
from bot.values.value import Value


class Base(Value):
    """What a branch begins at: the head of the branch that pull requests are merged into.

    Attributes:
        repository: GitHub's id of the repository; branch: the branch's name.
    """

    repository: str
    branch: str
    sha: str


class Overview(Value):
    """What a run has to know before it begins, as it is at one moment.

    Attributes:
        base: the branch that pull requests go to, and its head; None in an empty repository.
        config: the text of `.github/microservice.yml` on that branch, or "".
        house_rules: the same of `.github/microservice.md`.
        owner_config, owner_house_rules: the same two of the owner's repository `.github`, as far as it can be read.
        owner_seen: that repository is there and can be read; GitHub hides a private one from the bot.
        services: the slugs of the services on it.
        open_pulls: how many pull requests are open.
        outdated: the workflow files on it that are older than this version's.
        lacking: the permissions that the App uses and its installation has not granted, e.g. ("checks: write",).
    """

    base: Base | None
    config: str
    house_rules: str = ""
    owner_config: str = ""
    owner_house_rules: str = ""
    owner_seen: bool = False
    services: tuple[str, ...]
    open_pulls: int = 0
    outdated: tuple[Outdated, ...] = ()
    lacking: tuple[str, ...] = ()
    issue: Issue

    @property
    def repo(self) -> str:
        """ "owner/name", as GitHub calls the repository now."""
        # The address of an issue ends with owner, repository, "issues" and its number.
        return "/".join(self.issue.url.split("/")[-4:-2])

    @property
    def site(self) -> str:
        """The address that repositories' names are added to."""
        return self.issue.url.rsplit("/", 4)[0]
