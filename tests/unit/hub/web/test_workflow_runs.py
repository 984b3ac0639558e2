"""The log on the page of a job."""

from __future__ import annotations

from pathlib import Path

from bot.hub.web import workflow_runs


def test_log_keeps_its_newest_lines_without_times_and_colours(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    stamp = "2026-01-01T00:00:00.0000000Z"
    lines = [f"{stamp} line {n}" for n in range(workflow_runs.LOG_LINES)]
    log.write_text("\ufeff" + "\n".join([*lines, f"{stamp} \x1b[31m<red>\x1b[0m", f"{stamp} ##[error]it broke", ""]))

    shown = workflow_runs.log_html(log).splitlines()

    assert len(shown) == workflow_runs.LOG_LINES
    assert shown[0] == '<span class="line">line 2</span>'
    assert shown[-2:] == ['<span class="line">&lt;red&gt;</span>', '<span class="error">it broke</span>']
    assert workflow_runs.log_html(tmp_path / "none") == ""
