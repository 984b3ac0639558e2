"""What a whole run takes: the demo's examples with the scripted model, everything else real."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bot.demo.stack import BOT_LOGIN
from bot.demo.state import REQUEST_LOG, State
from bot.deploy import connect, find_platform
from bot.deploy.layout import SLUG_LABEL
from bot.deploy.removal import withdraw
from bot.runs.durable.client import DurableRuns
from bot.values.progress import Progress
from tests.bench.figure import Figure

_STATE = Path(".gptdeploy")
_LATENCY = 0.2
"""Seconds: github.com takes about this much longer for a request than the stand-in does."""
_GIVES_UP = re.compile(r"POST .*/comments|PATCH .*/pulls/\d+")
"""What ends a strategy: a comment, and its pull request is closed."""


def measure() -> list[Figure]:
    """Run `qr` (time of a run) and `pdf` (eleven builds of one strategy, ten of them code-only fixes)."""
    # Images and the builder's cache are there afterwards, as the figure asks. The service is not, as for a new issue.
    outcome, _ = _demo("qr")
    _remove_service(outcome["slug"])
    outcome, _ = _demo("qr")
    opening, fixing = _content_requests()
    slow, _ = _demo("qr", "--latency", str(_LATENCY))
    figures = [
        Figure("issue to playground URL (qr)", outcome["seconds"]["total"], "s", 10, _others(outcome)),
        Figure("of it the bot's own share", _own(outcome), "s", 3),
        Figure(f"with {_LATENCY * 1000:.0f} ms more a GitHub request", _own(slow), "s", 8, _others(slow)),
        _requests("qr", outcome),
        _tokens("qr", outcome),
    ]
    outcome, progress = _demo("pdf")
    more_opening, more_fixing = _content_requests()
    fixes = progress.builds[1 : progress.strategies[0].commits]
    return [
        *figures,
        _tokens("pdf", outcome),
        Figure(
            "a code-only fix, from push to known result",
            statistics.median(fixes),
            "s",
            1.5,
            f"median of {len(fixes)}, slowest {max(fixes):.1f} s",
        ),
        Figure("content-creating requests to open a strategy", max(opening + more_opening), "", 3),
        Figure("content-creating requests a fix", max(fixing + more_fixing), "", 2),
    ]


def _demo(example: str, *options: str) -> tuple[dict[str, Any], Progress]:
    command = [sys.executable, "-m", "bot", "demo", "--once", "--json", "--example", example, *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    outcome = json.loads(done.stdout.splitlines()[-1])
    runs = DurableRuns(f"sqlite:///{State(_STATE).root}/bot/runs.sqlite")
    try:
        progress = runs.progress(runs.reports.figures()[0].run_id)
        assert progress is not None
        return outcome, progress
    finally:
        runs.close()


def _remove_service(slug: str) -> None:
    """Remove a service from the demo's platform, and wait until its container is gone."""
    client = connect()
    platform = find_platform(client)
    assert platform is not None
    withdraw(client, platform, slug)
    while client.containers.list(filters={"label": f"{SLUG_LABEL}={slug}"}, ignore_removed=True):
        time.sleep(0.1)
    client.close()


def _own(outcome: dict[str, Any]) -> float:
    """Return the bot's own share in seconds: of all, what neither model nor builds nor deployment took."""
    seconds = outcome["seconds"]
    return float(seconds["total"] - seconds["model"] - seconds["builds"] - seconds["deploy"])


def _others(outcome: dict[str, Any]) -> str:
    """Say what the others took."""
    seconds = outcome["seconds"]
    return f"model {seconds['model']:.1f}, builds {seconds['builds']:.1f}, deployment {seconds['deploy']:.1f} s"


def _requests(example: str, outcome: dict[str, Any]) -> Figure:
    """Return how often the bot asked GitHub, from the label until the run was done."""
    count = outcome["github_requests"]
    detail = f"{count['read']} reads and {count['write']} writes"
    return Figure(f"requests to GitHub from label to done ({example})", count["read"] + count["write"], "", 30, detail)


def _tokens(example: str, outcome: dict[str, Any]) -> Figure:
    """Return the tokens of a run, sent and received, and how many of them each stage has taken."""
    stages = ", ".join(
        f"{stage} {usage['prompt']:,} + {usage['completion']:,} in {usage['calls']} calls"
        for stage, usage in outcome["stages"].items()
    )
    return Figure(f"tokens of a run, sent and received ({example})", sum(outcome["tokens"].values()), "", None, stages)


def _content_requests() -> tuple[list[int], list[int]]:
    """Return how many content-creating requests each opening of a strategy and each fix took.

    Either begins with the GraphQL request that commits; an opening makes a pull request. The status comment is edited
    once for each of them, now or when nothing else wants to be written, so that an edit counts for the first that has
    none yet. What gives a strategy up, a comment and the closing of its pull request, counts for none.
    """
    log = json.loads((State(_STATE).root / REQUEST_LOG).read_text())
    made = [request for request in log if request["kind"] == "content" and request["actor"] == BOT_LOGIN]
    pushed: list[list[str]] = []
    for path in (f"{request['method']} {request['path']}" for request in made):
        if path.endswith("/merge"):
            break
        if path.endswith("/graphql"):
            pushed.append([])
        elif _GIVES_UP.fullmatch(path):
            continue
        if pushed:
            edit = path.startswith("PATCH") and "/issues/comments/" in path
            without = [requests for requests in pushed if edit and not any("/issues/comments/" in r for r in requests)]
            (without or pushed[-1:])[0].append(path)
    openings = [len(paths) for paths in pushed if any(path.endswith("/pulls") for path in paths)]
    fixes = [len(paths) for paths in pushed if not any(path.endswith("/pulls") for path in paths)]
    return openings, fixes
