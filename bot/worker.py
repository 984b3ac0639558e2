"""The worker process: what runs reach out to, built once from the settings, and the runs carried out until a signal."""

from __future__ import annotations

import logging
import os
import signal
import threading
from logging.config import dictConfig
from typing import NoReturn

from bot.clients.github import GitHub
from bot.clients.llm import Model, ModelSettings
from bot.clients.packages import Packages
from bot.commands.allowance import Allowance
from bot.commands.answer import answer
from bot.commands.missed import Missed
from bot.config import Settings
from bot.logs import configuration, write_transcript
from bot.runs.aside import tell_set_aside
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.worker import Worker
from bot.runs.run import run
from bot.runs.world import World


def build_world(settings: Settings) -> World:
    """Return everything that runs reach out to, as the settings say."""
    return World(
        github=GitHub(settings.github_api_url, settings.github_app_id, settings.private_key),
        model=Model(_model_settings(settings)),
        packages=Packages(),
        poll_seconds=settings.poll_seconds,
        label=settings.label,
        told=settings.told,
    )


def _model_settings(settings: Settings) -> ModelSettings:
    stages = {
        "specify": settings.model_specify,
        "tests": settings.model_tests,
        "review": settings.model_tests,
        "strategize": settings.model_strategize,
        "implement": settings.model_implement,
        "fix": settings.model_fix,
        "revise": settings.model_fix,
        "respecify": settings.model_specify,
        "replan": settings.model_specify,
        "retest": settings.model_tests,
    }
    return ModelSettings(
        name=settings.openai_model,
        stages={stage: model for stage, model in stages.items() if model},
        fallbacks=[name.strip() for name in settings.fallbacks.split(",") if name.strip()],
        effort=settings.effort,
        context=settings.context,
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value() if settings.openai_api_key else None,
        timeout=settings.openai_timeout,
    )


def work(settings: Settings, world: World) -> NoReturn:
    """Carry out runs and commands until SIGTERM or SIGINT, then end the process.

    Raises:
        UserError: the database cannot be used, or another worker has it.
    """
    dictConfig(configuration())
    if settings.transcript is not None:
        write_transcript(settings.transcript)
    for library in ("httpx", "httpx2"):
        logging.getLogger(library).setLevel(logging.WARNING)
    runs, allowance = DurableRuns(settings.database_url), Allowance()
    worker = Worker(
        settings.database_url,
        run=lambda flow, request: run(flow, world, request),
        command=lambda flow, request: answer(flow, world, runs, allowance, request),
        aside=lambda flow, aside: tell_set_aside(flow, world, runs, aside),
        runs=runs,
    )
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    world.packages.prefetch()
    worker.start()
    missed = Missed(world.github, runs, settings.label, settings.bots)
    looking = (settings.poll_seconds, stopped)
    threading.Thread(target=missed.keep_looking, args=looking, name="missed", daemon=True).start()
    logging.getLogger("bot").info("worker is ready")
    stopped.wait()
    worker.stop()
    # Threads of runs that wait would keep the process alive; their state is in the database.
    os._exit(0)
