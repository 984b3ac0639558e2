"""Measure the figures: `python -m tests.bench [--json FILE] [NAME]...`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.bench import demo, excerpts, waiting, webhooks
from tests.bench.figure import Figure, machine

_PARTS = {"webhooks": webhooks.measure, "waiting": waiting.measure, "demo": demo.measure, "excerpts": excerpts.measure}


@click.command()
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), default=Path("bench.json"))
@click.argument("parts", nargs=-1, type=click.Choice(list(_PARTS)))
def main(file: Path, parts: tuple[str, ...]) -> None:
    """Measure PARTS (all by default), print a table, write JSON, and fail if a figure is not met."""
    console = Console(stderr=True)
    figures: list[Figure] = []
    for name in parts or _PARTS:
        console.print(f"measuring {name}")
        figures += _PARTS[name]()
    subprocess.run([sys.executable, "-m", "bot", "demo", "--down"], check=True)
    table = Table(title=machine())
    for column in ("figure", "measured", "limit", "", "detail"):
        table.add_column(column)
    for one in figures:
        unit = f" {one.unit}".rstrip()
        value = f"{one.value:.4g}" if one.value < 1000 else f"{one.value:,.0f}"
        limit = "" if one.limit is None else f"{one.limit:g}{unit}"
        table.add_row(one.name, f"{value}{unit}", limit, "✓" if one.met else "✗", one.detail)
    Console().print(table)
    file.write_text(json.dumps({"machine": machine(), "figures": [one.as_json() for one in figures]}, indent=2) + "\n")
    sys.exit(0 if all(one.met for one in figures) else 1)


if __name__ == "__main__":
    main()
