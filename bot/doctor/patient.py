"""What is examined: the settings as far as they are good, and GitHub by the credentials in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.clients.github import GitHub, Repository
from bot.config import DEFAULT_LABEL, AppSettings, EndpointSettings, takes_no_webhooks
from bot.deploy import DEFAULT_NAME
from bot.errors import UserError
from bot.values.inspection import Granted, Registration


class NeedsFirst(Exception):
    """A part cannot be looked at before another one is right.

    Args:
        check: the name of that one's check.
        remedy: what to do where no check tells it.
    """

    def __init__(self, check: str = "", *, remedy: str = "") -> None:
        super().__init__(remedy or f"Mend `{check}` first")


@dataclass
class Patient:
    """One bot, and one repository that it works in. What several checks look at is asked for once.

    Attributes:
        environ: the settings; each part of them may be wrong on its own.
        repo: "owner/name", "" for none.
        token: of a person who administers the repository, "" for none: it sees what the App may not.
        clock: this machine's, in seconds since the epoch.
        host: the platform's machine, as `user@machine`; "" for the engine of the environment, or of this machine.
        platform: the platform's name.
    """

    environ: Mapping[str, str]
    repo: str = ""
    token: str = ""
    clock: Callable[[], float] = time.time
    host: str = ""
    platform: str = DEFAULT_NAME

    @property
    def label(self) -> str:
        return self.environ.get("GPTDEPLOY_LABEL") or DEFAULT_LABEL

    @property
    def database_url(self) -> str:
        return self.environ.get("DATABASE_URL") or "sqlite:///gptdeploy.sqlite"

    @property
    def polls(self) -> bool:
        """Whether the bot takes no webhooks."""
        return takes_no_webhooks(self.environ)

    @property
    def channel(self) -> str:
        """The address of a relay's channel from which the bot takes webhooks, or ""."""
        return self.environ.get("WEBHOOK_PROXY_URL") or ""

    @property
    def site(self) -> str:
        """Where people see this GitHub."""
        return self.app.github_site

    @cached_property
    def app(self) -> AppSettings:
        """The App's credentials."""
        try:
            return AppSettings.from_environment(self.environ)
        except UserError as error:
            raise NeedsFirst("credentials") from error

    @cached_property
    def endpoint(self) -> EndpointSettings:
        """Which model is asked, and where.

        Raises:
            UserError: what is wrong with these settings.
        """
        return EndpointSettings.from_environment(self.environ)

    @cached_property
    def github(self) -> GitHub:
        return GitHub(self.app.github_api_url, self.app.github_app_id, self.app.private_key)

    @cached_property
    def registration(self) -> Registration:
        return self.github.registered().registration()

    @cached_property
    def repositories(self) -> list[str]:
        """The repositories on which the App is installed, those of each owner; at most 100 of one."""
        hook = self.github.hook()
        return [known.name for each in hook.installations() for known in hook.repositories(each.id, pages=1)]

    @cached_property
    def granted(self) -> Granted:
        """The installation on the repository."""
        self._named()
        granted = self.github.registered().granted(self.repo)
        if granted is None or granted.suspended:
            raise NeedsFirst("installation")
        return granted

    @cached_property
    def repository(self) -> Repository:
        """The repository as the App sees it."""
        _ = self.granted
        return self.github.repository(self.repo)

    @cached_property
    def as_person(self) -> Repository | None:
        """The repository as the person sees it."""
        self._named()
        return GitHub.with_token(self.app.github_api_url, self.token).repository(self.repo) if self.token else None

    def _named(self) -> None:
        if not self.repo:
            raise NeedsFirst(remedy="Say for which repository: `gptdeploy doctor owner/repo`")
