"""What a run has to know before it begins."""

from __future__ import annotations

from bot.values.github import Issue
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
    """

    base: Base | None
    config: str
    house_rules: str = ""
    owner_config: str = ""
    owner_house_rules: str = ""
    owner_seen: bool = False
    services: tuple[str, ...]
    issue: Issue
