"""The command line: one function a command; each imports what it needs when it is called."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
from functools import cached_property, partial
from logging.config import dictConfig
from pathlib import Path
from threading import Event
from types import FrameType
from typing import IO, TYPE_CHECKING

import click

from bot import __version__
from bot.errors import EXIT_STATUS, TransientError, UserError
from bot.logs import configuration

if TYPE_CHECKING:
    from bot.clients.github import SignIn
    from bot.config import Settings
    from bot.setup import SetUp
    from bot.values.person import Person

# The commands that live with their subject: module and name. Each is imported when it is called.
_ELSEWHERE = {
    "demo": ("bot.demo.command", "demo"),
    "deploy": ("bot.deploy.command", "deploy"),
    "doctor": ("bot.doctor.command", "doctor"),
    "excerpt": ("bot.buildlog.command", "excerpt"),
    "platform": ("bot.deploy.command", "platform"),
    "service": ("bot.deploy.service_command", "service"),
}

_NEW_CHANNEL = "new"
"""What `--proxy` without a value says."""


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
    from bot.setup import SetUp

    _web(_settings(), SetUp())


@main.command()
def worker() -> None:
    """Carry out the runs.

    One worker for a database file, any number for a PostgreSQL server. A restart goes on where the last one stopped.
    """
    _worker(_settings())


@main.command()
@click.option(
    "--proxy",
    metavar="[URL]",
    is_flag=False,
    flag_value=_NEW_CHANNEL,
    help="Take webhooks from this channel of a relay such as smee.io, where GitHub cannot reach this machine; without "
    "URL from the one in WEBHOOK_PROXY_URL, else from a new one.",
)
@click.option("--poll", is_flag=True, help="Take no webhooks: ask GitHub what is new, every 10 seconds.")
def serve(proxy: str | None, poll: bool) -> None:
    """Run web and worker together, as two processes.

    It ends when either ends. Without credentials of a GitHub App it first shows a page that registers one.
    """
    from bot.config import environment, override
    from bot.setup import SetUp, is_new, set_up

    if proxy and poll:
        raise click.UsageError("--proxy takes webhooks, and --poll takes none: give one of them.")
    if poll:
        override({"GPTDEPLOY_POLL": "true"})
    elif proxy:
        override({"GPTDEPLOY_POLL": "false", "WEBHOOK_PROXY_URL": _channel(proxy)})
    settings, how = set_up() if is_new(environment()) else (_settings(), SetUp())
    parts = [partial(_web, settings, how), partial(_worker, settings)]
    if settings.webhook_proxy_url and not settings.polls:
        parts.append(partial(_relay, settings.webhook_proxy_url, settings.bind))
    children = []
    for part in parts:
        if (pid := os.fork()) == 0:
            part()
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
    for child in children:
        os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


@main.command()
@click.argument("event")
@click.argument("file", type=click.File("rb"))
@click.option("--directly", is_flag=True, help="Store what it asks for, without the web process.")
def receive(event: str, file: IO[bytes], directly: bool) -> None:
    """Replay a delivery of a webhook.

    FILE holds the payload of an EVENT, e.g. `issues`, as GitHub's page of the App shows it.
    """
    from bot.runs.durable.client import DurableRuns
    from bot.web.replay import send, take

    settings, body = _settings(), file.read()
    if not directly:
        click.echo(send(settings, event, body))
        return
    click.echo(take(settings, DurableRuns(settings.database_url, patient=False), event, body))


@main.command()
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
def init(checkout: Path) -> None:
    """Put workflow files, issue form and settings into CHECKOUT.

    It is a clone of your repository. Settings that are there stay.
    """
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


def _web(settings: Settings, how: SetUp) -> None:
    from bot.runs.durable.client import DurableRuns
    from bot.setup import setup_pages
    from bot.web.server import serve as serve_web

    dictConfig(configuration())
    runs = DurableRuns(settings.database_url, patient=False)
    serve_web(settings, runs, _visitors(settings), [setup_pages(how)])


class _Visitors:
    """What GitHub says of people, asked of it from the first one on who signs in: until then nothing of its SDK is in
    memory. Implements `bot.web.visitors.Visitors`."""

    def __init__(self, settings: Settings, client_id: str, client_secret: str) -> None:
        self._settings = settings
        self._client = (client_id, client_secret)

    def address(self, state: str) -> str:
        return self._sign_in.address(state)

    def person(self, code: str) -> Person:
        return self._sign_in.person(code)

    def may_read(self, person: Person, repo: str) -> bool:
        return self._sign_in.may_read(person, repo)

    @cached_property
    def _sign_in(self) -> SignIn:
        from bot.clients.github import GitHub, SignIn
        from bot.runs.durable.database import open_engine
        from bot.runs.durable.names import DurableNames

        settings = self._settings
        names = DurableNames(open_engine(settings.database_url, patient=False))
        github = GitHub(settings.github_api_url, settings.github_app_id, settings.private_key, names=names)
        return SignIn(github, settings.github_api_url, *self._client)


def _visitors(settings: Settings) -> _Visitors | None:
    """Return what signs people in on the page, where the settings have what that takes."""
    if settings.github_client_id is None or settings.github_client_secret is None:
        return None
    return _Visitors(settings, settings.github_client_id, settings.github_client_secret.get_secret_value())


def _channel(given: str) -> str:
    """Return the address of a channel that was given; without one that is kept, else that of a new one."""
    from bot.config import environment, store
    from bot.web.channel import new_channel

    if given != _NEW_CHANNEL:
        return given
    if not (kept := environment().get("WEBHOOK_PROXY_URL")):
        kept = new_channel()
        store({"WEBHOOK_PROXY_URL": kept})
        click.echo(f"The App's webhook has to go to {kept} from now on; `.env` keeps it.", err=True)
    return kept


def _relay(channel: str, bind: str) -> None:
    from bot.web.channel import follow
    from bot.web.own_address import webhook_address

    dictConfig(configuration())
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    follow(channel, webhook_address(bind), Event())


def _worker(settings: Settings) -> None:
    from bot.worker import build_world, work

    work(settings, build_world(settings))


if __name__ == "__main__":
    main()
