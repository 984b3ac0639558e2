"""Measure the figures: `python -m tests.bench [--json FILE] [--label TEXT] [--compare FILE] [PART]...`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console

from tests.bench import demo, excerpts, waiting, webhooks
from tests.bench.figure import Figure, machine
from tests.bench.results import Results, compare

_PARTS = {"webhooks": webhooks.measure, "waiting": waiting.measure, "demo": demo.measure, "excerpts": excerpts.measure}
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
            console.print(f"measuring {name}")
            figures += _PARTS[name]()
    finally:
        subprocess.run([sys.executable, "-m", "bot", "demo", "--down"], check=True)
    return figures


if __name__ == "__main__":
    main()
