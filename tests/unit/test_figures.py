"""The results of a measurement: kept, shown, and compared with earlier ones."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import cast

from click.testing import CliRunner
from rich.console import Console

from tests.bench.__main__ import main
from tests.bench.figure import Figure
from tests.bench.results import Results, compare

BEFORE = Results("0.1", "2 cores", (Figure("a fix", 1.4178, "s", 8, "median"), Figure("tokens", 51125, "", None)))
AFTER = Results("", "2 cores", (Figure("a fix", 1.2, "s", 1.5), Figure("requests", 44, "", 30)))


def test_results_come_back_from_their_file(tmp_path: Path) -> None:
    BEFORE.write(tmp_path / "bench.json")
    assert Results.read(tmp_path / "bench.json") == BEFORE


def test_results_without_a_label_can_be_read(tmp_path: Path) -> None:
    data = {"machine": "2 cores", "figures": [figure.as_json() for figure in AFTER.figures]}
    (tmp_path / "bench.json").write_text(json.dumps(data))
    assert Results.read(tmp_path / "bench.json") == AFTER


def test_a_limit_that_is_not_kept_is_seen() -> None:
    assert BEFORE.met
    assert not AFTER.met
    console = Console(file=StringIO(), width=100)
    console.print(AFTER.table())
    shown = cast(StringIO, console.file).getvalue()
    [row] = [line.split("│") for line in shown.splitlines() if "requests" in line]
    assert [cell.strip() for cell in row[2:5]] == ["44", "30", "✗"]


def test_two_measurements_stand_side_by_side() -> None:
    assert compare(BEFORE, AFTER).splitlines() == [
        "| figure | 0.1 | after | limit |",
        "| --- | ---: | ---: | ---: |",
        "| a fix | 1.42 s | 1.2 s | 1.5 s |",
        "| tokens | 51,125 |  |  |",
        "| requests |  | 44 | 30 |",
        "",
        "Measured on 2 cores.",
    ]


def test_two_files_are_compared_without_measuring(tmp_path: Path) -> None:
    BEFORE.write(tmp_path / "before.json")
    AFTER.write(tmp_path / "after.json")
    files = [word for name in ("before", "after") for word in ("--compare", str(tmp_path / f"{name}.json"))]
    result = CliRunner().invoke(main, files)
    assert result.exit_code == 0
    assert result.stdout.startswith("| figure | 0.1 | after |")
