"""What is seen on GitHub of how the App, and a repository that it works in, are set up."""

from __future__ import annotations

from collections.abc import Mapping

from bot.values.value import Value


class Registration(Value):
    """The App as it is registered: what it asks for, and its page.

    Attributes:
        permissions: level ("read", "write") by name.
    """

    slug: str
    owner: str
    url: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]


class Hook(Value):
    """Where the App's webhooks go, and how; `content_type` is "json" or "form"."""

    url: str
    content_type: str


class Granted(Value):
    """The App's installation on a repository: what was granted, and the page where its owner changes that."""

    url: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    suspended: bool


class Configured(Value):
    """Names that a repository, or one of its environments, has set for workflows.

    Attributes:
        variables: with their values; secrets: names alone.
    """

    variables: Mapping[str, str]
    secrets: frozenset[str]


class Runner(Value):
    """A self-hosted runner."""

    name: str
    labels: frozenset[str]
    online: bool


class JobSeen(Value):
    """A job of the newest workflow run that has ended: the steps that succeeded, and those that failed."""

    succeeded: tuple[str, ...]
    failed: tuple[str, ...]
