"""The results of a whole measurement: kept in a file, shown as a table, compared with earlier ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from tests.bench.figure import Figure


@dataclass(frozen=True)
class Results:
    """All figures of one measurement.

    Attributes:
        label: what people call the measurement, e.g. a version; "" for nothing.
        machine: what it was measured on.
    """

    label: str
    machine: str
    figures: tuple[Figure, ...]

    @property
    def met(self) -> bool:
        """Whether every figure keeps to its limit."""
        return all(figure.met for figure in self.figures)

    @classmethod
    def read(cls, file: Path) -> Results:
        """Return the results that `write` has put into a file."""
        data = json.loads(file.read_text())
        figures = tuple(Figure.from_json(figure) for figure in data["figures"])
        return cls(data.get("label", ""), data["machine"], figures)

    def write(self, file: Path) -> None:
        """Put the results into a file, as JSON."""
        figures = [figure.as_json() for figure in self.figures]
        data = {"label": self.label, "machine": self.machine, "figures": figures}
        file.write_text(json.dumps(data, indent=2) + "\n")

    def table(self) -> Table:
        """Return the results as a table for the terminal."""
        table = Table(title=": ".join(filter(None, (self.label, self.machine))))
        for column in ("figure", "measured", "limit", "", "detail"):
            table.add_column(column)
        for figure in self.figures:
            mark = "✓" if figure.met else "✗"
            table.add_row(figure.name, figure.measured, figure.allowed, mark, figure.detail)
        return table


def compare(before: Results, after: Results) -> str:
    """Return two measurements side by side, as a Markdown table with a row for every figure of either."""
    rows = [["figure", before.label or "before", after.label or "after", "limit"], ["---", "---:", "---:", "---:"]]
    earlier = {figure.name: figure for figure in before.figures}
    later = {figure.name: figure for figure in after.figures}
    for name, newest in (earlier | later).items():
        known = [earlier.get(name), later.get(name)]
        rows.append([name, *(figure.measured if figure else "" for figure in known), newest.allowed])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    machines = dict.fromkeys((before.machine, after.machine))
    return f"{table}\n\nMeasured on {', then on '.join(machines)}.\n"
