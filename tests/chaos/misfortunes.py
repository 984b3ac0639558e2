"""What goes wrong: each kind is a function that does it once."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from typing import Any

from bot.hub.server import APP_PERMISSIONS
from tests.chaos.stage import Stage
from tests.fakes.faults import HEAD_UNSEEN, Fault, rate_limit, secondary_rate_limit

_FREQUENT = ("POST", "PATCH")
_METHODS = ("GET", *_FREQUENT, "PUT", "DELETE")
_FOR_EVER = 1_000_000
_PATIENCE = 60.0
"""Seconds to wait for a request that something goes wrong with."""
_REPOSITORIES = "/api/v3/(?:repos|repositories)/"

Misfortune = Callable[[Stage, random.Random, float], object]
"""Does harm, and returns once it is over; takes the seconds that a longer one may last."""


def kill_worker(stage: Stage, _chance: random.Random, _seconds: float) -> None:
    stage.worker.kill()


def kill_web(stage: Stage, _chance: random.Random, _seconds: float) -> None:
    stage.web.kill()


def answer_lost(stage: Stage, chance: random.Random, _seconds: float) -> bool:
    """GitHub carries a write out, and answers 502."""
    return _soon(stage, Fault(chance.choice(_FREQUENT), _REPOSITORIES, done=True))


def write_refused(stage: Stage, chance: random.Random, _seconds: float) -> bool:
    """GitHub does not carry a write out, and answers 502."""
    return _soon(stage, Fault(chance.choice(_FREQUENT), _REPOSITORIES))


def github_down(stage: Stage, _chance: random.Random, seconds: float) -> bool:
    """GitHub answers 503 to everything."""
    return _everything(stage, seconds, status=503)


def limit_spent(stage: Stage, _chance: random.Random, seconds: float) -> bool:
    """GitHub takes no more requests, and names the moment from which on it does."""
    return _everything(stage, seconds, **rate_limit(seconds))


def too_fast(stage: Stage, _chance: random.Random, seconds: float) -> bool:
    """GitHub asks to wait for some seconds."""
    return _everything(stage, seconds, **secondary_rate_limit(math.ceil(seconds)))


def permission_withdrawn(stage: Stage, chance: random.Random, seconds: float) -> None:
    """The App may only read what it has to write, and then write it again."""
    owning, permission = stage.hub.parts.owning, chance.choice(["contents", "issues", "pull_requests", "actions"])
    with stage.hub.parts.state.lock:
        owning.grant({**APP_PERMISSIONS, permission: "read"})
    time.sleep(seconds)
    with stage.hub.parts.state.lock:
        owning.grant(APP_PERMISSIONS)


def suspended(stage: Stage, _chance: random.Random, seconds: float) -> None:
    """The App's installation is suspended, and unsuspended."""
    for is_suspended in (True, False):
        with stage.hub.parts.state.lock:
            stage.hub.parts.owning.suspend(suspended=is_suspended)
        time.sleep(seconds if is_suspended else 0)


def archived(stage: Stage, _chance: random.Random, seconds: float) -> None:
    """All repositories are archived, and unarchived."""
    repositories = [stage.hub.repository(name) for name in stage.issues]
    for is_archived in (True, False):
        with stage.hub.parts.state.lock:
            for repository in repositories:
                stage.hub.parts.owning.archive(repository, archived=is_archived)
        time.sleep(seconds if is_archived else 0)


def stale_reads(stage: Stage, _chance: random.Random, seconds: float) -> None:
    """For a while GitHub answers what it has answered before."""
    fault = stage.faults.plan(Fault("GET", _REPOSITORIES, times=0, stale=True))
    time.sleep(min(seconds, 2))
    fault.times = 4
    time.sleep(1)
    fault.times = 0


def late_ref(stage: Stage, _chance: random.Random, _seconds: float) -> bool:
    """GitHub does not see a branch yet that was pushed just now."""
    unseen = Fault("POST", _REPOSITORIES + "[^?]+/pulls$", status=422, answer=HEAD_UNSEEN)
    return _soon(stage, unseen)


def delivery_dropped(stage: Stage, _chance: random.Random, _seconds: float) -> None:
    stage.deliveries.befall("dropped")


def delivery_doubled(stage: Stage, _chance: random.Random, _seconds: float) -> None:
    stage.deliveries.befall("doubled")


def delivery_late(stage: Stage, _chance: random.Random, _seconds: float) -> None:
    stage.deliveries.befall("late")


def database_locked(stage: Stage, _chance: random.Random, seconds: float) -> None:
    with stage.locked_database():
        time.sleep(seconds)


def disk_full(stage: Stage, _chance: random.Random, seconds: float) -> None:
    with stage.full_disk():
        time.sleep(seconds)


def clock_jumps(stage: Stage, chance: random.Random, seconds: float) -> None:
    """The machine's clock goes ahead or back by up to two hours, and returns."""
    stage.set_clock(chance.uniform(-7200, 7200))
    time.sleep(seconds)
    stage.set_clock(0)


MISFORTUNES: dict[str, Misfortune] = {
    "kill -9 of the worker": kill_worker,
    "kill -9 of the web process": kill_web,
    "502 after a write that was carried out": answer_lost,
    "502 instead of a write": write_refused,
    "503 to everything": github_down,
    "a rate limit, with the time of its end": limit_spent,
    "a secondary rate limit": too_fast,
    "a permission withdrawn, and given again": permission_withdrawn,
    "the installation suspended, and unsuspended": suspended,
    "the repositories archived, and unarchived": archived,
    "a read that is stale": stale_reads,
    "a branch that appears late": late_ref,
    "a delivery dropped": delivery_dropped,
    "a delivery doubled": delivery_doubled,
    "a delivery overtaken by others": delivery_late,
    "the database locked": database_locked,
    "the disk full": disk_full,
    "the clock ahead or behind": clock_jumps,
}


def _everything(stage: Stage, seconds: float, **answer: Any) -> bool:
    """Have GitHub answer the same to everything for a while, and return whether somebody has asked; wait for that."""
    began = time.monotonic()
    faults = [stage.faults.plan(Fault(method, "/api/", times=_FOR_EVER, **answer)) for method in _METHODS]
    time.sleep(seconds)
    while not (happened := any(fault.happened for fault in faults)) and time.monotonic() < began + seconds + _PATIENCE:
        time.sleep(0.05)
    for fault in faults:
        fault.times = 0
    return happened


def _soon(stage: Stage, fault: Fault) -> bool:
    """Have something go wrong with the next request that it fits, and return whether one came in time."""
    stage.faults.plan(fault)
    deadline = time.monotonic() + _PATIENCE
    while fault.times and time.monotonic() < deadline:
        time.sleep(0.05)
    happened, fault.times = fault.happened > 0, 0
    return happened
