"""Where an issue is opened and followed: a repository on GitHub, or one on the embedded GitHub."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from bot.clients.github import GitHub, Repository
from bot.errors import UserError
from bot.terminal.exchanges import Exchanges

_POLL_SECONDS = 3.0
"""How often GitHub is asked what is new, with up to three requests: 3,600 an hour, of the 5,000 that a person has."""


@dataclass(frozen=True)
class Place:
    """A repository with the bot at work in it.

    Attributes:
        poll_seconds: how often it is asked what is new.
        again: what a person does after Ctrl-C.
        exchanges: what the model is asked and answers, or None where it cannot be seen.
        works: returns whether a live service answers, given the address of its API and its slug.
    """

    repository: Repository
    poll_seconds: float
    again: str
    exchanges: Exchanges | None = None
    works: Callable[[str, str], bool] = lambda _url, _slug: True


def on_github(name: str, token: str, api_url: str) -> Place:
    """Return a repository on GitHub.

    Args:
        name: "owner/name".
        token: of the person, or "" for the one of GitHub's command line.

    Raises:
        UserError: there is no token, or `name` is no repository's name.
    """
    if name.count("/") != 1 or not all(name.split("/")):
        raise UserError(f"--repo takes owner/name, not {name!r}.")
    repository = GitHub.with_token(api_url, token or _token_of_gh()).repository(name)
    return Place(repository, _POLL_SECONDS, "the run goes on")


def _token_of_gh() -> str:
    """Return the token that GitHub's command line has. https://cli.github.com/manual/gh_auth_token"""
    try:
        done = subprocess.run(["gh", "auth", "token"], capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        done = None
    if done is None or done.returncode != 0 or not done.stdout.strip():
        raise UserError("I need a token for GitHub: sign in with `gh auth login`, or set `GITHUB_TOKEN`.")
    return done.stdout.strip()
