"""What every kind of step stands on."""

from __future__ import annotations

from bot.clients.github import Repository
from bot.runs.durable.flow import Flow
from bot.runs.world import World
from bot.values.run import RunRequest


class BoundSteps:
    """Steps of one run, bound to its flow, its repository and its issue.

    Every write looks first whether it has already happened (by a hidden marker, a branch's name or a commit's trailer),
    because a step may run again after a crash.
    """

    def __init__(self, flow: Flow, world: World, request: RunRequest) -> None:
        self._flow = flow
        self._world = world
        self._request = request
        self._repository: Repository = world.github.repository(request.repo, request.installation)
