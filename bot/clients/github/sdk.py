"""PyGithub's clients as the bot uses them: they repeat no write, never wait, and take only answers of GitHub itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from github import Github, GithubException
from github.Auth import Auth
from github.Requester import Requester

from bot.clients.github.errors import ForeignAnswer
from bot.clients.github.retries import read_retry

API_VERSION = "2022-11-28"
"""The one that all supported Enterprise servers have, too: https://docs.github.com/en/rest/about-the-rest-api/api-versions"""
_PREFIX = "x-github-"


def sdk_client(api_url: str, auth: Auth | None) -> Github:
    """Return a client for one thread at a time.

    All its methods raise `ForeignAnswer` where something else than GitHub answers, such as a proxy on the way.

    Args:
        api_url: root of the REST API.
        auth: None for requests that take no credentials.
    """
    client = Github(
        auth=auth,
        base_url=api_url.rstrip("/"),
        timeout=20,
        user_agent="gptdeploy",
        api_version=API_VERSION,
        per_page=100,
        retry=read_retry(),
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
    )
    refuse_foreign(client.requester)
    return client


def refuse_foreign(requester: Requester) -> None:
    """Have a requester raise `ForeignAnswer` where something else than GitHub answers."""
    ask = requester.requestJsonAndCheck

    def ask_github(verb: str, url: str, *more: Any, **named: Any) -> tuple[dict[str, Any], Any]:
        try:
            headers, answer = ask(verb, url, *more, **named)
        except GithubException as error:
            must_be_githubs(error.status, error.headers or {}, error.data)
            raise
        must_be_githubs(200, headers, answer)
        # PyGithub takes a page for {"data": "<html>..."}.
        if answer is not None and "json" not in headers.get("content-type", ""):
            raise ForeignAnswer(answer)
        return headers, answer

    requester.requestJsonAndCheck = ask_github  # type: ignore[method-assign]


def must_be_githubs(status: int, headers: Mapping[str, Any], answer: Any) -> None:
    """Refuse an answer that something else than GitHub has sent.

    Each answer of github.com and of Enterprise servers has an `X-GitHub-Request-Id`, also a refusal and one without a
    body; those of the API have more such headers. The body proves less: {"message": "ok"} would do for a write whose
    answer nobody reads.

    Args:
        status: a 429 and a 5xx pass: they are waited out whoever sends them.
        answer: what it holds.

    Raises:
        ForeignAnswer: it has no header that only GitHub sends.
    """
    if status < 500 and status != 429 and not any(name.lower().startswith(_PREFIX) for name in headers):
        raise ForeignAnswer(f"it has no X-GitHub-* header, and says {answer}")
