"""The last lines that a live service has written."""

from __future__ import annotations

from typing import Any

import docker

from bot.buildlog.lines import clean
from bot.deploy.deployed import Deployed
from bot.foreign import printable, redacted

MOST_LINES = 500
"""Lines that can be asked for; more do not fit into a comment."""

_MOST_CHARACTERS = 50_000


def last_lines(client: docker.DockerClient, service: Deployed, lines: int) -> str:
    """Return the last lines of all replicas of the version that is live, the newest last, without secrets.

    Where all of them do not fit into a comment, the oldest are left out.

    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service/operation/ServiceLogs
    """
    tasks = {task["ID"] for task in service.current_tasks}
    found = client.services.get(service.service["ID"]).logs(  # type: ignore[no-untyped-call]
        details=True, stdout=True, stderr=True, timestamps=True, tail=lines
    )
    stamped = sorted(_of_tasks(b"".join(found).decode("utf-8", "replace"), tasks))[-lines:]
    text = redacted(printable("\n".join(clean(line) for _, line in stamped)))
    if len(text) > _MOST_CHARACTERS:
        text = text[-_MOST_CHARACTERS:].partition("\n")[2]
    return text


def _of_tasks(text: str, tasks: set[str]) -> list[tuple[str, str]]:
    """Return time and text of the lines that these tasks wrote.

    With `details`, a line is its time, what the engine knows of it ("com.docker.swarm.task.id=...,..."), and its text.
    """
    written: list[tuple[str, str]] = []
    for line in text.splitlines():
        stamp, _, rest = line.partition(" ")
        details, _, said = rest.partition(" ")
        known: dict[str, Any] = dict(pair.split("=", 1) for pair in details.split(",") if "=" in pair)
        if known.get("com.docker.swarm.task.id") in tasks:
            written.append((stamp, said))
    return written
