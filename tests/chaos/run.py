"""One chaos run: open issues, do harm, wait until it is calm, and see what came of it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.misfortunes import MISFORTUNES, github_down
from tests.chaos.stage import Stage
from tests.chaos.verdict import COMMAND, doubled, finished, lost

AT_ONCE = 3
"""Issues that are under way at the same time."""
_PAUSE = 2.0
"""Seconds between two misfortunes, at most."""
_CALM = 120.0
"""Seconds that the bot has to finish everything once nothing goes wrong any more."""


@dataclass(frozen=True)
class Outcome:
    """What came of a chaos run.

    Attributes:
        issues: how many were opened.
        injected: how often what went wrong.
        lost, doubled: what should not have been.
        seconds: from the last misfortune until everything was finished.
    """

    issues: int
    injected: dict[str, int]
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    seconds: float

    def table(self) -> str:
        """Return it as Markdown."""
        lines = ["| what went wrong | times |", "| --- | ---: |"]
        lines += [f"| {kind} | {times} |" for kind, times in self.injected.items()]
        lines.append(f"| **all** | **{sum(self.injected.values())}** |")
        return "\n".join(lines) + (
            f"\n\n{self.issues} issues: {len(self.lost)} lost, {len(self.doubled)} doubled. "
            f"All was done {self.seconds:.0f} seconds after the last misfortune."
        )


@dataclass(frozen=True)
class Troubles:
    """How long things go wrong, in seconds.

    Attributes:
        all: altogether.
        longest: one trouble may last.
        outage: GitHub is down once, after a third of the time; 0: it is not.
    """

    all: float
    longest: float
    outage: float = 0.0


def carry_out(folder: Path, troubles: Troubles, seed: int, tell: Callable[[str], None] = print) -> Outcome:
    """Do harm for a while, each kind in turn, in an order and at times that chance decides."""
    chance = random.Random(seed)  # noqa: S311
    stage = Stage(folder)
    injected = dict.fromkeys(MISFORTUNES, 0)
    # Without a disk of its own the database would fill the machine's.
    kinds = [kind for kind in MISFORTUNES if stage.small_disk or kind != "the disk full"]
    over = threading.Event()
    busy = threading.Thread(target=_keep_busy, args=(stage, over))
    try:
        busy.start()
        end = time.monotonic() + troubles.all
        outage_at = end - troubles.all * 2 / 3 if troubles.outage else None
        turn: list[str] = []
        while time.monotonic() < end or turn:
            if outage_at is not None and time.monotonic() > outage_at:
                outage_at, kind = None, f"503 to everything, for {troubles.outage / 60:g} minutes"
                tell(kind)
                injected[kind] = int(github_down(stage, chance, troubles.outage))
            turn = turn or chance.sample(kinds, len(kinds))
            kind = turn.pop()
            happened = MISFORTUNES[kind](stage, chance, chance.uniform(1, troubles.longest))
            injected[kind] += happened is not False
            tell(f"{kind}{'' if happened is not False else ' (nothing came by)'}")
            for process in (stage.worker, stage.web):
                process.see_to_it()
            time.sleep(chance.uniform(0, _PAUSE))
        over.set()
        busy.join()
        stage.faults.clear()
        calm = time.monotonic()
        while not all(finished(stage, name) for name in stage.issues) and time.monotonic() < calm + _CALM:
            for process in (stage.worker, stage.web):
                process.see_to_it()
            time.sleep(0.5)
        took = time.monotonic() - calm
        # What would happen twice has a moment to do so.
        time.sleep(5)
        return Outcome(
            issues=len(stage.issues),
            injected=injected,
            lost=tuple(line for name in stage.issues for line in lost(stage, name)),
            doubled=tuple(line for name in stage.issues for line in doubled(stage, name)),
            seconds=took,
        )
    finally:
        over.set()
        busy.join()
        stage.close()


def _keep_busy(stage: Stage, over: threading.Event) -> None:
    """Have enough issues under way, each with a question about the commands."""
    while not over.wait(0.5):
        if sum(not finished(stage, name) for name in stage.issues) < AT_ONCE:
            stage.say(stage.open_issue(), COMMAND)
