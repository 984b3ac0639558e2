"""The parts of the hub, built once and passed to everything that serves them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bot.hub.access import Access
from bot.hub.act.runner import Runner
from bot.hub.actions.scheduler import RunQueue
from bot.hub.actions.workflow_runs import Actions
from bot.hub.issues import Issues
from bot.hub.payloads.git import GitPayloads
from bot.hub.payloads.issues import Payloads
from bot.hub.payloads.workflow_runs import RunPayloads
from bot.hub.pulls import Pulls
from bot.hub.request_log import ApiRequest
from bot.hub.state.store import State
from bot.hub.webhooks import Announcer, Deliveries


@dataclass
class Parts:
    """Everything of one hub.

    Attributes:
        origins: the addresses its own pages are served under.
        latency: seconds that every request of the App takes longer.
    """

    origins: frozenset[str]
    state: State
    payloads: Payloads
    git_payloads: GitPayloads
    run_payloads: RunPayloads
    access: Access
    deliveries: Deliveries
    issues: Issues
    pulls: Pulls
    queue: RunQueue
    actions: Actions
    requests: list[ApiRequest] = field(default_factory=list)
    latency: float = 0.0

    @classmethod
    def build(cls, web: str, origins: frozenset[str], root: Path, runner: Runner) -> Parts:
        """Build all parts; `web` is the hub's address, `root` the folder that holds repositories and logs."""
        state = State()
        payloads = Payloads(web)
        git_payloads = GitPayloads(payloads, state)
        run_payloads = RunPayloads(payloads)
        access = Access(state)
        deliveries = Deliveries()
        announcer = Announcer(state, payloads, deliveries)
        issues = Issues(state, payloads, announcer)
        queue = RunQueue(state, payloads, run_payloads, access, announcer, runner, root / "logs")
        return cls(
            origins=origins,
            state=state,
            payloads=payloads,
            git_payloads=git_payloads,
            run_payloads=run_payloads,
            access=access,
            deliveries=deliveries,
            issues=issues,
            pulls=Pulls(state, git_payloads, announcer, issues),
            queue=queue,
            actions=Actions(state, payloads, announcer, queue),
        )
