"""The command line. Everything is built here, once, and passed down."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from bot import __version__
from bot.config import Settings
from bot.errors import TransientError, UserError


class _Commands(click.Group):
    """Turns what a person can mend into one line on the terminal and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (UserError, TransientError) as error:
            click.echo(f"gptdeploy: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gptdeploy")
def main() -> None:
    """An idea in a GitHub issue becomes a running, tested microservice with a playground."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    for noisy in ("httpx", "httpcore", "openai", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


@main.command()
def web() -> None:
    """Take webhooks and show the pages. Runs nothing itself; a worker does."""
    _web(Settings.from_environment())


@main.command()
def worker() -> None:
    """Carry out the runs. One worker a database; a restart goes on where the last one stopped."""
    _worker(Settings.from_environment())


@main.command()
def serve() -> None:
    """Web and worker together, as two processes; ends when either ends."""
    settings = Settings.from_environment()
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
    """Put the workflow files and the issue form into CHECKOUT, a clone of your repository."""
    from bot.repository_files import repository_files

    for name, text in repository_files().items():
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        click.echo(f"wrote {path}")
    click.echo("Commit and push these to the default branch; the App has no right to do it for you.")


def _web(settings: Settings) -> None:
    from bot.web.server import serve as serve_web
    from bot.workflows.engine import Runs, prepare

    prepare(settings.database_url)
    serve_web(settings, lambda: Runs(settings.database_url))


def _worker(settings: Settings) -> None:
    from bot.clients.github import GitHub
    from bot.clients.llm import Model
    from bot.clients.packages import Packages
    from bot.workflows.answer import answer
    from bot.workflows.engine import Runs, Worker
    from bot.workflows.run import run
    from bot.workflows.steps import World

    runs = Runs(settings.database_url)
    world = World(
        github=GitHub(settings.github_api_url, settings.github_app_id, settings.private_key),
        model=Model.from_settings(settings),
        packages=Packages(),
        poll_seconds=settings.poll_seconds,
    )
    engine = Worker(
        settings.database_url,
        run=lambda flow, request: run(flow, world, request),
        command=lambda flow, request: answer(flow, world, runs, request),
        runs=runs,
    )
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    engine.start()
    logging.getLogger("bot").info("worker is ready")
    stopped.wait()
    engine.stop()
    # Threads of runs that wait would keep the process alive; their state is in the database.
    os._exit(0)


def _mount() -> None:
    """Add the commands that live with their part."""
    from bot.demo.command import demo
    from bot.deploy.command import deploy, platform

    for command in (demo, deploy, platform):
        main.add_command(command)


_mount()

if __name__ == "__main__":
    main()
