"""`gptdeploy service`: what people ask of a service that is live, or of a preview.

The deploy workflow calls it for the commands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.deploy import swarm
from bot.deploy.connection import connect
from bot.deploy.description import read_description
from bot.deploy.named_hosts import named_hosts
from bot.deploy.operations import LINES, Operations, Outcome
from bot.deploy.options import NAME, SETTINGS, github_options, open_repository
from bot.deploy.owner import Owner
from bot.deploy.previews import Previews
from bot.deploy.wanted import Preview
from bot.errors import UserError
from bot.guard.text import language_on
from bot.render import comment
from bot.values.operation import Operation

if TYPE_CHECKING:
    from bot.clients.github import Repository


@dataclass
class Asked:
    """Who asks for an operation, and where the answer goes.

    Attributes:
        answer: number of the issue or pull request that gets the answer as a comment, or None.
        request: identifies what is asked for; the same request is carried out once.
        sha: the commit that was pushed.
    """

    name: str
    token: str
    repository: Owner
    sha: str
    api_url: str
    answer: int | None
    request: str

    @cached_property
    def github(self) -> Repository:
        return open_repository(self.api_url, self.token, self.repository)

    @cached_property
    def operations(self) -> Operations:
        return Operations(connect(), self.name, self.repository)

    @property
    def previews(self) -> Previews:
        """The previews of the repository.

        Raises:
            UserError: which repository it is, or the right to speak to it, is not told.
        """
        if not (self.token and self.repository.name):
            raise UserError("This needs `GITHUB_TOKEN` and `GITHUB_REPOSITORY`.")
        return Previews(self.operations, self.github)

    def carry_out(self, operation: Operation, act: Callable[[], Outcome]) -> None:
        """Carry an operation out, and say what it has come to."""
        if self.answer is None:
            click.echo(act().text(""))
            return
        marker = f"answer:{self.request}"
        # A crash of the bot may have asked for it twice.
        if self.github.comment_id(self.answer, marker) is not None:
            click.echo(f"#{self.answer} has the answer already.")
            return
        try:
            outcome = act()
        except UserError as error:
            language = language_on(self.github, self.answer)
            body = comment(
                "operations/failed.md.j2", marker, language=language, operation=operation, reason=error.sentence
            )
            self.github.comment_once(self.answer, marker, body)
            raise
        self.say(self.answer, marker, outcome)
        outcome.tell(self.github, language_on(self.github, self.answer))
        click.echo(outcome.text(""))

    def say(self, number: int, marker: str, outcome: Outcome) -> None:
        """Comment once on an issue or a pull request what an operation has come to, in the language of the issue."""
        text = outcome.text(language_on(self.github, number))
        self.github.comment_once(number, marker, comment("operations/done.md.j2", marker, text=text))


@click.group()
@click.option("--answer", type=int, help="The issue or pull request on GitHub that gets the answer as a comment.")
@click.option("--request", default="", help="Identifies what is asked for; the same request is carried out once.")
@github_options("--answer")
@NAME
@click.pass_context
def service(  # noqa: PLR0913 (an argument an option)
    context: click.Context,
    answer: int | None,
    request: str,
    token: str,
    repository: str,
    repository_id: str,
    sha: str,
    api_url: str,
    name: str,
) -> None:
    """Roll back, scale, show, take down or preview a service.

    It runs on the platform of the engine of DOCKER_HOST, else of this machine's.
    """
    if answer is not None and not (token and repository and request):
        raise UserError("`--answer` needs `--request`, `GITHUB_TOKEN` and `GITHUB_REPOSITORY`.")
    context.obj = Asked(name, token, Owner(repository, repository_id), sha, api_url, answer, request)


@service.command()
@click.argument("slug")
@click.argument("version", default="")
@SETTINGS
@click.pass_obj
def rollback(asked: Asked, slug: str, version: str, settings: Path) -> None:
    """Bring VERSION live again, by default what ran before.

    It is named by its number, or by the beginning of its commit.
    """

    def act() -> Outcome:
        return asked.operations.rollback(slug, version, named_hosts(settings, slug))

    asked.carry_out(Operation.ROLLBACK, act)


@service.command()
@click.argument("slug")
@click.argument("lines", type=int, default=LINES)
@click.pass_obj
def logs(asked: Asked, slug: str, lines: int) -> None:
    """Show the last LINES of the live version, without secrets."""
    asked.carry_out(Operation.LOGS, lambda: asked.operations.logs(slug, lines))


@service.command("list")
@click.pass_obj
def list_services(asked: Asked) -> None:
    """Show the services of the repository, and its previews."""
    asked.carry_out(Operation.LIST, lambda: asked.operations.list())


@service.command()
@click.argument("slug")
@click.argument("replicas", type=int)
@click.pass_obj
def scale(asked: Asked, slug: str, replicas: int) -> None:
    """Have REPLICAS of a service run."""
    asked.carry_out(Operation.SCALE, lambda: asked.operations.scale(slug, replicas))


@service.command()
@click.argument("slug")
@click.pass_obj
def delete(asked: Asked, slug: str) -> None:
    """Take a service, or a preview, down. Its files stay in the repository."""
    asked.carry_out(Operation.DELETE, lambda: asked.operations.delete(slug))


@service.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--image", required=True, help="The image; every machine of the platform must be able to pull it.")
@click.option("--pull", type=int, required=True, help="The pull request that it is a preview of.")
@click.option("--commit", required=True, help="The commit of the pull request that the image was built from.")
@SETTINGS
@click.pass_obj
def preview(  # noqa: PLR0913 (an argument an option)
    asked: Asked, folder: Path, image: str, pull: int, commit: str, settings: Path
) -> None:
    """Run FOLDER as --image beside what is live.

    FOLDER is services/<slug>. The preview goes when its pull request is closed.
    """

    def act() -> Outcome:
        previews, description = asked.previews, read_description(folder)
        egress = named_hosts(settings, description.slug)
        return previews.bring(Preview(description, image, commit, asked.repository, pull, egress=egress))

    asked.carry_out(Operation.PREVIEW, act)


@service.command()
@click.pass_obj
def closed(asked: Asked) -> None:
    """Take down the previews of pull requests that are closed."""
    click.echo(f"Taken down: {', '.join(asked.previews.end_closed()) or 'nothing'}")


@service.command()
@click.argument("slug")
@click.pass_obj
def removed(asked: Asked, slug: str) -> None:
    """Take down a service whose folder a push has removed.

    Its issue is told.

    Nothing happens where the default branch has the folder again, or where the service is not live, or there is no
    platform.
    """
    if not (asked.token and asked.repository.name and asked.sha):
        raise UserError("This needs `GITHUB_TOKEN`, `GITHUB_REPOSITORY` and `GITHUB_SHA`.")
    github = asked.github
    if slug in github.services(github.default_branch()):
        click.echo(f"services/{slug} is there again, so it stays live.")
        return
    if swarm.find_platform(connect(), asked.name) is None or not asked.operations.has(slug):
        click.echo(f"{slug} is not live.")
        return
    outcome = asked.operations.delete(slug, asked.sha)
    marker = f"taken-down:{slug}:{asked.sha[:12]}"
    numbers = [pull.number for pull in github.pulls_with_commit(asked.sha) if pull.merged]
    if outcome.version is not None and outcome.version.issue is not None:
        numbers.insert(0, outcome.version.issue)
    for number in dict.fromkeys(numbers):
        asked.say(number, marker, outcome)
    outcome.tell(github, language_on(github, numbers[0]) if numbers else "")
    click.echo(outcome.text(""))
