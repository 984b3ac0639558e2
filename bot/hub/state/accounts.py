"""Who acts on the embedded GitHub: people, bots and the App."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""What a person may do in a repository, in ascending order
(https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization)."""


def now() -> datetime:
    """Return the time GitHub would write down: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class User:
    """An account; `kind` is GitHub's `type`: "User", "Organization" or "Bot"."""

    id: int
    login: str
    kind: str = "User"

    @property
    def email(self) -> str:
        """The address commits made through the API carry
        (https://docs.github.com/en/account-and-profile/reference/email-addresses-reference)."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(frozen=True)
class App:
    """A registered GitHub App with its one installation.

    Attributes:
        permissions: what the installation has granted.
        client_id, client_secret: what it signs people in with; they come back to `callback_url`.
        left_out: ids of the repositories that the installation does not have.
        setup_url: where who has installed it is sent, or "".
        events: those that it hears of, () for all.
        hook_active: it hears of anything at all.
    """

    id: int
    slug: str
    name: str
    owner: User
    bot: User
    installation_id: int
    public_key_pem: bytes
    webhook_url: str
    secret: str
    permissions: Mapping[str, str]
    client_id: str
    client_secret: str
    callback_url: str
    setup_url: str = ""
    events: tuple[str, ...] = ()
    hook_active: bool = True
    suspended: bool = False
    installed: bool = True
    left_out: set[int] = field(default_factory=set)
    created_at: datetime = field(default_factory=now)
