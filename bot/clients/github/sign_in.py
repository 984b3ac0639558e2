"""Who looks at the bot's page, and what of it they may read: GitHub says both.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

import time
from collections.abc import Callable

from github import GithubException
from github.ApplicationOAuth import ApplicationOAuth
from github.Auth import Token

from bot.clients.github.client import GitHub
from bot.clients.github.errors import translated
from bot.clients.github.sdk import refuse_foreign, sdk_client
from bot.errors import UserError
from bot.values.person import Person

_REMEMBERED = 60.0
"""Seconds for which an answer counts: a page that refreshes itself asks no more often."""


class SignIn:
    """Signs people in with the App's own client id. Thread-safe.

    Args:
        github: the App on the same GitHub; asked what a person may read.
    """

    def __init__(
        self,
        github: GitHub,
        api_url: str,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._github = github
        self._api_url = api_url
        self._credentials = (client_id, client_secret)
        self._clock = clock
        self._known: dict[tuple[int, str], tuple[float, bool]] = {}

    def address(self, state: str) -> str:
        """Return where a person agrees to be known to the App; GitHub sends them back with a code and `state`."""
        return self._app().get_login_url(state=state)

    def person(self, code: str) -> Person:
        """Return who agreed. Their token is used for that alone, and forgotten.

        Raises:
            UserError: the code is wrong, used or older than ten minutes, or the client's secret is wrong.
            TransientError: GitHub does not answer.
        """
        with translated("sign you in"):
            try:
                token = self._app().get_access_token(code).token
            except GithubException as error:
                # GitHub refuses with a 200.
                if error.status != 200:
                    raise
                raise UserError(f"GitHub did not sign you in: {error.data['error_description']}") from error
            user = sdk_client(self._api_url, Token(token)).get_user()
            return Person(id=user.id, login=user.login)

    def may_read(self, person: Person, repo: str) -> bool:
        """Return whether a person may read a repository, as GitHub has said within the last minute.

        Raises:
            TransientError: GitHub does not answer.
        """
        asked, allowed = self._known.get((person.id, repo), (-_REMEMBERED, False))
        if self._clock() - asked >= _REMEMBERED:
            allowed = self._github.repository(repo).may_read(person)
            self._known[person.id, repo] = (self._clock(), allowed)
        return allowed

    def _app(self) -> ApplicationOAuth:
        app = sdk_client(self._api_url, None).get_oauth_application(*self._credentials)
        # PyGithub gives it a requester of its own.
        refuse_foreign(app.requester)
        return app
