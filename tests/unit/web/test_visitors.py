"""Who sees what on the page: at the bot's machine all, elsewhere what they may read on GitHub."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.errors import TransientError, UserError
from bot.values.naming import run_id
from bot.values.person import Person
from bot.values.progress import Progress
from bot.web import create_app
from tests.fakes.runs import FakeRuns
from tests.unit.web.conftest import settings

BOT = "https://bot.example.com"
AWAY = {"REMOTE_ADDR": "203.0.113.9"}


class People:
    """GitHub, as far as the page asks it."""

    def __init__(self) -> None:
        self.readable: dict[str, set[str]] = {"ada": {"octo/private"}, "bob": set()}
        self.down = False

    def address(self, state: str) -> str:
        return f"https://github.com/login/oauth/authorize?client_id=Iv23&state={state}"

    def person(self, code: str) -> Person:
        if code not in self.readable:
            raise UserError("The code is wrong.")
        return Person(id=len(code), login=code)

    def may_read(self, person: Person, repo: str) -> bool:
        if self.down:
            raise TransientError("GitHub did not answer")
        return repo in self.readable[person.login]


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def runs() -> FakeRuns:
    fake = FakeRuns()
    for number, repo in enumerate(("octo/private", "acme/secret")):
        run = run_id(repo, number, "guid")
        fake.published[run] = Progress(run_id=run, repo=repo, issue=number, started_at=number, title=f"of {repo}")
    return fake


@pytest.fixture
def client(runs: FakeRuns, people: People) -> FlaskClient:
    return create_app(settings(), runs, people).test_client()


def visit(client: FlaskClient, path: str = "/", **headers: str) -> TestResponse:
    return client.get(path, base_url=BOT, environ_overrides=AWAY, headers=headers)


def sign_in(client: FlaskClient, code: str) -> TestResponse:
    state = parse_qs(urlsplit(visit(client, "/login").headers["Location"]).query)["state"][0]
    return visit(client, f"/login/callback?code={code}&state={state}")


def shown(answer: TestResponse) -> set[str]:
    text = answer.get_data(as_text=True)
    return {repo for repo in ("octo/private", "acme/secret") if repo in text}


def test_who_is_unknown_is_shown_the_way_in_alone(client: FlaskClient) -> None:
    answer = visit(client)

    assert (answer.status_code, shown(answer)) == (401, set())
    assert '<a href="/login">Sign in with GitHub</a>' in answer.get_data(as_text=True)


def test_each_sees_what_they_may_read(client: FlaskClient, people: People) -> None:
    assert sign_in(client, "ada").status_code == 302
    assert shown(visit(client)) == {"octo/private"}

    people.readable["ada"] = {"acme/secret"}
    assert shown(visit(client)) == {"acme/secret"}, "what they may read is asked for anew"
    sign_in(client, "bob")
    assert shown(visit(client)) == set()


def test_the_cookie_says_who_it_is_and_nobody_can_make_one(client: FlaskClient, runs: FakeRuns) -> None:
    cookie = sign_in(client, "ada").headers["Set-Cookie"]
    assert cookie.startswith("__Host-gptdeploy=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    other = create_app(settings(GITHUB_WEBHOOK_SECRET="another secret"), runs, People()).test_client()
    other.set_cookie(
        "__Host-gptdeploy", cookie.partition("=")[2].partition(";")[0], domain="bot.example.com", secure=True
    )
    assert visit(other).status_code == 401


def test_leaving(client: FlaskClient) -> None:
    sign_in(client, "ada")
    assert "ada" in visit(client).get_data(as_text=True)
    assert client.post("/logout", base_url=BOT, environ_overrides=AWAY).status_code == 303
    assert visit(client).status_code == 401


@pytest.mark.parametrize("query", ["code=ada", "code=ada&state=", "code=ada&state=guessed", "code=ada&state=%C3%A9"])
def test_nobody_is_signed_in_by_a_link_of_somebody_else(client: FlaskClient, query: str) -> None:
    assert visit(client, f"/login/callback?{query}").status_code == 403
    visit(client, "/login")
    assert visit(client, f"/login/callback?{query}").status_code == 403
    assert visit(client).status_code == 401


def test_a_state_is_good_once(client: FlaskClient) -> None:
    state = parse_qs(urlsplit(visit(client, "/login").headers["Location"]).query)["state"][0]
    answer = visit(client, f"/login/callback?code=wrong&state={state}")
    assert (answer.status_code, "The code is wrong." in answer.get_data(as_text=True)) == (502, True)
    assert visit(client, f"/login/callback?code=ada&state={state}").status_code == 403


def test_where_github_does_not_answer_nothing_is_shown(client: FlaskClient, people: People) -> None:
    sign_in(client, "ada")
    people.down = True
    answer = visit(client)
    assert (answer.status_code, shown(answer)) == (503, set())
    assert "GitHub did not answer" in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_at_the_machine_itself_all_is_open(client: FlaskClient, host: str, address: str) -> None:
    answer = client.get("/", base_url=f"http://{host}", environ_overrides={"REMOTE_ADDR": address})
    assert (answer.status_code, shown(answer)) == (200, {"octo/private", "acme/secret"})


@pytest.mark.parametrize(
    ("host", "address", "headers"),
    [
        ("bot.example.com", "127.0.0.1", {}),
        ("localhost.evil.example", "127.0.0.1", {}),
        ("localhost:8000", "172.17.0.1", {}),
        ("localhost:8000", "", {}),
        ("localhost:8000", "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
        ("127.0.0.1:8000", "127.0.0.1", {"Forwarded": "for=203.0.113.9"}),
        ("127.0.0.1:8000", "127.0.0.1", {"Via": "1.1 proxy"}),
    ],
)
def test_a_proxy_on_the_machine_is_not_the_machine(
    client: FlaskClient, host: str, address: str, headers: dict[str, str]
) -> None:
    where: dict[str, Any] = {"base_url": f"http://{host}", "environ_overrides": {"REMOTE_ADDR": address}}
    assert client.get("/", headers=headers, **where).status_code == 401


def test_where_nobody_can_sign_in_the_page_says_what_that_takes(runs: FakeRuns) -> None:
    client = create_app(settings(), runs).test_client()
    answer = visit(client)

    assert (answer.status_code, shown(answer)) == (403, set())
    assert "GITHUB_CLIENT_SECRET" in answer.get_data(as_text=True)
    assert visit(client, "/login").status_code == 404
