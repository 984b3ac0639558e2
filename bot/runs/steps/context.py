"""What every kind of step needs: the flow, what the run reaches out to, and its repository and issue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.buildlog import read_failure
from bot.clients.docker_engine import Engine
from bot.clients.fetch import Fetched, fetch
from bot.clients.github.client import GitHub, Repository
from bot.clients.llm import Model
from bot.clients.packages import Packages
from bot.config.repository import RepoConfig
from bot.generate.files import Preflight
from bot.runs.durable.flow import Flow
from bot.values.failure import Failure
from bot.values.run import RunRequest


@dataclass(frozen=True)
class World:
    """Everything a run reaches out to.

    Attributes:
        poll_seconds: how long a run waits for a webhook before it asks GitHub itself.
        label: what makes an issue a request for a service.
        engine: the Docker engine for `preflight: docker`.
        fetch: reads what a URL in a scenario names.
        preflight: makes the checks of a model's files.
        read_failure: reads from a job's log, given with the name of the failed step, what the job died of.
    """

    github: GitHub
    model: Model
    packages: Packages
    poll_seconds: float
    label: str
    engine: Engine = field(default_factory=Engine)
    fetch: Callable[[str], Fetched] = fetch
    preflight: type[Preflight] = Preflight
    read_failure: Callable[[Iterable[str], str], Failure] = read_failure


class BaseSteps:
    """The steps of one run, bound to its repository and issue.

    Attributes:
        repo_config: the repository's configuration, once it is read.
    """

    def __init__(self, flow: Flow, world: World, request: RunRequest) -> None:
        self.flow = flow
        self.poll_seconds = world.poll_seconds
        self.repo_config = RepoConfig()
        self._world = world
        self._request = request
        self._repository: Repository = world.github.repository(request.repo, request.installation)
