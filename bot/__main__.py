"""The command line: one function a command; each imports what it needs when it is called."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
from logging.config import dictConfig
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from bot import __version__
from bot.errors import EXIT_STATUS, TransientError, UserError
from bot.logs import configuration

if TYPE_CHECKING:
    from bot.clients.github import SignIn
    from bot.config import Settings

# The commands that live with their subject: module and name. Each is imported when it is called.
_ELSEWHERE = {
    "demo": ("bot.demo.command", "demo"),
    "deploy": ("bot.deploy.command", "deploy"),
    "excerpt": ("bot.buildlog.command", "excerpt"),
    "platform": ("bot.deploy.command", "platform"),
    "service": ("bot.deploy.service_command", "service"),
}


class _Commands(click.Group):
    """Turns what a person can mend, and what may pass by itself, into one line on the terminal and `EXIT_STATUS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = _ELSEWHERE[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (UserError, TransientError) as error:
            click.echo(f"gptdeploy: {error}", err=True)
            ctx.exit(EXIT_STATUS)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--description", help="What a service shall do: opens an issue and follows it until the service is live.")
@click.option("--test", "tests", multiple=True, help="How it shall be tested; may be given several times.")
@click.option("--repo", help="owner/name on GitHub, where the bot is at work; else everything runs on this machine.")
@click.option("--label", default="microservice", show_default=True, help="The issue's label, which starts the bot.")
@click.option("--verbose", is_flag=True, help="Show prompts and replies (without --repo) and what builds died of.")
@click.option(
    "--token", envvar="GITHUB_TOKEN", show_envvar=True, help="For --repo; by default that of `gh auth token`."
)
@click.option("--api-url", envvar="GITHUB_API_URL", show_envvar=True, default="https://api.github.com", hidden=True)
@click.version_option(__version__, prog_name="gptdeploy")
@click.pass_context
def main(  # noqa: PLR0913 (an argument an option)
    context: click.Context,
    description: str | None,
    tests: tuple[str, ...],
    repo: str | None,
    label: str,
    verbose: bool,
    token: str | None,
    api_url: str,
) -> None:
    """An idea in a GitHub issue becomes a running, tested microservice with a playground.

    With --description it opens that issue, shows the run, asks at the prompt what the bot asks, and ends with the
    playground's address: 0 if the service is live, 1 if not, 2 if it could not begin.
    """
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    if context.invoked_subcommand is not None:
        if description or tests or repo or verbose:
            raise click.UsageError(f"`{context.invoked_subcommand}` stands alone: give its own options after it.")
        return
    if not description:
        if tests or repo or verbose:
            raise click.UsageError("--description says what the service shall do; the other options go with it.")
        click.echo(context.get_help())
        return
    from bot.terminal.command import Wish, create

    context.exit(create(Wish(description, tests, repo or "", label, token or "", api_url), verbose=verbose))


@main.command()
def web() -> None:
    """Take webhooks and show the pages. Runs nothing itself; a worker does."""
    _web(_settings())


@main.command()
def worker() -> None:
    """Carry out the runs. One worker a database; a restart goes on where the last one stopped."""
    _worker(_settings())


@main.command()
def serve() -> None:
    """Web and worker together, as two processes; ends when either ends."""
    settings = _settings()
    children = []
    for part in (_web, _worker):
        pid = os.fork()
        if pid == 0:
            part(settings)
            os._exit(0)
        children.append(pid)

    def forward(number: int, _frame: FrameType | None) -> None:
        for child in children:
            os.kill(child, number)

    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, forward)
    first, status = os.wait()
    children.remove(first)
    forward(signal.SIGTERM, None)
    os.wait()
    sys.exit(os.waitstatus_to_exitcode(status))


@main.command()
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
def init(checkout: Path) -> None:
    """Put the workflow files, the issue form and a settings file into CHECKOUT, a clone of your repository."""
    from bot.config import REPO_CONFIG_PATH
    from bot.init import first_settings, repository_files

    for name, text in (repository_files() | first_settings()).items():
        path = checkout / name
        if name == REPO_CONFIG_PATH and path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        click.echo(f"wrote {path}")
    click.echo("Commit and push these to the default branch; the App has no right to do it for you.")


def _settings() -> Settings:
    # Imported here, because `gptdeploy deploy` reads no settings and starts a sixth of a second faster without.
    from bot.config import Settings

    return Settings.from_environment()


def _web(settings: Settings) -> None:
    from bot.runs.durable.client import DurableRuns
    from bot.runs.durable.database import prepare
    from bot.web.server import serve as serve_web

    dictConfig(configuration())
    prepare(settings.database_url)
    serve_web(settings, lambda: DurableRuns(settings.database_url, patient=False), _visitors(settings))


def _visitors(settings: Settings) -> SignIn | None:
    """Return what signs people in on the page, where the settings have what that takes."""
    if settings.github_client_id is None or settings.github_client_secret is None:
        return None
    from bot.clients.github import GitHub, SignIn

    github = GitHub(settings.github_api_url, settings.github_app_id, settings.private_key)
    return SignIn(
        github, settings.github_api_url, settings.github_client_id, settings.github_client_secret.get_secret_value()
    )


def _worker(settings: Settings) -> None:
    from bot.worker import build_world, work

    work(settings, build_world(settings))


if __name__ == "__main__":
    main()
