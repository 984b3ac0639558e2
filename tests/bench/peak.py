"""Seconds and peak memory of a command, whatever the size of the process that asks.

On Linux a process starts with the peak of the process that it was forked from: `ru_maxrss` keeps it when another
program is executed. A small process, this file run as a program, therefore stands between the two.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """What a command took: seconds, and the most MB of resident memory at any time."""

    seconds: float
    megabytes: float


def measure_command(command: Sequence[str], stdin: Path) -> Usage:
    """Run a command with a file as its standard input.

    Raises:
        RuntimeError: it failed; names the exit code and the end of its output.
    """
    # Without site-packages and environment the interpreter has about 10 MB.
    small = [sys.executable, "-I", "-S", __file__, *command]
    with stdin.open("rb") as source:
        done = subprocess.run(small, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stdout[-300:]!r}")
    return Usage(*json.loads(done.stdout.splitlines()[-1]))


def _run(command: list[str]) -> int:
    begin = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    print(json.dumps([time.monotonic() - begin, usage.ru_maxrss / 1024]))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1:]))
