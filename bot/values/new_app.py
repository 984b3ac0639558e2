"""What GitHub tells of an App that was just registered, once."""

from __future__ import annotations

from pydantic import SecretStr

from bot.values.value import Value


class NewApp(Value):
    """A new App and its secrets; `url` is its page."""

    id: int
    slug: str
    url: str
    client_id: str
    client_secret: SecretStr
    webhook_secret: SecretStr
    private_key: SecretStr
