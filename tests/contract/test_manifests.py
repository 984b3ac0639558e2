"""An App that is registered from a manifest, as GitHub describes it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.contract.conftest import World, refused

MANIFEST: dict[str, Any] = {
    "name": "services",
    "url": "https://bot.example.com",
    "hook_attributes": {"url": "https://bot.example.com/webhook"},
    "redirect_url": "https://bot.example.com/back",
    "default_events": ["issues"],
    "default_permissions": {"issues": "write"},
}


def test_a_code_is_good_once(world: World) -> None:
    hub = world.hub.url
    page = httpx.post(f"{hub}/settings/apps/new?state=abc", data={"manifest": json.dumps(MANIFEST)})
    assert 'value="services"' in page.text and "Create GitHub App for octo" in page.text
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert word is not None
    data = {"word": word[1], "name": "services"}
    assert httpx.post(f"{hub}/settings/apps/manifest", data=data).status_code == 403
    sent = httpx.post(f"{hub}/settings/apps/manifest", data=data, headers={"Origin": hub})
    query = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert sent.headers["Location"].startswith("https://bot.example.com/back?") and query["state"] == ["abc"]

    apps = world.as_nobody().rest.apps
    answer = apps.create_from_manifest(query["code"][0])
    app = answer.parsed_data
    assert (answer.status_code, app.slug, app.events, app.permissions.issues) == (201, "services", ["issues"], "write")
    assert app.pem.startswith("-----BEGIN RSA PRIVATE KEY-----") and app.webhook_secret and app.client_secret
    assert refused(lambda: apps.create_from_manifest(query["code"][0])) == (404, "Not Found")


def test_an_app_works_where_it_is_installed(world: World) -> None:
    app = world.hub.parts.state.app
    assert app is not None
    page = httpx.get(f"{world.hub.url}/apps/{app.slug}/installations/new")
    assert "octo/services" in page.text
    headers = {"Origin": world.hub.url}
    assert httpx.post(f"{world.hub.url}/apps/{app.slug}/installations", headers=headers).status_code == 302
    assert world.payload("installation", "created")["installation"]["id"] == app.installation_id


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "name: "),
        ({"name": "x" * 35}, "name: "),
        ({"hook_attributes": {}}, "hook_attributes: "),
        ({"redirect_url": "javascript:alert(1)"}, "redirect_url: "),
        ({"default_events": ["nothing"]}, "default_events.0: "),
        ({"default_permissions": {"issues": "all"}}, "default_permissions.issues: "),
        ({"unknown": 1}, "The manifest: "),
    ],
)
def test_a_wrong_manifest_is_refused(world: World, change: dict[str, Any], words: str) -> None:
    page = httpx.post(f"{world.hub.url}/settings/apps/new", data={"manifest": json.dumps(MANIFEST | change)})
    assert page.status_code == 422 and words in page.text
    assert httpx.post(f"{world.hub.url}/settings/apps/new", data={"manifest": "{"}).status_code == 422
