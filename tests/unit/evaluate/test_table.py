"""What an evaluation prints."""

from __future__ import annotations

from typing import Any

from tests.evaluate.__main__ import report
from tests.evaluate.table import failed_checks, stages, table, what_is_wrong

RIGHT: dict[str, Any] = {
    "task": "qr",
    "verdict": "right",
    "outcome": "deployed",
    "note": "deployed",
    "strategies": [
        {"name": "a", "commits": 3, "outcome": "failed", "reason": "still red after 2 fixes"},
        {"name": "b", "commits": 1, "outcome": "merged", "reason": ""},
    ],
    "fixes": 2,
    "preflight_saves": 4,
    "tokens": {"prompt": 9000, "completion": 345},
    "stages": {
        "specify": {"calls": 1, "prompt": 1000, "completion": 45},
        "fix": {"calls": 3, "prompt": 8000, "completion": 300},
    },
    "checks": [{"check": "text", "wanted": "The code says the text.", "fault": ""}],
    "seconds": {"total": 61.7, "model": 30.0},
}
LIVE: dict[str, Any] = {
    **RIGHT,
    "task": "mesh",
    "verdict": "live",
    "strategies": [{"name": "a", "commits": 1, "outcome": "merged", "reason": ""}],
    "fixes": 0,
    "preflight_saves": 0,
    "tokens": {"prompt": 600, "completion": 55},
    "stages": {"specify": {"calls": 2, "prompt": 600, "completion": 55}},
    "checks": [
        {"check": "counts", "wanted": "Vertices are counted.", "fault": "vertices: wanted 4, came 3"},
        {"check": "box", "wanted": "box has min.", "fault": ""},
    ],
    "seconds": {"total": 38.4},
}
NEITHER: dict[str, Any] = {
    **LIVE,
    "task": "speech",
    "verdict": "neither",
    "outcome": "failed",
    "note": "no strategy is left",
    "strategies": [
        {"name": "a", "commits": 2, "outcome": "failed", "reason": "still red:\n`a | b`"},
        {"name": "b", "commits": 0, "outcome": "failed", "reason": "still red:\n`a | b`"},
        {"name": "c", "commits": 1, "outcome": "failed", "reason": "hung"},
    ],
    "checks": [],
}
SILENT: dict[str, Any] = {
    "task": "fit",
    "verdict": "neither",
    "outcome": "timed out",
    "note": "the bot said nothing about the issue",
    "checks": [],
    "seconds": {"total": 2700},
}


def test_the_table_counts_right_ones_and_has_the_medians_of_the_live_ones() -> None:
    assert table([RIGHT, LIVE, NEITHER, SILENT]).splitlines() == [
        "| task | verdict | commits | fixes | preflight saves | calls | tokens | seconds | what is wrong |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        "| qr | right | 4 | 2 | 4 | 4 | 9,345 | 62 |  |",
        "| mesh | live | 1 | 0 | 0 | 2 | 655 | 38 | 1 of 2 checks: counts: vertices: wanted 4, came 3 |",
        r"| speech | neither | 3 | 0 | 0 | 2 | 655 | 38 | still red: `a \| b` / hung |",
        "| fit | neither | 0 | 0 | 0 | 0 | 0 | 2,700 | the bot said nothing about the issue |",
        "| **all** | **right 1 of 4, 1 more live** | 8 | 2 | 4 | 8 | 10,655 | 2,838 |  |",
        "| **median of the live ones** |  | 2.5 |  |  | 3 | 5,000 |  |  |",
    ]
    assert table([SILENT]).splitlines()[-2].startswith("| **all** | **right 0 of 1** | 0 |")


def test_calls_and_tokens_are_told_by_task_and_stage() -> None:
    assert stages([RIGHT, LIVE, SILENT]).splitlines() == [
        "| task | specify | fix |",
        "| --- | ---: | ---: |",
        "| qr | 1 / 1,045 | 3 / 8,300 |",
        "| mesh | 2 / 655 |  |",
        "| fit |  |  |",
        "| **all** | 3 / 1,700 | 3 / 8,300 |",
    ]
    assert stages([SILENT]) == ""


def test_what_is_wrong_is_one_line_of_limited_length() -> None:
    reason = what_is_wrong({**SILENT, "note": "x" * 500})
    assert len(reason) == 160
    assert reason.endswith("x…")
    assert what_is_wrong({**LIVE, "checks": []}) == "the service does not answer its own example"


def test_each_check_that_failed_is_told_with_the_words_of_the_issue() -> None:
    assert failed_checks(LIVE) == ["counts (Vertices are counted.) vertices: wanted 4, came 3"]
    assert failed_checks(RIGHT) == []


def test_the_report_names_the_model_and_how_it_was_asked() -> None:
    evaluation = {
        "model": "small",
        "without": ["preflight"],
        "config": {"strategies": "2", "fixes": "5", "max_minutes": "30"},
        "parallel": 4,
        "machine": "2 cores",
        "began": "2030-01-01 10:00",
        "results": [RIGHT],
    }
    text = report(evaluation)
    assert text.startswith("Model `small`, without preflight: at most 2 strategies, 5 fixes each and 30 minutes a task")
    assert ", 4 at a time; 2 cores, 2030-01-01 10:00 UTC.\n\n| task " in text
    assert text.endswith(f"by stage:\n\n{stages([RIGHT])}")
