"""Everything a run reaches out to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.buildlog import read_failure
from bot.clients.docker_engine import Engine
from bot.clients.fetch import Fetched, fetch
from bot.clients.github import GitHub
from bot.clients.llm import Model
from bot.clients.packages import Packages
from bot.config import OperatorSetting
from bot.generate.files import Preflight
from bot.values.failure import Failure


@dataclass(frozen=True)
class World:
    """Everything a run reaches out to; one for all runs of a worker.

    Attributes:
        poll_seconds: how long a run waits for a webhook before it asks GitHub itself.
        label: what makes an issue a request for a service.
        told: the operator's settings that people on GitHub may know.
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
    told: tuple[OperatorSetting, ...] = ()
    engine: Engine = field(default_factory=Engine)
    fetch: Callable[[str], Fetched] = fetch
    preflight: type[Preflight] = Preflight
    read_failure: Callable[[Iterable[str], str], Failure] = read_failure
