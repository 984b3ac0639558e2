"""A run as a Gantt chart: whatever names say, Mermaid reads what is meant."""

from __future__ import annotations

import re

import pytest

from bot.runs.timeline import label, timeline
from bot.values.build import BuildRecord
from bot.values.progress import Phase, Progress, Seconds, StrategyRecord


def progress(*strategies: StrategyRecord, phases: tuple[Phase, ...] = (), total: float = 100.4) -> Progress:
    seconds = Seconds(total=total)
    known = {"run_id": "r", "repo": "o/r", "issue": 3, "started_at": 1000}
    return Progress.model_validate({**known, "seconds": seconds, "phases": phases, "strategies": strategies})


def build(began: float, seconds: float, died_of: str = "") -> BuildRecord:
    return BuildRecord(commit="a" * 40, url="https://x", began=began, seconds=seconds, died_of=died_of)


def test_every_build_is_a_bar_in_the_row_of_its_strategy() -> None:
    builds = (build(1040.6, 20.4, died_of="a: b"), build(1070, 0))
    phases = (Phase(name="plan", began=1000, seconds=12), Phase(name="deploy", began=1080))
    planned = StrategyRecord(name="never begun")
    assert timeline(progress(StrategyRecord(name="pillow", builds=builds), planned, phases=phases)) == (
        "---\ndisplayMode: compact\nconfig:\n  gantt:\n    leftPadding: 190\n---\n"
        "gantt\n  dateFormat YYYY-MM-DDTHH:mm:ss\n  axisFormat %H:%M:%S\n  todayMarker off\n"
        "  section Run\n  plan :1970-01-01T00:16:40, 12s\n  deploy :active, 1970-01-01T00:18:00, 20s\n"
        "  section 1 pillow\n  1 :crit, 1970-01-01T00:17:21, 20s\n  2 :done, 1970-01-01T00:17:50, 1s"
    )


@pytest.mark.parametrize(("total", "axis"), [(600, "%H:%M:%S"), (601, "%H:%M"), (200_000, "%a %H:%M")])
def test_the_axis_tells_what_is_needed(total: float, axis: str) -> None:
    phases = (Phase(name="people", began=1000),)
    assert f"  axisFormat {axis}\n" in timeline(progress(phases=phases, total=total))


def test_where_nothing_was_timed_there_is_no_chart() -> None:
    assert timeline(progress(StrategyRecord(name="pillow"))) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Pillow + qrcode (C)", "Pillow + qrcode (C)"),
        ("a: b; c # d", "a b c d"),
        ("a\n  section b", "a section b"),
        ("%% comment", "comment"),
        ("%%{init: {}}%%", "init"),
        ("```\n</details>", "/details"),
        ("<b title='x'>y</b>", "b title x y /b"),
        ("#quot;x#59;", "quot x 59"),
        ("größer 大きい", "größer 大きい"),
        ("x" * 30, "x" * 23 + "…"),
        ("\u202ertl\u200b", "rtl"),
        ("", ""),
    ],
)
def test_a_name_means_nothing_to_mermaid(name: str, expected: str) -> None:
    assert label(name) == expected
    chart = timeline(progress(StrategyRecord(name=name, builds=(build(1000, 1),))))
    assert chart.splitlines()[-2:] == [f"  section 1 {expected}", "  1 :done, 1970-01-01T00:16:40, 1s"]
    assert not re.search(r"[;#`<{\"]|%%", chart)


def test_it_is_in_the_language_of_the_issue() -> None:
    phases = (Phase(name="deploy", began=1000, seconds=12),)
    german = progress(phases=phases).model_copy(update={"language": "de"})
    assert "  section Lauf\n  Auslieferung :1970-01-01T00:16:40, 12s" in timeline(german)
