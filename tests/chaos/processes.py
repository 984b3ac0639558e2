"""The bot's two processes, killed and started again, on a clock that jumps."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import time_machine

from tests.fakes.pace import no_pace

_FORKS = multiprocessing.get_context("forkserver")
_MAIN = sys.modules["__main__"].__spec__
# What takes seconds of a start is what it reads. The modules of the program that was started are read ahead only by its
# own name, not as "__main__": https://github.com/python/cpython/issues/126631
_FORKS.set_forkserver_preload([*([_MAIN.name] if _MAIN else []), "tests.preloaded", "bot.web.server", __name__])
_LOOKS_AT_CLOCK = 0.1


class Process:
    """One part of the bot, as `gptdeploy <part>` runs it.

    Args:
        environment: settings beside this process's own.
        log: the file to which it appends what it writes.
        clock: a file with the seconds by which its clock is ahead.
        paced: a worker writes no faster than GitHub allows; without, as fast as it can.
    """

    def __init__(
        self, part: str, environment: Mapping[str, str], log: Path, clock: Path, *, paced: bool = True
    ) -> None:
        self._arguments = (part, dict(environment), log, clock, paced)
        self._lock = threading.Lock()
        self._process = self._start()

    def kill(self) -> None:
        """End it as `kill -9` does, and start it again."""
        with self._lock:
            self._end()
            self._process = self._start()

    def close(self) -> None:
        """End it with all processes that it has started."""
        with self._lock, suppress(ProcessLookupError):
            os.killpg(self._process.pid or 0, signal.SIGKILL)
            self._process.join()

    def see_to_it(self) -> bool:
        """Start it again if it ended by itself, as a supervisor does; return whether it had."""
        with self._lock:
            if self._process.is_alive():
                return False
            self._process = self._start()
            return True

    def _start(self) -> ForkServerProcess:
        process = _FORKS.Process(target=_run, args=self._arguments, daemon=True)
        process.start()
        return process

    def _end(self) -> None:
        self._process.kill()
        self._process.join()


def _run(part: str, environment: Mapping[str, str], log: Path, clock: Path, paced: bool) -> None:
    from bot.__main__ import main
    from bot.config import Settings
    from bot.worker import build_world, work

    os.setsid()
    os.environ.update(environment)
    with log.open("ab") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    threading.Thread(target=_follow, args=(clock,), daemon=True).start()
    if paced:
        main([part])
        return
    settings = Settings.from_environment()
    work(settings, build_world(settings, pace=no_pace))


def _follow(clock: Path) -> None:
    """Set this process's clock as the file says, again and again."""
    ahead, travel = 0.0, None
    while True:
        wanted = float(clock.read_text() or ahead)
        if wanted != ahead:
            if travel is not None:
                travel.stop()
            travel = time_machine.travel(time.time() + wanted, tick=True)
            travel.start()
            ahead = wanted
        time.sleep(_LOOKS_AT_CLOCK)
