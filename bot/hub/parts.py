"""The parts of a hub: built once, found again by every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import request

from bot.hub.access import Access
from bot.hub.act import Runner
from bot.hub.actions import Scheduler, WorkflowRuns
from bot.hub.checks import Checks
from bot.hub.deployments import Deployments
from bot.hub.issues import Issues
from bot.hub.manifests import Manifests
from bot.hub.merging import Merging
from bot.hub.owning import Owning
from bot.hub.pulls import Pulls
from bot.hub.rate_limit import RateLimit
from bot.hub.request_log import ApiRequest
from bot.hub.reviews import ReviewRequests, Reviews, Threads
from bot.hub.state import State
from bot.hub.webhooks import Announcer, Deliveries

PARTS_KEY = "hub.parts"
"""Where the environment of a request holds the parts of the hub it was sent to."""


@dataclass(frozen=True)
class Parts:
    """All parts of one hub.

    Attributes:
        origins: the addresses its own pages are served under.
        latency: seconds that every request of the App takes longer.
    """

    origins: frozenset[str]
    latency: float
    state: State
    access: Access
    deliveries: Deliveries
    issues: Issues
    pulls: Pulls
    threads: Threads
    reviews: Reviews
    review_requests: ReviewRequests
    merging: Merging
    checks: Checks
    deployments: Deployments
    scheduler: Scheduler
    workflow_runs: WorkflowRuns
    owning: Owning
    manifests: Manifests
    requests: list[ApiRequest] = field(default_factory=list)
    rate_limit: RateLimit = field(default_factory=RateLimit)

    @classmethod
    def build(cls, web: str, origins: frozenset[str], root: Path, runner: Runner, latency: float) -> Parts:
        """Build all parts; `web` is the hub's address, `root` the folder that holds repositories and logs."""
        state = State(web)
        access = Access(state)
        deliveries = Deliveries()
        announcer = Announcer(state, deliveries)
        issues = Issues(state, announcer)
        pulls = Pulls(state, announcer, issues)
        threads = Threads(state, announcer)
        # In this order: a push takes approvals back before anything is merged because of it.
        reviews = Reviews(state, announcer, threads)
        merging = Merging(announcer, issues, pulls)
        scheduler = Scheduler(state, access, announcer, runner, root / "logs")
        return cls(
            origins=origins,
            latency=latency,
            state=state,
            access=access,
            deliveries=deliveries,
            issues=issues,
            pulls=pulls,
            threads=threads,
            reviews=reviews,
            review_requests=ReviewRequests(state, announcer),
            merging=merging,
            checks=Checks(state, announcer),
            deployments=Deployments(state),
            scheduler=scheduler,
            workflow_runs=WorkflowRuns(state, announcer, scheduler),
            owning=Owning(state, announcer),
            manifests=Manifests(state),
        )


def current_parts() -> Parts:
    """Return the parts of the hub that the request at hand was sent to."""
    return cast(Parts, request.environ[PARTS_KEY])
