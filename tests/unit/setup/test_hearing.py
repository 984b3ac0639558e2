"""How the bot hears of what happens on GitHub, where GitHub cannot reach it."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from dotenv import dotenv_values
from flask.testing import FlaskClient

from bot.demo.ports import free_port
from bot.hub import Hub
from bot.setup import SetUp, setup_pages
from bot.setup.hearing import is_here
from bot.web.app import bare_app
from tests.fakes.model import FakeModel
from tests.fakes.relay import FakeRelay
from tests.fakes.runner import FakeRunner
from tests.unit.setup.test_pages import confirmed, form


@pytest.fixture
def relay() -> Iterator[FakeRelay]:
    with FakeRelay() as relay:
        yield relay


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with Hub(tmp_path / "hub", 0, FakeRunner(lambda _: ("success", ""))) as hub:
        yield hub


def client(relay: str, **environ: str) -> FlaskClient:
    """A browser at the bot's machine; GitHub is far away."""
    app = bare_app()
    app.register_blueprint(setup_pages(SetUp("", lambda: environ, relay)))
    return app.test_client()


def test_a_channel_is_made_once_where_github_cannot_reach_the_bot(relay: FakeRelay) -> None:
    browser = client(relay.url)
    hooks = [form(browser)[1]["hook_attributes"] for _ in range(2)]
    assert hooks[0] == hooks[1]
    assert isinstance(hooks[0], dict) and re.fullmatch(rf"{relay.url}/[\w-]{{16}}", hooks[0]["url"])
    page = html.unescape(browser.get("/setup").get_data(as_text=True))
    assert hooks[0]["url"] in page and "can read along" in page


def test_a_public_address_needs_none(relay: FakeRelay) -> None:
    _, manifest = form(client(f"{relay.url}/wrong"), "?address=https://bot.example.com")
    assert manifest["hook_attributes"] == {"url": "https://bot.example.com/webhook", "active": True}


def test_a_channel_that_is_given_is_taken(relay: FakeRelay) -> None:
    channel = "https://relay.example.com/mine"
    _, manifest = form(client(relay.url, WEBHOOK_PROXY_URL=channel), "?address=https://bot.example.com")
    assert manifest["hook_attributes"] == {"url": channel, "active": True}


@pytest.mark.parametrize(("query", "environ"), [("?poll=true", {}), ("", {"GPTDEPLOY_POLL": "1"})])
def test_nothing_is_sent_where_the_bot_asks(relay: FakeRelay, query: str, environ: dict[str, str]) -> None:
    browser = client(relay.url, **environ)
    _, manifest = form(browser, query)
    assert manifest["hook_attributes"] == {"url": "https://example.com/webhook", "active": False}
    assert "asks what is new every 10 seconds" in browser.get(f"/setup{query}").get_data(as_text=True)
    assert not relay.heard


def test_without_a_relay_the_bot_asks() -> None:
    browser = client("http://127.0.0.1:9")
    page = browser.get("/setup").get_data(as_text=True)
    assert "there is no relay: http://127.0.0.1:9/new does not answer" in page
    assert form(browser)[1]["hook_attributes"] == {"url": "https://example.com/webhook", "active": False}


@pytest.mark.parametrize("address", ["http://localhost:1", "http://127.0.0.2", "http://[::1]:80", "http://a.localhost"])
def test_what_only_this_machine_can_reach(address: str) -> None:
    assert is_here(address)
    assert not is_here("https://bot.example.com") and not is_here("http://192.0.2.1")


def test_serve_takes_deliveries_from_a_relay(tmp_path: Path, hub: Hub, relay: FakeRelay) -> None:
    """From nothing, through the set-up, to a delivery that the worker has in its hands."""
    hub.create_repository("octo/services", {"README.md": "x\n"}, ["microservice"])
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "OPENAI_"))}
    bind = f"127.0.0.1:{free_port()}"
    environ = clean | {"GPTDEPLOY_BIND": bind, "GITHUB_URL": hub.url, "PYTHONUNBUFFERED": "1"}
    channel = httpx.head(f"{relay.url}/new").headers["Location"]
    command = [sys.executable, "-m", "bot", "serve", "--proxy", channel]
    log = tmp_path / "log"

    def logged(words: str) -> None:
        deadline = time.monotonic() + 60
        while words not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)

    with FakeModel(["Yes."] * 9, models=["small"]) as model:
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=output, stderr=output)
        try:
            site = f"http://{bind}"
            with httpx.Client(base_url=site, timeout=60, trust_env=False) as browser:
                logged("Open http")
                page = browser.get("/setup").text
                action, manifest = (
                    re.search(r'action="([^"]+)"', page),
                    re.search(r'name="manifest" value="([^"]+)"', page),
                )
                assert action and manifest
                assert channel in html.unescape(manifest[1])
                import json

                back = confirmed(html.unescape(action[1]), json.loads(html.unescape(manifest[1])))
                assert browser.get(back).status_code == 303
            with (tmp_path / ".env").open("a") as env:
                env.write(f"OPENAI_BASE_URL={model.url}\n")
            assert dotenv_values(tmp_path / ".env")["WEBHOOK_PROXY_URL"] == channel
            relay.wait_for(channel)
            app = hub.parts.state.app
            assert app is not None
            httpx.post(f"{hub.url}/apps/{app.slug}/installations", headers={"Origin": hub.url})
            hub.open_issue("octo/services", "Upper case", "Upper case", ["microservice"])
            hub.parts.deliveries.drain()
            assert {delivery.status for delivery in hub.deliveries} == {200}
            logged("started octo/services#1")
            logged("worker is ready")
        finally:
            process.terminate()
            assert process.wait(30) == 0, log.read_text()
