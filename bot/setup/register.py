"""What registers the App: its manifest, and the page of GitHub that takes it.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from bot.init import app_manifest
from bot.setup.hearing import Hearing

PATH = "/setup"
"""Where the pages of the set-up are."""
_NOWHERE = "https://example.com/webhook"
"""GitHub wants an address also where it sends nothing, and takes none that only one machine can reach."""


def manifest(public: str, browser: str, hearing: Hearing) -> dict[str, Any]:
    """Return the App's manifest.

    Args:
        hearing: where GitHub tells it of what happens.
        public: the bot's address for GitHub and for people, without a slash at its end.
        browser: the address at which the person's browser has the set-up page; they are sent back there.
    """
    return {
        **app_manifest(),
        "url": public,
        "hook_attributes": {"url": hearing.webhook if hearing.active else _NOWHERE, "active": hearing.active},
        "redirect_url": f"{browser}{PATH}/registered",
        "callback_urls": [f"{public}/login/callback"],
        "setup_url": f"{browser}{PATH}",
    }


def action(site: str, organization: str, state: str) -> str:
    """Return where the manifest is posted to: the person's own settings, or those of an organization."""
    owner = f"/organizations/{quote(organization, safe='')}" if organization else ""
    return f"{site}{owner}/settings/apps/new?{urlencode({'state': state})}"


def github(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return where people see the GitHub that is meant, and the root of its API.

    `GITHUB_URL` names an Enterprise Server, or an own domain such as https://octo.ghe.com.
    """
    site = (environ.get("GITHUB_URL") or "https://github.com").rstrip("/")
    api = environ.get("GITHUB_API_URL") or ""
    if not api:
        host = urlsplit(site).hostname or ""
        own = host == "github.com" or host.endswith(".ghe.com")
        api = site.replace("://", "://api.", 1) if own else f"{site}/api/v3"
    return site, api.rstrip("/")
