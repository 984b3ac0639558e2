"""Apps that are registered from a manifest: a person confirms it, and a code leads to the App's keys, once.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jsonschema import Draft202012Validator

from bot.hub.payloads import EVENTS
from bot.hub.state import App, State, User, now

_LIFETIME = timedelta(hours=1)
_ADDRESS = {"type": "string", "pattern": "^https?://[^/]+"}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "url", "hook_attributes", "redirect_url"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 34},
        "url": _ADDRESS,
        "hook_attributes": {
            "type": "object",
            "required": ["url"],
            "properties": {"url": _ADDRESS, "active": {"type": "boolean"}},
        },
        "redirect_url": _ADDRESS,
        "callback_urls": {"type": "array", "items": _ADDRESS, "maxItems": 10},
        "setup_url": _ADDRESS,
        "description": {"type": "string"},
        "public": {"type": "boolean"},
        "default_events": {"type": "array", "items": {"enum": EVENTS}},
        "default_permissions": {"type": "object", "additionalProperties": {"enum": ["read", "write", "admin"]}},
        "request_oauth_on_install": {"type": "boolean"},
        "setup_on_update": {"type": "boolean"},
        # Probot writes which version of the format it means.
        "version": {"const": "v1"},
    },
}


@dataclass(frozen=True)
class Asked:
    """A manifest that a person looks at: where its App shall belong, and the state that goes back with the code."""

    manifest: Mapping[str, Any]
    owner: User
    state: str


@dataclass(frozen=True)
class Registered:
    """A new App with what is told of it once."""

    app: App
    private_key_pem: str = field(repr=False)


class Manifests:
    """Registers Apps. Called with the state's lock held."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._asked: dict[str, Asked] = {}
        self._codes: dict[str, tuple[Registered, datetime]] = {}

    def ask(self, text: str, owner: User, state: str) -> tuple[str, Asked | None, list[str]]:
        """Take a manifest; return a word by which it is confirmed, what is asked, and what is wrong with it."""
        try:
            manifest = json.loads(text)
        except ValueError:
            return "", None, ["The manifest is no JSON."]
        wrong = list(faults(manifest))
        if wrong:
            return "", None, wrong
        word = secrets.token_urlsafe(16)
        self._asked[word] = Asked(manifest, owner, state)
        return word, self._asked[word], []

    def confirm(self, word: str, name: str) -> tuple[Asked, str] | None:
        """Register the App under a name; return what was asked and the code, or None where nobody has asked."""
        asked = self._asked.pop(word, None)
        if asked is None:
            return None
        code = secrets.token_hex(20)
        self._codes[code] = self._register(asked, name), now() + _LIFETIME
        return asked, code

    def convert(self, code: str) -> Registered | None:
        """Return the App that a code stands for, the first time within an hour; else None."""
        registered, until = self._codes.pop(code, (None, now()))
        return registered if now() < until else None

    def _register(self, asked: Asked, name: str) -> Registered:
        key, manifest = rsa.generate_private_key(public_exponent=65_537, key_size=2048), asked.manifest
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        self._state.app = App(
            id=self._state.new_id(),
            slug=slug,
            name=name,
            owner=asked.owner,
            bot=self._state.user(f"{slug}[bot]", "Bot"),
            installation_id=self._state.new_id(),
            public_key_pem=key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            webhook_url=manifest["hook_attributes"]["url"],
            hook_active=manifest["hook_attributes"].get("active", True),
            secret=secrets.token_hex(20),
            permissions=dict(manifest.get("default_permissions", {})),
            client_id=f"Iv23{secrets.token_hex(8)}",
            client_secret=secrets.token_hex(20),
            callback_url=next(iter(manifest.get("callback_urls", ())), ""),
            setup_url=manifest.get("setup_url", ""),
            events=tuple(manifest.get("default_events", ())),
            installed=False,
        )
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        return Registered(self._state.app, pem.decode())


def faults(manifest: Any) -> Iterator[str]:
    """Yield what GitHub would refuse in a manifest."""
    for error in Draft202012Validator(_SCHEMA).iter_errors(manifest):
        yield f"{'.'.join(map(str, error.absolute_path)) or 'The manifest'}: {error.message}"
