"""Show a run on the terminal while it happens."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.values.progress import Progress, Stage, StrategyOutcome

_MARKS = {
    StrategyOutcome.PLANNED: ("·", "dim"),
    StrategyOutcome.BUILDING: ("…", "yellow"),
    StrategyOutcome.GREEN: ("✓", "green"),
    StrategyOutcome.MERGED: ("✓", "green"),
    StrategyOutcome.FAILED: ("✗", "red"),
    StrategyOutcome.STOPPED: ("■", "yellow"),
}


def follow(
    console: Console,
    look: Callable[[], tuple[Progress | None, bool]],
    links: dict[str, str],
    began: float | None = None,
) -> Progress:
    """Show a run until it has ended, and return its last progress.

    On a terminal one table is redrawn; elsewhere every change is a line.

    Args:
        look: returns how far the run is, and whether it has ended.
        links: addresses to show, by their name, e.g. that of the issue's page.
        began: when it began, where this is not the first look at it; of `time.monotonic`.
    """
    began = time.monotonic() if began is None else began
    if not console.is_terminal:
        for name, address in links.items():
            console.print(f"{name}: {address}", soft_wrap=True)
        return _lines(console, look, began)
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        while True:
            progress, ended = look()
            live.update(_table(progress, links, time.monotonic() - began))
            if ended and progress is not None:
                return progress
            time.sleep(0.25)


def _lines(console: Console, look: Callable[[], tuple[Progress | None, bool]], began: float) -> Progress:
    last = ""
    while True:
        progress, ended = look()
        line = f"{progress.stage}: {progress.note}".rstrip(": ") if progress else "waiting for the bot"
        if line != last:
            console.print(f"{time.monotonic() - began:5.0f} s  {line}", soft_wrap=True, highlight=False, markup=False)
            last = line
        if ended and progress is not None:
            return progress
        time.sleep(0.1)


def _table(progress: Progress | None, links: dict[str, str], elapsed: float) -> Group:
    head = Text()
    if progress is None:
        head.append("waiting for the bot", style="dim")
    else:
        style = {Stage.DONE: "bold green", Stage.FAILED: "bold red"}.get(progress.stage, "bold cyan")
        head.append(progress.stage, style=style)
        head.append(f"  {progress.title}", style="bold")
        head.append(f"  {progress.note}")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "strategy", "pull request", "commits", "died of"):
        table.add_column(column, overflow="fold")
    for record in progress.strategies if progress else ():
        mark, style = _MARKS[record.outcome]
        pull = f"#{record.pull}" if record.pull else ""
        table.add_row(Text(mark, style=style), record.name, pull, str(record.commits or ""), Text(record.reason))
    foot = Text(style="dim")
    tokens = progress.usage.prompt + progress.usage.completion if progress else 0
    fixes = progress.fixes if progress else 0
    foot.append(f"{elapsed:.0f} s, {tokens:,} tokens, {fixes} fix{'' if fixes == 1 else 'es'}")
    for name, address in links.items():
        foot.append(f"\n{name}: {address}")
    return Group(head, table, foot)
