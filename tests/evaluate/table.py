"""The results of an evaluation as a Markdown table that can be quoted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_REASON = 160

Result = Mapping[str, Any]
"""What `gptdeploy demo --json` printed, and `task`, its name. At least `outcome` and `seconds` are there."""

_COLUMNS = ("task", "outcome", "commits", "fixes", "preflight saves", "tokens", "seconds", "died of")


def table(results: Sequence[Result]) -> str:
    """Return a row for each result, and one for all of them: how many were deployed, and the sums of the rest."""
    counts = [_counts(result) for result in results]
    deployed = sum(result["outcome"] == "deployed" for result in results)
    sums = [f"**{_number(sum(column))}**" for column in zip(*counts, strict=True)]
    lines = [
        _line(_COLUMNS),
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
        *(
            _line((result["task"], result["outcome"], *map(_number, numbers), died_of(result)))
            for result, numbers in zip(results, counts, strict=True)
        ),
        _line(("**all**", f"**{deployed} of {len(results)} deployed**", *sums, "")),
    ]
    return "\n".join(lines) + "\n"


def stages(results: Iterable[Result]) -> str:
    """Return the tokens (sent and received) of all results by stage, e.g. "specify 1,200, fix 15,000"."""
    sums: dict[str, int] = {}
    for result in results:
        for stage, usage in result.get("stages", {}).items():
            sums[stage] = sums.get(stage, 0) + usage["prompt"] + usage["completion"]
    return ", ".join(f"{stage} {_number(tokens)}" for stage, tokens in sums.items())


def died_of(result: Result) -> str:
    """Return in one line why a task did not end with a deployed service: each strategy's reason, or the run's."""
    if result["outcome"] == "deployed":
        return ""
    reasons = [strategy["reason"] for strategy in result.get("strategies", ()) if strategy["reason"]]
    text = " / ".join(dict.fromkeys(reasons)) or str(result.get("note", ""))
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= _REASON else text[: _REASON - 1].removesuffix("\\") + "…"


def _counts(result: Result) -> tuple[int, int, int, int, int]:
    tokens = result.get("tokens", {})
    return (
        sum(strategy["commits"] for strategy in result.get("strategies", ())),
        result.get("fixes", 0),
        result.get("preflight_saves", 0),
        tokens.get("prompt", 0) + tokens.get("completion", 0),
        round(result["seconds"]["total"]),
    )


def _number(value: int) -> str:
    return f"{value:,}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
