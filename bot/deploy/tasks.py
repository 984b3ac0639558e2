"""What the engine and the log of a service's tasks say of why they do not run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docker.errors import APIError

from bot.foreign import redacted
from bot.sentence import Sentence, joined, sentence, verbatim

Task = dict[str, Any]
"""https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Task"""


def reason(api: Any, tasks: Iterable[Task]) -> Sentence:
    """Return what the newest failed one of `tasks`, the newest first, died of, with the end of its log."""
    tasks = list(tasks)
    for task in tasks:
        error = task["Status"].get("Err")
        if error:
            hung = "unhealthy container" in error
            why = sentence("its container never answered `/healthz`") if hung else verbatim(str(error))
            return joined([why, verbatim(end_of_log(api, [task]))], "")
    return joined([sentence("its container did not become healthy"), verbatim(end_of_log(api, tasks))], "")


def end_of_log(api: Any, tasks: Iterable[Task]) -> str:
    """Return the last lines that one of the tasks wrote, fenced; empty where another machine has them."""
    for task in tasks:
        container = (task["Status"].get("ContainerStatus") or {}).get("ContainerID")
        if not container:
            continue
        try:
            log = api.logs(container, tail=20)
        except APIError:
            continue
        text = redacted(bytes(log).decode("utf-8", "replace").strip())
        if text:
            return f"\n```\n{text[-2000:]}\n```"
    return ""
