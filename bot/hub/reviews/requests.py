"""Whose review of a pull request is asked for.

https://docs.github.com/en/rest/pulls/review-requests
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.hub.access import ApiError, Caller
from bot.hub.payloads import pull_json, user_json
from bot.hub.state import Pull, Repository, State, User
from bot.hub.webhooks import Announcer


class ReviewRequests:
    """Verbs on requests for reviews. Called with the state's lock held."""

    def __init__(self, state: State, announcer: Announcer) -> None:
        self._state = state
        self._announcer = announcer

    def add(self, repo: Repository, pull: Pull, by: Caller, logins: Sequence[str]) -> None:
        """Ask people for their reviews; who is asked already is not asked again.

        Raises:
            ApiError: 422, one of them opened the pull request or is no collaborator; then nobody is asked.
        """
        users = [self._state.users.get(login) for login in logins]
        if pull.author in users:
            raise ApiError(422, "Review cannot be requested from pull request author.")
        asked = [user for user in users if user is not None and user.login in repo.roles]
        if len(asked) < len(users):
            raise ApiError(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or teams you specified "
                f"is not a collaborator of the {repo.full_name} repository.",
            )
        for user in asked:
            if user not in pull.requested:
                pull.requested.append(user)
                self._announce(repo, pull, by, user, "review_requested")

    def remove(self, repo: Repository, pull: Pull, by: Caller, logins: Sequence[str]) -> None:
        for user in [user for user in pull.requested if user.login in logins]:
            pull.requested.remove(user)
            self._announce(repo, pull, by, user, "review_request_removed")

    def _announce(self, repo: Repository, pull: Pull, by: Caller, user: User, action: str) -> None:
        self._announcer.announce(
            "pull_request",
            repo,
            by.user,
            action,
            number=pull.number,
            pull_request=pull_json(self._state, repo, pull),
            requested_reviewer=user_json(self._state, user),
        )
