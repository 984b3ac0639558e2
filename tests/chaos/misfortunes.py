"""What goes wrong: each kind is a function that does it once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.chaos.stage import Stage
from tests.fakes.faults import HEAD_UNSEEN, Fault

_FREQUENT = ("POST", "PATCH")
_METHODS = ("GET", *_FREQUENT, "PUT", "DELETE")
_FOR_EVER = 1_000_000
_PATIENCE = 60.0
"""Seconds to wait for a request that something goes wrong with."""
_REPOSITORIES = "/api/v3/repos/"

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


def github_down(stage: Stage, _chance: random.Random, seconds: float) -> None:
    """GitHub answers 503 to everything."""
    faults = [stage.faults.plan(Fault(method, "/api/", times=_FOR_EVER, status=503)) for method in _METHODS]
    time.sleep(seconds)
    for fault in faults:
        fault.times = 0


def stale_reads(stage: Stage, _chance: random.Random, seconds: float) -> None:
    """For a while GitHub answers what it has answered before."""
    fault = stage.faults.plan(Fault("GET", _REPOSITORIES, times=0, stale=True))
    time.sleep(min(seconds, 2))
    fault.times = 4
    time.sleep(1)
    fault.times = 0


def late_ref(stage: Stage, _chance: random.Random, _seconds: float) -> bool:
    """GitHub does not see a branch yet that was pushed just now."""
    unseen = Fault("POST", r"/repos/[^/]+/[^/]+/pulls$", status=422, answer=HEAD_UNSEEN)
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
    "a read that is stale": stale_reads,
    "a branch that appears late": late_ref,
    "a delivery dropped": delivery_dropped,
    "a delivery doubled": delivery_doubled,
    "a delivery overtaken by others": delivery_late,
    "the database locked": database_locked,
    "the disk full": disk_full,
    "the clock ahead or behind": clock_jumps,
}


def _soon(stage: Stage, fault: Fault) -> bool:
    """Have something go wrong with the next request that it fits, and return whether one came in time."""
    stage.faults.plan(fault)
    deadline = time.monotonic() + _PATIENCE
    while fault.times and time.monotonic() < deadline:
        time.sleep(0.05)
    happened, fault.times = fault.happened > 0, 0
    return happened
