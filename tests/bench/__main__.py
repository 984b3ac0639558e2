"""Measure the figures: `python -m tests.bench [--json FILE] [--label TEXT] [--compare FILE] [PART]...`."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from tests.bench import cluster, demo, excerpts, machines, restart, together, waiting, webhooks
from tests.bench.figure import Figure, machine
from tests.bench.results import Results, compare

log = logging.getLogger(__name__)

_PARTS = {
    "webhooks": webhooks.measure,
    "shared-webhooks": webhooks.measure_on_server,
    "excerpts": excerpts.measure,
    "waiting": waiting.measure,
    "restart": restart.measure,
    "together": together.measure,
    "demo": demo.measure,
    "machines": machines.measure,
    "cluster": cluster.measure,
}
_FILE = click.Path(dir_okay=False, path_type=Path)
_KEPT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--json", "file", type=_FILE, default=Path("bench.json"), show_default=True, help="Keeps the results.")
@click.option("--label", default="", help="What to call these results, e.g. a version.")
@click.option(
    "--compare",
    "earlier",
    type=_KEPT,
    multiple=True,
    help="Earlier results to print side by side with these, as Markdown; given twice, nothing is measured.",
)
@click.argument("parts", nargs=-1, type=click.Choice(list(_PARTS)))
def main(file: Path, label: str, earlier: tuple[Path, ...], parts: tuple[str, ...]) -> None:
    """Measure PARTS (all by default), print a table, write JSON, and fail if a figure is not met."""
    if len(earlier) > 1:
        click.echo(compare(Results.read(earlier[0]), Results.read(earlier[1])))
        return
    results = Results(label, machine(), tuple(_measure(parts)))
    results.write(file)
    Console().print(results.table())
    if earlier:
        click.echo(compare(Results.read(earlier[0]), results))
    sys.exit(0 if results.met else 1)


def _measure(parts: tuple[str, ...]) -> list[Figure]:
    console = Console(stderr=True)
    figures: list[Figure] = []
    try:
        for name in parts or _PARTS:
            began = time.monotonic()
            figures += _figures(name)
            console.print(f"{name}: {time.monotonic() - began:.0f} s")
    finally:
        if not parts or "demo" in parts:
            subprocess.run([sys.executable, "-m", "bot", "demo", "--down"], check=True)
    return figures


def _figures(name: str) -> list[Figure]:
    """Measure a part; one that fails is a figure as well, and does not cost those of the others."""
    try:
        return _PARTS[name]()
    except Exception as error:
        log.exception("%s could not be measured", name)
        return [Figure(f"{name}: could not be measured", 1, "", 0, f"{type(error).__name__}: {error}")]


if __name__ == "__main__":
    main()
