"""Who calls, what they may do, and how they are refused: App keys and tokens of installations, workflows and people.

https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from bot.hub.state import ROLES, App, Issue, Repository, State, User, now

WORKFLOW_ACTOR = "github-actions[bot]"
"""Login of whoever acts with a workflow's token."""
TOKEN_LIFETIME = timedelta(hours=1)
USER_TOKEN_LIFETIME = timedelta(hours=8)
_CODE_LIFETIME = timedelta(minutes=10)
_LEVELS = ("read", "write", "admin")


class ApiError(Exception):
    """A refusal in GitHub's words.

    Attributes:
        errors: the details of a 422; location: where the API has what was moved, for a 301.
        accepted: the permissions one of which would do, for a 403, as header X-Accepted-GitHub-Permissions has them.
    """

    def __init__(
        self, status: int, message: str, errors: list[Any] | None = None, location: str = "", accepted: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.location = location
        self.accepted = accepted

    @property
    def reason(self) -> str:
        """What a person reads: the details where there are any, the message alone says little then."""
        details = [each if isinstance(each, str) else str(each.get("message") or "") for each in self.errors or ()]
        return "; ".join(detail for detail in details if detail) or self.message


@dataclass(frozen=True)
class Caller:
    """Who stands behind a request.

    Attributes:
        permissions: what an App's or workflow's token may do, e.g. {"issues": "write"}; None for a person, whose
            role in the repository counts.
        repositories: ids of the repositories the token is good for; None for all.
        app: the App whose token it is.
    """

    user: User
    permissions: Mapping[str, str] | None = None
    repositories: frozenset[int] | None = None
    app: App | None = None

    def sees(self, repo: Repository) -> bool:
        if self.repositories is None:
            return self.user.kind == "Bot" or not repo.private or repo.role(self.user) != "none"
        # A token loses what the installation does not have any more.
        return repo.id in self.repositories and not (self.app and repo.id in self.app.left_out)

    def may(self, repo: Repository, permission: str, role: str) -> bool:
        """Return whether the caller may do something.

        An App's or workflow's token needs `permission`, e.g. "issues:write" or alternatives with "|" between them;
        for another repository than its own it is good for reading. A person needs `role`, and an App that acts for a
        person both.
        """
        if not self.sees(repo):
            return role == "read"
        if self.user.kind != "Bot" and ROLES.index(repo.role(self.user)) < ROLES.index(role):
            return False
        return self.permissions is None or any(self._granted(*each.split(":")) for each in permission.split("|"))

    def may_change(self, repo: Repository, issue: Issue) -> bool:
        """Return whether the caller may edit, close and reopen an issue or pull request.

        Its author may, and whoever triages: https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
        """
        return self.user == issue.author or self.may(repo, "issues:write|pull_requests:write", "triage")

    def _granted(self, name: str, level: str) -> bool:
        granted = "read" if name == "metadata" else (self.permissions or {}).get(name)
        return granted is not None and _LEVELS.index(granted) >= _LEVELS.index(level)


def invalid(resource: str, field: str, code: str, message: str | None = None) -> ApiError:
    """Return the 422 that GitHub answers to a bad field."""
    details = {"resource": resource, "field": field, "code": code}
    return ApiError(422, "Validation Failed", [{**details, **({"message": message} if message else {})}])


def unprocessable(*reasons: str) -> ApiError:
    """Return the 422 that GitHub answers to what it understands and does not do."""
    return ApiError(422, "Unprocessable Entity", list(reasons))


def check_not_suspended(app: App) -> None:
    """Refuse what an App asks for whose installation is suspended."""
    if app.suspended:
        raise ApiError(403, "This installation has been suspended")


def check_not_archived(repo: Repository) -> None:
    """Refuse to change what an archived repository holds."""
    if repo.archived:
        raise ApiError(403, "Repository was archived so is read-only.")


class Access:
    """Makes tokens, and says whose they are."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._tokens: dict[str, tuple[Caller, datetime | None]] = {}
        self._codes: dict[str, tuple[User, datetime]] = {}

    def app(self, authorization: str | None) -> App:
        """Return the App that signed the JSON web token in an Authorization header.

        Raises:
            ApiError: 401.
        """
        app = self._state.app
        scheme, _, token = (authorization or "").partition(" ")
        if app is None or scheme.lower() != "bearer":
            raise ApiError(401, "A JSON web token could not be decoded")
        try:
            claims = jwt.decode(
                token,
                app.public_key_pem,
                algorithms=["RS256"],
                leeway=5,
                options={"require": ["iat", "exp", "iss"], "verify_iss": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise ApiError(401, "'Expiration time' claim ('exp') must be a numeric value in the future") from error
        except jwt.InvalidTokenError as error:
            raise ApiError(401, "A JSON web token could not be decoded") from error
        if str(claims["iss"]) != str(app.id):
            raise ApiError(401, "'Issuer' claim ('iss') must be the App's id")
        if claims["exp"] - now().timestamp() > 605:
            raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
        return app

    def caller(self, authorization: str | None) -> Caller | None:
        """Return who sent a request with that Authorization header, or None for nobody in particular.

        Raises:
            ApiError: 401, the token is unknown or has expired.
        """
        if not authorization:
            return None
        token = authorization.rpartition(" ")[2]
        caller, expires = self._tokens.get(token, (None, None))
        if caller is None or (expires is not None and expires <= now()):
            raise ApiError(401, "Bad credentials")
        if caller.app is not None and (app := self._state.app) is not None:
            if not app.installed:
                raise ApiError(401, "Bad credentials")
            check_not_suspended(app)
        return caller

    def installed_on(self, authorization: str | None) -> str:
        """Return the owner of the installation that a token is of; "" for other tokens, and for none."""
        token = (authorization or "").rpartition(" ")[2]
        caller, _ = self._tokens.get(token, (None, None))
        if caller is None or caller.app is None or not caller.repositories:
            return ""
        with self._state.lock:
            known = {repo.id: repo.owner.login for repo in self._state.repositories.values()}
        return next((known[number] for number in caller.repositories if number in known), "")

    def person_token(self, user: User) -> str:
        """Return a new token that may do what `user` may."""
        return self._keep("ghp_", Caller(user), None)[0]

    def code(self, user: User) -> str:
        """Return a new code with which the App learns, within ten minutes and once, that `user` agreed to that."""
        code = secrets.token_hex(10)
        self._codes[code] = (user, now() + _CODE_LIFETIME)
        return code

    def user_token(self, app: App, code: str) -> str | None:
        """Return a token with which the App acts for the person whose code it is, or None if the code is no good."""
        user, expires = self._codes.pop(code, (None, now()))
        if user is None or expires <= now():
            return None
        return self._keep("ghu_", Caller(user, app.permissions, None, app), now() + USER_TOKEN_LIFETIME)[0]

    def workflow_token(self, repo: Repository, permissions: Mapping[str, str]) -> str:
        """Return a new token for a workflow run, good for that repository until `revoke`."""
        user = self._state.user(WORKFLOW_ACTOR, "Bot")
        return self._keep("ghs_", Caller(user, permissions, frozenset({repo.id})), None)[0]

    def revoke(self, token: str) -> None:
        self._tokens.pop(token, None)

    def installation_token(
        self, app: App, repositories: Collection[Repository], permissions: Mapping[str, str] | None
    ) -> tuple[str, datetime, Mapping[str, str]]:
        """Return a new token of the App's, when it expires, and what it may do.

        Raises:
            ApiError: 422, more is asked for than the App has.
        """
        granted = dict(permissions) if permissions is not None else dict(app.permissions)
        for name, level in granted.items():
            has = app.permissions.get(name)
            if has is None or level not in _LEVELS or _LEVELS.index(level) > _LEVELS.index(has):
                raise ApiError(422, "The permissions requested are not granted to this installation.")
        granted.setdefault("metadata", "read")
        caller = Caller(app.bot, granted, frozenset(repo.id for repo in repositories), app)
        return *self._keep("ghs_", caller, now() + TOKEN_LIFETIME), granted

    def _keep(self, prefix: str, caller: Caller, expires: datetime | None) -> tuple[str, datetime]:
        token = prefix + secrets.token_urlsafe(27)
        self._tokens[token] = (caller, expires)
        return token, expires or datetime.max
