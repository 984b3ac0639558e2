"""What the App asks of itself, where something else than GitHub answers."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.github import GitHub
from bot.errors import Unavailable
from tests.fakes.app_key import app_key
from tests.fakes.github_http import FakeGitHub


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("text/html", b"<html>\n<h1>Sign in", r"<html>.*<h1>Sign in"),
        ("text/html", b"", "None"),
        ("application/json", {"error": "sign in"}, "'error': 'sign in'"),
        ("application/json", ["sign in"], r"\['sign in'\]"),
    ],
)
def test_an_answer_that_is_not_githubs_is_told(fake: FakeGitHub, kind: str, body: Any, said: str) -> None:
    for path in ("/app", "/repos/octo/shop/installation"):
        fake.on("GET", path, 200, body, Content_Type=kind)
    github = GitHub(fake.api_url, 1, app_key())
    registered = github.registered()
    with pytest.raises(Unavailable, match=rf"^This is not GitHub's answer \(.*who the App is\): .*{said}"):
        registered.registration()
    with pytest.raises(Unavailable, match=rf"^This is not GitHub's answer \(.*find the installation\): .*{said}"):
        registered.granted("octo/shop")
    github.close()


def test_a_page_is_not_where_webhooks_go(fake: FakeGitHub) -> None:
    fake.on("GET", "/app/hook/config", 200, b"<html>", Content_Type="text/html")
    github = GitHub(fake.api_url, 1, app_key())
    with pytest.raises(Unavailable, match="not GitHub's answer"):
        github.registered().hook()
    github.close()
