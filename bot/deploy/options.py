"""What several commands of the deployer are told: the platform, and the repository that it speaks to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.config import REPO_CONFIG_PATH
from bot.deploy.layout import DEFAULT_NAME, NAME_VARIABLE
from bot.deploy.owner import Owner

if TYPE_CHECKING:
    from bot.clients.github import Repository

Command = TypeVar("Command", bound=Callable[..., Any])

NAME = click.option(
    "--name",
    envvar=NAME_VARIABLE,
    show_envvar=True,
    default=DEFAULT_NAME,
    show_default=True,
    help="The platform's name, where an engine holds several.",
)


HOST = click.option(
    "--host",
    default="",
    metavar="USER@MACHINE",
    help="The engine of that machine, through ssh; DOCKER_HOST=ssh://user@machine says the same.",
)

SETTINGS = click.option(
    "--settings",
    type=click.Path(dir_okay=False, path_type=Path),
    default=REPO_CONFIG_PATH,
    show_default=True,
    help="The file whose `egress` names what the service may reach.",
)


def github_options(purpose: str) -> Callable[[Command], Command]:
    """Return the options `--token`, `--repository`, `--repository-id`, `--sha` and `--api-url`; a workflow has their
    values in variables.

    Args:
        purpose: the option that needs them.
    """
    options = [
        ("--token", "GITHUB_TOKEN", "may comment and create deployments", ""),
        ("--repository", "GITHUB_REPOSITORY", "owner/name", ""),
        ("--repository-id", "GITHUB_REPOSITORY_ID", "its id, by which its services are known under any name", ""),
        ("--sha", "GITHUB_SHA", "the commit that was pushed", ""),
        ("--api-url", "GITHUB_API_URL", "GitHub's REST API", "https://api.github.com"),
    ]

    def add(command: Command) -> Command:
        for option, variable, what, default in reversed(options):
            text = f"For {purpose}: {what}."
            command = click.option(option, envvar=variable, show_envvar=True, default=default, help=text)(command)
        return command

    return add


def open_repository(api_url: str, token: str, repository: Owner) -> Repository:
    """Return a repository; no request is made."""
    # The import takes half a second, and some commands need no GitHub.
    from bot.clients.github import GitHub

    number = int(repository.id) if repository.id.isdecimal() else 0
    return GitHub.with_token(api_url, token).repository(repository.name, number=number)
