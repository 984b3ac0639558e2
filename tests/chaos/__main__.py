"""`python -m tests.chaos`: issues on their way while everything around the bot fails, and what came of it."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.bench.figure import machine
from tests.chaos.run import Troubles, carry_out


@click.command()
@click.option("--minutes", default=30.0, show_default=True, help="For how long things go wrong.")
@click.option("--seed", type=int, help="Chance; by default another one each time.")
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="Where to keep the bot's log.")
@click.option("--longest", default=60.0, show_default=True, help="Seconds that one trouble may last.")
@click.option("--outage", type=float, help="Minutes for which GitHub is down once; by default a third of all minutes.")
def main(minutes: float, seed: int | None, log: Path | None, longest: float, outage: float | None) -> None:
    """Print how often what went wrong, and what was lost or happened twice; exit with 1 if anything was."""
    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    click.echo(f"seed {seed}, {machine()}", err=True)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        troubles = Troubles(minutes * 60, longest, (minutes / 3 if outage is None else outage) * 60)
        outcome = carry_out(Path(folder), troubles, seed, tell=lambda text: click.echo(text, err=True))
        if log is not None:
            log.write_bytes((Path(folder) / "log").read_bytes())
        click.echo(outcome.table())
        click.echo(f"\n{machine()}, seed {seed}, {(time.monotonic() - began) / 60:.0f} minutes.")
        for line in (*outcome.lost, *outcome.doubled):
            click.echo(f"- {line}")
    sys.exit(1 if outcome.lost or outcome.doubled else 0)


if __name__ == "__main__":
    main()
