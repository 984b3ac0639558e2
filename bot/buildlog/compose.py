"""What `docker compose up` shows of several containers at once: each line has its container's name before it."""

from __future__ import annotations

import re

from bot.buildlog.asides import Aside, set_aside
from bot.buildlog.output import Output

_ATTACHING = "Attaching to "
_LINE = re.compile(r"^([\w.-]+) +\| ?(.*)$")
_EXITED = re.compile(r"^([\w.-]+) exited with code (\d+)")


class Containers:
    """The containers that a step shows, and the first of them that ended with an exit code other than 0.

    https://docs.docker.com/reference/cli/docker/compose/up/
    """

    def __init__(self) -> None:
        self._outputs: dict[str, Output] = {}
        self.failed: Output | None = None

    def take(self, line: str) -> bool:
        """Take a line of a container or on containers; return False for any other."""
        if line.startswith(_ATTACHING):
            names = line.removeprefix(_ATTACHING).split(", ")
            self._outputs = {name: Output(f"container {name}") for name in names}
            return False
        if not self._outputs:
            return False
        if (match := _LINE.match(line)) and match[1] in self._outputs:
            self._outputs[match[1]].add(match[2])
            return True
        if (match := _EXITED.match(line)) and match[1] in self._outputs and match[2] != "0":
            output = self._outputs[match[1]]
            output.failure = output.failure or line
            self.failed = self.failed or output
        return False

    def asides(self) -> list[Aside]:
        """Return what is kept of the containers beside the one that failed first."""
        others = (output for output in self._outputs.values() if output is not self.failed)
        kept = (set_aside(output.title, output, failed=bool(output.failure)) for output in others)
        return [aside for aside in kept if aside is not None]
