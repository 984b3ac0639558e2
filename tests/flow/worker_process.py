"""The bot's worker as a process that tests kill and start again."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
# What takes seconds of a worker's start, and minutes where it is started dozens of times, is what it reads.
_FORKS.set_forkserver_preload(["__main__", "tests.preloaded", __name__])


def start_worker(environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """Start a worker with settings beside this process's own, as `gptdeploy worker` does, but with its modules read.

    Args:
        log: the file to which it appends what it writes to standard output and standard error.
    """
    process = _FORKS.Process(target=_work, args=(dict(environment), log), daemon=True)
    process.start()
    return process


def _work(environment: dict[str, str], log: Path) -> None:
    from bot.__main__ import main

    os.environ.update(environment)
    with log.open("ab") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    main(["worker"])
