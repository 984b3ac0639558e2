"""The results of an evaluation as Markdown tables that can be quoted."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.evaluate.trial import LIVE, NEITHER, RIGHT

_REASON = 160

Result = Mapping[str, Any]
"""What `tests.evaluate.trial.attempt` returns."""

_COLUMNS = ("task", "verdict", "commits", "fixes", "preflight saves", "calls", "tokens", "seconds", "what is wrong")
_MEDIANS = ("commits", "calls", "tokens")


def table(results: Sequence[Result]) -> str:
    """Return a row for each result, one for all of them, and the medians of those services that went live.

    The row for all says how many are right, and has the sums of the rest.
    """
    counts = [_counts(result) for result in results]
    of_live = [row for row, result in zip(counts, results, strict=True) if result["verdict"] != NEITHER]
    sums = {name: sum(row[name] for row in counts) for name in _COLUMNS[2:8]}
    medians = {name: statistics.median(row[name] for row in of_live) for name in _MEDIANS} if of_live else {}
    lines = [
        _line(_COLUMNS),
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        *(
            _line((result["task"], result["verdict"], *_numbers(row), what_is_wrong(result)))
            for result, row in zip(results, counts, strict=True)
        ),
        _line(("**all**", f"**{_rightness(results)}**", *_numbers(sums), "")),
        _line(("**median of the live ones**", "", *_numbers(medians), "")),
    ]
    return "\n".join(lines) + "\n"


def stages(results: Sequence[Result]) -> str:
    """Return what each stage of the model took, a row a task and one for all: calls, and tokens sent and received."""
    names = list(dict.fromkeys(stage for result in results for stage in result.get("stages", {})))
    rows = {result["task"]: result.get("stages", {}) for result in results}
    all_of_them = {stage: _sum(taken.get(stage, {}) for taken in rows.values()) for stage in names}
    lines = [
        _line(("task", *names)),
        _line(("---", *["---:"] * len(names))),
        *(_line((task, *(_spent(taken.get(stage)) for stage in names))) for task, taken in rows.items()),
        _line(("**all**", *(_spent(all_of_them[stage]) for stage in names))),
    ]
    return "\n".join(lines) + "\n" if names else ""


def what_is_wrong(result: Result) -> str:
    """Return in one line the checks that failed, or why a task did not end with a deployed service."""
    match result["verdict"]:
        case verdict if verdict == RIGHT:
            return ""
        case verdict if verdict == LIVE:
            faults = [f"{check['check']}: {check['fault']}" for check in result["checks"] if check["fault"]]
            text = f"{len(faults)} of {len(result['checks'])} checks: " + " / ".join(faults)
            return _cut(text if faults else "the service does not answer its own example")
    reasons = [strategy["reason"] for strategy in result.get("strategies", ()) if strategy["reason"]]
    return _cut(" / ".join(dict.fromkeys(reasons)) or str(result.get("note", "")))


def failed_checks(result: Result) -> list[str]:
    """Return a line for each check that failed: the sentence of the issue, what was wanted and what came."""
    return [f"{check['check']} ({check['wanted']}) {check['fault']}" for check in result["checks"] if check["fault"]]


def _rightness(results: Sequence[Result]) -> str:
    right = sum(result["verdict"] == RIGHT for result in results)
    live = sum(result["verdict"] == LIVE for result in results)
    return f"right {right} of {len(results)}" + (f", {live} more live" if live else "")


def _counts(result: Result) -> dict[str, int]:
    tokens = result.get("tokens", {})
    return {
        "commits": sum(strategy["commits"] for strategy in result.get("strategies", ())),
        "fixes": result.get("fixes", 0),
        "preflight saves": result.get("preflight_saves", 0),
        "calls": sum(usage["calls"] for usage in result.get("stages", {}).values()),
        "tokens": tokens.get("prompt", 0) + tokens.get("completion", 0),
        "seconds": round(result["seconds"]["total"]),
    }


def _numbers(row: Mapping[str, float]) -> list[str]:
    return [f"{row[name]:,.10g}" if name in row else "" for name in _COLUMNS[2:8]]


def _sum(taken: Iterable[Mapping[str, int]]) -> dict[str, int]:
    rows = list(taken)
    return {key: sum(row.get(key, 0) for row in rows) for key in ("calls", "prompt", "completion")}


def _spent(usage: Mapping[str, int] | None) -> str:
    return f"{usage['calls']} / {usage['prompt'] + usage['completion']:,}" if usage else ""


def _cut(text: str) -> str:
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= _REASON else text[: _REASON - 1].removesuffix("\\") + "…"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
