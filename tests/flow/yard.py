"""Builds that end when the test says so, those of one pull request apart from the others'."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from queue import Queue
from types import TracebackType
from typing import Self

from bot.hub.act import WorkflowOrder
from tests.flow.reader import DEADLINE
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY


class Yard:
    """Keeps the builds of a scene waiting; at the end those that nobody has waited for are let go."""

    def __init__(self, scene: Scene) -> None:
        self._ends: defaultdict[int, Queue[tuple[str, str]]] = defaultdict(Queue)
        scene.builder = self._build

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for ends in self._ends.values():
            for _ in range(9):
                ends.put(("success", ""))

    def green(self, *pulls: int, **facts: object) -> None:
        """End the build of each pull request as green, with what it states of the service."""
        log = "FACTS " + json.dumps({"service": "upper-case", **facts}) if facts else "all good"
        for pull in pulls:
            self._ends[pull].put(("success", log))

    def red(self, pull: int, log: str) -> None:
        """End the build of a pull request as red."""
        self._ends[pull].put(("failure", log))

    def _build(self, order: WorkflowOrder) -> tuple[str, str]:
        return self._ends[order.event["pull_request"]["number"]].get(timeout=DEADLINE)


def begin(scene: Scene, *names: str, parallel: int = 2) -> int:
    """Open an issue, and wait until as many strategies are being built as may be at the same time: #2 and on."""
    bodies = [files(f"{'str(' * number}input.text{')' * number}") for number in range(parallel)]
    scene.answers(spec(), suite(), strategies(*names), *bodies)
    issue = scene.open(BODY)
    scene.shown(issue, f"| {names[parallel - 1]} | #{parallel + 1} | 1 |")
    return issue


def row(status: str, name: str) -> list[str]:
    """Return what the status comment tells of a strategy: icon, name, pull request, commits, and what it is about."""
    (cells,) = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in status.split("\n")
        if f"| {name} |" in line
    ]
    return [*cells[:4], cells[-1]]
