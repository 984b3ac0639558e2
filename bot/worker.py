"""The worker process: what runs reach out to, built once from the settings, and the runs carried out until a signal."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from logging.config import dictConfig
from typing import NoReturn

from bot.clients.github import GitHub, Pace
from bot.clients.llm import Model, ModelSettings
from bot.clients.packages import Packages
from bot.commands.allowance import Allowance
from bot.commands.answer import answer
from bot.commands.missed import GRACE_SECONDS, Missed
from bot.config import EndpointSettings, Settings
from bot.logs import configuration, write_transcript
from bot.runs.aside import tell_set_aside
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import open_engine
from bot.runs.durable.names import DurableNames
from bot.runs.durable.postgres import is_postgres
from bot.runs.durable.rate_limits import DurableRateLimits
from bot.runs.durable.server_gates import ServerRefusals
from bot.runs.durable.sqlite import answered_path
from bot.runs.durable.windows import ServerWindows
from bot.runs.durable.worker import Worker
from bot.runs.durable.writes import ServerWrites
from bot.runs.run import run
from bot.runs.world import World

_STOP = (signal.SIGTERM, signal.SIGINT)
_NEW_OBJECTS = 20_000
"""At so many more than there were, the garbage collector looks at what is new; 700 where nobody says anything."""


def build_world(settings: Settings, pace: Callable[[], Pace] = Pace) -> World:
    """Return everything that runs reach out to, as the settings say.

    Args:
        pace: of what is written to GitHub for an installation.
    """
    engine = open_engine(settings.database_url, patient=True)
    return World(
        github=GitHub(
            settings.github_api_url,
            settings.github_app_id,
            settings.private_key,
            pace,
            names=DurableNames(engine),
            limits=DurableRateLimits(engine),
            writes=ServerWrites(engine) if is_postgres(settings.database_url) else None,
            refusals=ServerRefusals(engine) if is_postgres(settings.database_url) else None,
        ),
        model=Model(model_settings(settings)),
        packages=Packages(),
        poll_seconds=settings.poll_seconds,
        label=settings.label,
        told=settings.told,
    )


def model_settings(settings: EndpointSettings) -> ModelSettings:
    """Return where the models are, and which of them a stage asks."""
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


def _allowance(database_url: str) -> Allowance:
    if is_postgres(database_url):
        return Allowance(shared=ServerWindows(open_engine(database_url, patient=True)))
    return Allowance(answered_path(database_url))


def spare_collections() -> None:
    """Have the garbage collector look at less, and seldom.

    A thousand runs that begin together make so much at once that it took a fifth of the time, and nearly all of that is
    let go without it. What is there now is modules, which stay until the end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


class StopSignal:
    """SIGTERM and SIGINT, which end the process no more from now on.

    They may come to any thread. Python's handlers run in the main thread, and one that waits for a lock does not wake
    for what another thread got; a byte in a socket does wake it.
    """

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno())
        for number in _STOP:
            signal.signal(number, lambda *_: None)

    def wait(self) -> None:
        """Return when one of them has come."""
        while self._reader.recv(1)[0] not in _STOP:
            pass


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
    runs, allowance = DurableRuns(settings.database_url), _allowance(settings.database_url)
    worker = Worker(
        settings.database_url,
        run=lambda flow, request: run(flow, world, request),
        command=lambda flow, request: answer(flow, world, runs, allowance, request),
        aside=lambda flow, aside: tell_set_aside(flow, world, runs, aside),
        runs=runs,
        limits=settings.limits,
    )
    signalled, stopped = StopSignal(), threading.Event()
    world.packages.prefetch()
    spare_collections()
    worker.start()
    grace = None if settings.polls else GRACE_SECONDS
    missed = Missed(world.github, runs, settings.label, settings.bots, grace)
    looking = (settings.poll_seconds, stopped, worker.leads)
    threading.Thread(target=missed.keep_looking, args=looking, name="missed", daemon=True).start()
    logging.getLogger("bot").info("worker is ready")
    signalled.wait()
    stopped.set()
    worker.stop()
    # Threads of runs that wait would keep the process alive; their state is in the database.
    os._exit(0)
