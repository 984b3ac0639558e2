"""People are signed in as GitHub describes it, and what they may read is GitHub's word."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import count
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.clients.github import GitHub, SignIn
from bot.errors import UserError
from bot.values.person import Person
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused


@pytest.fixture
def sign_in(world: World, github: GitHub) -> SignIn:
    return SignIn(github, world.hub.api_url, world.app.client_id, world.app.client_secret)


@pytest.fixture
def browser(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(headers={"Origin": world.hub.parts.state.web}, trust_env=False) as client:
        yield client


def agree(browser: httpx.Client, address: str, login: str) -> dict[str, list[str]]:
    """Agree as a person, and return what the App is told."""
    browser.cookies.set("as", login)
    assert f"that you are {login}" in browser.get(address).text
    (target,) = re.findall(r'id="back" href="([^"]+)"', browser.post(address).text)
    assert urlsplit(target).path == "/login/callback"
    return parse_qs(urlsplit(html.unescape(target)).query)


def test_a_person_agrees_and_is_known(world: World, sign_in: SignIn, browser: httpx.Client) -> None:
    told = agree(browser, sign_in.address("a state"), "visitor")

    assert told["state"] == ["a state"]
    visitor = world.hub.parts.state.user("visitor")
    assert sign_in.person(told["code"][0]) == Person(id=visitor.id, login="visitor")


def test_a_code_is_good_once(sign_in: SignIn, browser: httpx.Client) -> None:
    (code,) = agree(browser, sign_in.address("x"), "octo")["code"]
    sign_in.person(code)

    for wrong in (code, "", "made-up"):
        with pytest.raises(UserError, match="did not sign you in: The code passed is incorrect or expired"):
            sign_in.person(wrong)


def test_a_wrong_client_is_refused(world: World, github: GitHub, browser: httpx.Client) -> None:
    wrong = SignIn(github, world.hub.api_url, world.app.client_id, "wrong")
    (code,) = agree(browser, wrong.address("x"), "octo")["code"]
    with pytest.raises(UserError, match="client_secret passed are incorrect"):
        wrong.person(code)

    stranger = SignIn(github, world.hub.api_url, "Iv23other", "wrong")
    assert browser.get(stranger.address("x")).status_code == 404


def test_what_a_person_may_read_is_asked_of_github(world: World, github: GitHub) -> None:
    seconds = count(0, 40)
    sign_in = SignIn(github, world.hub.api_url, "", "", clock=seconds.__next__)
    state = world.hub.parts.state
    visitor = Person(id=state.user("visitor").id, login="visitor")

    assert sign_in.may_read(visitor, REPOSITORY)
    state.repository(REPOSITORY).roles["visitor"] = "none"  # type: ignore[union-attr]
    assert sign_in.may_read(visitor, REPOSITORY), "what GitHub said within the last minute still counts"
    assert not sign_in.may_read(visitor, REPOSITORY)
    assert not sign_in.may_read(Person(id=1, login="octo"), REPOSITORY), "the login is somebody else's now"
    assert not sign_in.may_read(Person(id=state.user("octo").id, login="octo"), "octo/gone")


def test_a_person_and_the_app_may_both_do_what_the_app_does_for_them(world: World) -> None:
    state, access = world.hub.parts.state, world.hub.parts.access
    assert state.app is not None
    token = access.user_token(state.app, access.code(state.user("visitor")))
    assert token is not None
    client = world.with_token(token)

    assert client.rest.users.get_authenticated().parsed_data.login == "visitor"
    assert client.rest.repos.get(OWNER, NAME).parsed_data.full_name == REPOSITORY
    refusals = []
    for login in ("visitor", "octo"):
        client = world.with_token(str(access.user_token(state.app, access.code(state.user(login)))))
        refusals.append(refused(lambda: client.rest.repos.update(OWNER, NAME, data={"has_wiki": True})))  # noqa: B023
    # The one may not, and the App may not for the other.
    assert refusals == [(403, "Resource not accessible by integration")] * 2
