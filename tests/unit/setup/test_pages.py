"""The set-up pages: who may use them, what they send to GitHub, and what they keep."""

from __future__ import annotations

import html
import json
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from dotenv import dotenv_values
from flask.testing import FlaskClient

from bot.config import AppSettings, environment
from bot.hub import Hub
from bot.init import repository_files
from bot.setup import SetUp, is_new, setup_pages
from bot.setup.register import github
from bot.web.app import bare_app
from tests.fakes.app_key import app_key
from tests.fakes.runner import FakeRunner
from tests.unit.doctor.ward import Ward

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
TOKEN = "what the terminal shows"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with Hub(tmp_path / "hub", 0, FakeRunner(lambda _: ("success", ""))) as hub:
        yield hub


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    ward = Ward(tmp_path)
    yield ward
    ward.close()


@pytest.fixture
def client(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_APP_ID", "GITHUB_API_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_URL", hub.url)
    app = bare_app()
    app.register_blueprint(setup_pages(SetUp(TOKEN)))
    return app.test_client()


def form(client: FlaskClient, query: str = "") -> tuple[str, dict[str, object]]:
    """Return where the button leads, and the manifest that it sends."""
    return read_form(client.get(f"/setup{query}").get_data(as_text=True))


def read_form(page: str) -> tuple[str, dict[str, object]]:
    """The same, from a page."""
    action, manifest = re.search(r'action="([^"]+)"', page), re.search(r'name="manifest" value="([^"]+)"', page)
    assert action and manifest
    return html.unescape(action[1]), json.loads(html.unescape(manifest[1]))


def confirmed(action: str, manifest: dict[str, object]) -> str:
    """Confirm on GitHub's page as a person does; return where GitHub sends them, without its host."""
    page = httpx.post(action, data={"manifest": json.dumps(manifest)}, headers={"Origin": "null"})
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert page.status_code == 200 and word, page.text
    site = f"{urlsplit(action).scheme}://{urlsplit(action).netloc}"
    data = {"word": word[1], "name": "my services"}
    sent = httpx.post(f"{site}/settings/apps/manifest", data=data, headers={"Origin": site})
    parts = urlsplit(sent.headers["Location"])
    return f"{parts.path}?{parts.query}"


def test_the_button_registers_the_app_and_its_keys_are_kept(client: FlaskClient, hub: Hub, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\nGPTDEPLOY_LABEL=service\n")
    action, manifest = form(client, "?address=https://bot.example.com/x&organization=big%20org")
    assert action.startswith(f"{hub.url}/organizations/big%20org/settings/apps/new?state=")
    assert manifest["hook_attributes"] == {"url": "https://bot.example.com/webhook", "active": True}
    assert manifest["callback_urls"] == ["https://bot.example.com/login/callback"]
    assert manifest["redirect_url"] == "http://localhost/setup/registered"
    back = confirmed(action, manifest)
    assert client.get(back).status_code == 303
    app = hub.parts.state.app
    assert app is not None and (app.slug, app.owner.login, app.owner.kind) == ("my-services", "big org", "Organization")
    kept = dotenv_values(tmp_path / ".env")
    settings = AppSettings.from_environment({name: value or "" for name, value in kept.items()})
    assert (settings.github_app_id, settings.github_client_id) == (app.id, app.client_id)
    assert settings.github_webhook_secret.get_secret_value() == app.secret
    assert (settings.github_api_url, kept["GPTDEPLOY_LABEL"]) == (hub.api_url, "service")
    assert (tmp_path / ".env").read_text().startswith("# mine\n")
    for name in (".env", "app.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    # Once only, both for GitHub and here.
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert httpx.post(f"{hub.api_url}/app-manifests/{code}/conversions").status_code == 404
    assert client.get(back).status_code == 403


def test_a_code_counts_with_the_state_of_the_page_alone(client: FlaskClient, hub: Hub, tmp_path: Path) -> None:
    action, manifest = form(client)
    back = confirmed(action, manifest)
    forged = re.sub("state=[^&]+", "state=forged", back)
    assert client.get(forged).status_code == client.get("/setup/registered?code=x").status_code == 403
    assert not (tmp_path / ".env").exists()
    wrong = re.sub("code=[^&]+", "code=wrong", back)
    refused = client.get(wrong)
    assert refused.status_code == 502 and "take over the App" in refused.get_data(as_text=True)
    assert client.get(back).status_code == 403
    assert not (tmp_path / ".env").exists()


def test_people_elsewhere_need_the_token_of_the_terminal(client: FlaskClient) -> None:
    for path in ("/setup", "/setup/registered?state=x&code=y", "/setup?token=other"):
        assert client.get(path, environ_overrides=ELSEWHERE).status_code == 403
    assert client.post("/setup/model", data={"state": "x"}, environ_overrides=ELSEWHERE).status_code == 403
    # Another page's name that points to this machine, or a proxy on it, is no person at it.
    assert client.get("/setup", headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/setup", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    seen = client.get(f"/setup?token={TOKEN}", environ_overrides=ELSEWHERE)
    assert seen.status_code == 200 and "HttpOnly" in seen.headers["Set-Cookie"]
    assert client.get("/setup", environ_overrides=ELSEWHERE).status_code == 200


def test_behind_a_proxy_with_tls_the_addresses_are_its_own(client: FlaskClient) -> None:
    client.get(f"/setup?token={TOKEN}")
    headers = {"Host": "bot.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    page = client.get(f"/setup?token={TOKEN}", headers=headers).get_data(as_text=True)
    assert "https://bot.example.com/setup/registered" in page and "https://bot.example.com/webhook" in page


def test_without_a_token_nobody_elsewhere_gets_in() -> None:
    app = bare_app()
    app.register_blueprint(setup_pages(SetUp(environ=dict)))
    assert app.test_client().get("/setup?token=", environ_overrides=ELSEWHERE).status_code == 403


def test_forms_of_other_pages_change_nothing(client: FlaskClient, tmp_path: Path) -> None:
    for path in ("/setup/model", "/setup/look"):
        assert client.post(path, data={"OPENAI_API_KEY": "theirs"}).status_code == 403
    assert not (tmp_path / ".env").exists()


def test_the_page_runs_nothing_and_sends_forms_to_github_alone(client: FlaskClient, hub: Hub) -> None:
    policy = client.get("/setup").headers["Content-Security-Policy"]
    assert f"form-action 'self' {hub.url};" in policy and policy.startswith("default-src 'none'")
    page = client.get("/setup?organization=%22><script>alert(1)</script>").get_data(as_text=True)
    assert "<script" not in page


@pytest.mark.parametrize(
    ("environ", "places"),
    [
        ({}, ("https://github.com", "https://api.github.com")),
        ({"GITHUB_URL": "https://octo.ghe.com"}, ("https://octo.ghe.com", "https://api.octo.ghe.com")),
        ({"GITHUB_URL": "https://git.example/"}, ("https://git.example", "https://git.example/api/v3")),
    ],
)
def test_enterprise_servers_have_their_api_elsewhere(environ: dict[str, str], places: tuple[str, str]) -> None:
    assert github(environ) == places


def test_the_set_up_is_over_when_the_bot_can_begin() -> None:
    app = {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": app_key(), "GITHUB_WEBHOOK_SECRET": "long enough"}
    assert is_new({}) and is_new({"OPENAI_API_KEY": "x"}) and is_new(app)
    assert not is_new(app | {"OPENAI_API_KEY": "x"})
    # What is set and wrong is told at once.
    assert not is_new(app | {"GITHUB_PRIVATE_KEY": "wrong"})


def test_an_empty_variable_is_as_the_file_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OPENAI_MODEL=small\nOPENAI_EFFORT=low\n")
    monkeypatch.setenv("OPENAI_MODEL", "")
    monkeypatch.setenv("OPENAI_EFFORT", "high")
    assert (environment()["OPENAI_MODEL"], environment()["OPENAI_EFFORT"]) == ("small", "high")


def test_each_line_is_there_to_be_copied(ward: Ward) -> None:
    ward.put({}, tuple(repository_files()))
    app = bare_app()
    app.register_blueprint(setup_pages(SetUp("", lambda: ward.environ)))
    browser, deadline = app.test_client(), time.monotonic() + 60
    while "looking" in (page := html.unescape(browser.get("/setup").get_data(as_text=True))):
        assert time.monotonic() < deadline, page
        time.sleep(0.1)
    lines = re.findall(r'<pre class="line">(.*?)</pre>', page)
    assert [line for line in lines if line.startswith("gh repo clone octo/services && gptdeploy init services &&")]
    assert "gh variable set PLATFORM_HOST --repo octo/services --body user@host" in lines
    style = re.search(r"\.line \{[^}]*\}", page)
    assert style and "user-select: all" in style[0]
    for name, text in repository_files().items():
        assert f'href="/setup/files/{name}"' in page and f"/new/main?filename={quote(name, safe='')}" in page
        assert browser.get(f"/setup/files/{name}").get_data(as_text=True) == text
