"""An engine of a test's own beside the machine's, in a network of its own: it has nothing, and reaches nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.demo.machine import Engine

# The machine's engine must not lose its bridge to this one, so it gets a network namespace.
_PROGRAM = """\
#!/bin/sh
exec unshare --net {dockerd} --data-root={folder}/data --exec-root={folder}/exec "$@"
"""


def isolated(folder: Path) -> Engine:
    """Return an engine to start; `folder` has a short path, as that of a socket has at most 107 bytes.

    Skips the test where the engine in use is on another machine.
    """
    dockerd = shutil.which("dockerd")
    if dockerd is None:
        pytest.skip("the engine in use is not of this machine")
    program = folder / "dockerd"
    program.write_text(_PROGRAM.format(dockerd=dockerd, folder=folder))
    program.chmod(0o755)
    return Engine(folder / "state", folder / "docker.sock", folder / "docker.pid", str(program))
