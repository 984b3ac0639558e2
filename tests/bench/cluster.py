"""1,000 issues end to end on PostgreSQL: three workers, one of which is killed every 20 seconds, and two webs."""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figure import Figure
from tests.chaos.stage import Stage
from tests.chaos.verdict import doubled, finished, lost
from tests.fakes.postgres import start_server

ISSUES = 1000
WORKERS, WEBS = 3, 2
_EVERY_SECONDS = 20.0
_AT_ONCE = 50
"""Issues that are under way at the same time; each has its repository."""
_CALM_SECONDS = 300.0
_OPENING_SECONDS = 1800.0
"""Where the machine is too slow for all of them, no more are opened after that, and those under way are waited for."""


@dataclass(frozen=True)
class Outcome:
    """What came of all issues: how often a worker was killed, what was lost or happened twice, and how long it took."""

    issues: int
    kills: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    seconds: float


def measure() -> list[Figure]:
    """Carry them out on instant builds, without the pace that GitHub asks for, which alone would take days."""
    with tempfile.TemporaryDirectory() as folder, start_server(synced=True) as server:
        outcome = carry_out(Path(folder), server.database(), ISSUES, _EVERY_SECONDS)
    rate = outcome.issues / outcome.seconds
    detail = f"{WORKERS} workers, {WEBS} webs, {outcome.kills} kills; {rate:.1f}/s, {outcome.seconds:.0f} s"
    detail = "; ".join((detail, *outcome.lost[:3], *outcome.doubled[:3]))
    return [
        Figure("issues end to end with killed workers", outcome.issues, "", ISSUES, detail, least=True),
        Figure("issues lost with killed workers", len(outcome.lost), "", 0, detail),
        Figure(
            "pull requests, comments, merges, builds and deployments too many with killed workers",
            len(outcome.doubled),
            "",
            0,
            detail,
        ),
    ]


def carry_out(folder: Path, database: str, issues: int, every: float) -> Outcome:
    """Open issues, some at a time, and kill one worker after the other; wait until all issues are live."""
    stage = Stage(folder, database, WORKERS, WEBS, paced=False, build_seconds=0.0)
    over, kills = threading.Event(), itertools.count()
    killing = threading.Thread(target=_kill, args=(stage, over, every, kills))
    began = time.monotonic()
    try:
        killing.start()
        under_way: set[str] = set()
        left, progressed = issues, began
        while left or under_way:
            if time.monotonic() > began + _OPENING_SECONDS:
                left = 0
            while left and len(under_way) < _AT_ONCE:
                under_way.add(stage.open_issue())
                left -= 1
            ended = {name for name in under_way if finished(stage, name)}
            under_way -= ended
            progressed = time.monotonic() if ended else progressed
            if time.monotonic() > progressed + _CALM_SECONDS:
                break
            time.sleep(0.2)
        took = time.monotonic() - began
        over.set()
        killing.join()
        # What would happen twice has a moment to do so.
        time.sleep(5)
        return Outcome(
            len(stage.issues),
            next(kills),
            tuple(line for name in stage.issues for line in lost(stage, name)),
            tuple(line for name in stage.issues for line in doubled(stage, name)),
            took,
        )
    finally:
        over.set()
        killing.join()
        stage.close()


def _kill(stage: Stage, over: threading.Event, every: float, kills: itertools.count[int]) -> None:
    for worker in itertools.cycle(stage.workers):
        if over.wait(every):
            return
        worker.kill()
        next(kills)
