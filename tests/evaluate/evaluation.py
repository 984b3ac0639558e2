"""An evaluation: one stack of embedded GitHub, bot, registry and platform, and the tasks taken through it."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo import Say
from bot.demo.processes import BotCommands
from bot.demo.stack import Choices, Stack, prepare_machine, repository_config, start, take_down
from bot.demo.state import State
from bot.deploy import DEFAULT_NAME, NAME_VARIABLE, find_platform
from bot.errors import UserError
from tests.evaluate.endpoint import Recorder, Replayer, staged
from tests.evaluate.suite import Task
from tests.evaluate.trial import attempt

STATE = State(Path(".gptdeploy"))
"""The demo's folder, as `gptdeploy demo` itself takes it."""
_AROUND = 10 * 60.0
"""Seconds that a run may take beyond its budget, which it looks at between two calls of the model."""


@dataclass(frozen=True)
class Plan:
    """What is evaluated, and how.

    Attributes:
        config: lines of the repository's `.github/microservice.yml`.
        without: the parts of the bot that are left out.
        minutes: how long a run may take.
        parallel: how many runs go side by side.
        environ: the environment; its `OPENAI_*` settings choose the model.
        model: the model where a stage has none of its own.
        recorded: the folder that is recorded into; replayed: the one that is replayed. At most one of them is given.
        logs: where the bot's logs and runs are kept afterwards; None for nowhere.
    """

    tasks: Sequence[Task]
    config: Mapping[str, str]
    without: Sequence[str]
    minutes: float
    parallel: int
    environ: Mapping[str, str]
    model: str
    recorded: Path | None = None
    replayed: Path | None = None
    logs: Path | None = None


def carry_out(plan: Plan, say: Say) -> Generator[dict[str, Any]]:
    """Take the tasks from issue to service; yield each result as soon as it is there.

    What was up before stays up, and nothing else. When the caller stops taking results, the runs are stopped.

    Raises:
        UserError: the stack does not come up.
        ValueError: the record that is replayed holds nothing of a task.
    """
    with ExitStack() as parts:
        parts.enter_context(STATE.held())
        environ = parts.enter_context(_model(plan, say))
        client = prepare_machine(STATE, say)
        parts.callback(client.close)
        if not STATE.started.port:
            if find_platform(client, environ.get(NAME_VARIABLE) or DEFAULT_NAME) is not None:
                raise UserError("A platform is up on this machine that is not of a demo in this folder.")
            parts.callback(take_down, STATE, say)
        if plan.logs is not None:
            parts.callback(_keep_logs, plan.logs)
        choices = Choices(repository_config(plan.config), environ, _bot(plan.without))
        stack = start(parts, STATE, client, choices, say)
        yield from _attempts(stack, plan, say)


def _attempts(stack: Stack, plan: Plan, say: Say) -> Iterator[dict[str, Any]]:
    stopped = threading.Event()

    def one(task: Task) -> dict[str, Any]:
        say(f"{task.name}: begins")
        return attempt(stack, task, plan.minutes * 60 + _AROUND, stopped)

    pool = ThreadPoolExecutor(plan.parallel, "task")
    try:
        for done in as_completed([pool.submit(one, task) for task in plan.tasks]):
            yield done.result()
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


@contextmanager
def _model(plan: Plan, say: Say) -> Iterator[dict[str, str]]:
    """Serve what stands between the bot and the model, if anything does; yield the bot's environment."""
    if plan.recorded is not None:
        with Recorder(plan.tasks, plan.recorded, plan.environ) as recorder:
            yield staged(plan.environ, recorder.url, plan.model)
    elif plan.replayed is not None:
        others = {name: value for name, value in plan.environ.items() if not name.startswith("OPENAI_")}
        with Replayer(plan.tasks, plan.replayed) as replayer:
            yield staged(others, replayer.url, "recorded")
        replies, differing = replayer.replayed.total(), replayer.differing.total()
        say(f"{replies} replies replayed, {differing} of them to a prompt that is not the recorded one")
    else:
        yield dict(plan.environ)


def _keep_logs(folder: Path) -> None:
    """Copy what is left to look at: the logs of the bot's processes, and its runs."""
    for part in ("logs", "bot"):
        if (STATE.root / part).exists():
            ignored = shutil.ignore_patterns("*.lock", "*.bell")
            shutil.copytree(STATE.root / part, folder / part, dirs_exist_ok=True, ignore=ignored)


def _bot(without: Sequence[str]) -> BotCommands:
    """Return what starts a bot that leaves these parts out."""
    if not without:
        return BotCommands()
    return BotCommands(worker=(sys.executable, "-m", "tests.evaluate.worker", ",".join(without)))
