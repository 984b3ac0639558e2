"""The command line. Everything is built here, once, and passed down."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import threading
from logging.config import dictConfig
from pathlib import Path
from types import FrameType

import click

from bot import __version__
from bot.config.settings import Settings
from bot.errors import TransientError, UserError
from bot.logs import configuration

# Where the commands live that need more than the bot: they are imported when they are called.
_ELSEWHERE = {
    "demo": ("bot.demo.command", "demo"),
    "deploy": ("bot.deploy.command", "deploy"),
    "excerpt": ("bot.buildlog.command", "excerpt"),
    "platform": ("bot.deploy.command", "platform"),
}


class _Commands(click.Group):
    """Turns what a person can mend into one line on the terminal and exit code 2."""

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
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gptdeploy")
def main() -> None:
    """An idea in a GitHub issue becomes a running, tested microservice with a playground."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")


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
    from bot.init import repository_files

    for name, text in repository_files().items():
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        click.echo(f"wrote {path}")
    click.echo("Commit and push these to the default branch; the App has no right to do it for you.")


def _web(settings: Settings) -> None:
    from bot.runs.durable.client import DurableRuns, prepare
    from bot.web.server import serve as serve_web

    dictConfig(configuration())
    prepare(settings.database_url)
    serve_web(settings, lambda: DurableRuns(settings.database_url))


def _worker(settings: Settings) -> None:
    from bot.clients.github.client import GitHub
    from bot.clients.llm.model import Model
    from bot.clients.packages.resolve import Packages
    from bot.commands.answer import answer
    from bot.runs.durable.client import DurableRuns
    from bot.runs.durable.worker import Worker
    from bot.runs.run import run
    from bot.runs.steps.issue import World

    dictConfig(configuration())
    for library in ("httpx", "httpx2"):
        logging.getLogger(library).setLevel(logging.WARNING)
    runs = DurableRuns(settings.database_url)
    stages = {
        "specify": settings.model_specify,
        "strategize": settings.model_strategize,
        "implement": settings.model_implement,
        "fix": settings.model_fix,
    }
    world = World(
        github=GitHub(settings.github_api_url, settings.github_app_id, settings.private_key),
        model=Model(
            settings.openai_model,
            stages={stage: model for stage, model in stages.items() if model},
            fallbacks=[name.strip() for name in settings.fallbacks.split(",") if name.strip()],
            effort=settings.effort,
            context=settings.context,
            base_url=settings.openai_base_url,
            api_key=settings.openai_api_key.get_secret_value() if settings.openai_api_key else None,
            timeout=settings.openai_timeout,
        ),
        packages=Packages(),
        poll_seconds=settings.poll_seconds,
        label=settings.label,
        without=frozenset(part.strip() for part in settings.without.split(",") if part.strip()),
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


if __name__ == "__main__":
    main()
