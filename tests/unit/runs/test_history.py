"""What is told of an issue's earlier runs once another one has begun."""

from __future__ import annotations

from typing import Any

import pytest

from bot.runs.history import begun, continued, past, together
from bot.values.cost import Usage
from bot.values.progress import PastRun, Progress, Seconds, Stage, StrategyRecord
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest


def progress(run: str, **values: Any) -> Progress:
    return Progress.model_validate({"run_id": run, "repo": "o/r", "issue": 3, "started_at": 60, **values})


def request(kind: RunKind, pull: int | None = None) -> RunRequest:
    point = Point(id="1", author="octo", text="more")
    known = {"repo": "o/r", "installation": 1, "issue": 3, "actor": "octo", "delivery": "d"}
    return RunRequest.model_validate({**known, "kind": kind, "pull": pull, "points": (point,)})


@pytest.mark.parametrize(
    ("kind", "pull", "cause"),
    [
        (RunKind.NEW, None, "the issue"),
        (RunKind.RETRY, None, "`/retry`"),
        (RunKind.RETRY_PULL, 4, "`/retry` on #4"),
        (RunKind.REVISE, 4, "changes asked for on #4"),
        (RunKind.UPDATE, None, "`/update`"),
        (RunKind.MERGED, 4, "a merge of #4"),
        (RunKind.CLOSED, 4, "the closing of #4"),
        (RunKind.PUSHED, 4, "the push to #4"),
        (RunKind.REOPENED, 4, "the reopening of #4"),
        (RunKind.DEPLOY, None, "`/deploy`"),
        (RunKind.DEPLOY, 4, "`/deploy` on #4"),
    ],
)
def test_what_a_run_was_started_for(kind: RunKind, pull: int | None, cause: str) -> None:
    started = begun(request(kind, pull), "r", 60)
    assert (started.cause, started.started_at) == (cause, 60)
    assert started.asked == ("more" if kind is RunKind.UPDATE else "")


@pytest.mark.parametrize(
    ("values", "ended"),
    [
        ({"stage": Stage.DONE, "note": "x"}, "live"),
        ({"stage": Stage.FAILED, "note": "no strategy\ngot green"}, "failed: no strategy got green"),
        ({"stage": Stage.STOPPED, "note": "stopped"}, "stopped"),
        ({"stage": Stage.STOPPED}, "stopped"),
        (
            {"stage": Stage.WAITING, "note": "#4 is green; `/deploy` merges it"},
            "waiting: #4 is green; `/deploy` merges it",
        ),
        ({"stage": Stage.BUILD, "note": "x"}, "interrupted in build"),
        ({"stage": Stage.FAILED, "note": "x" * 200}, "failed: " + "x" * 151 + "…"),
    ],
)
def test_how_a_run_has_ended(values: dict[str, Any], ended: str) -> None:
    assert past(progress("r", **values)).ended == ended


def test_a_run_knows_those_before_it() -> None:
    first = progress("1", cause="the issue", stage=Stage.DONE, fixes=1, usage=Usage(prompt=5, cost_usd=0.5))
    second = continued(progress("2", cause="`/deploy`"), first, deploys=False)
    third = continued(progress("3"), second, deploys=False)
    assert [run.cause for run in third.earlier] == ["the issue", "`/deploy`"]
    assert together((*third.earlier, past(third))) == PastRun(
        runs=3, started_at=60, fixes=1, usage=Usage(prompt=5, cost_usd=0.5)
    )
    # The step that reads the comment may happen again, when the run's own status is there already.
    assert continued(progress("3"), third, deploys=False).earlier == third.earlier
    assert continued(progress("1"), None, deploys=True) == progress("1")


def test_a_deployment_goes_on_with_what_was_built() -> None:
    built = StrategyRecord(name="pillow", pull=4)
    before = progress("1", title="QR", slug="qr", assumptions=("a",), strategies=(built,), fixes=2)
    after = continued(progress("2"), before, deploys=True)
    assert (after.title, after.slug, after.assumptions, after.strategies, after.fixes) == (
        "QR",
        "qr",
        ("a",),
        (built,),
        0,
    )
    assert continued(progress("2"), before, deploys=False).strategies == ()


def test_many_runs_share_a_line_and_no_figure_is_lost() -> None:
    newest: Progress | None = None
    for number in range(30):
        values = {"started_at": number, "usage": Usage(prompt=1), "seconds": Seconds(total=2)}
        newest = continued(progress(str(number), **values), newest, deploys=False)
    assert newest is not None
    assert [run.runs for run in newest.earlier] == [10] + [1] * 19
    total = together(newest.earlier)
    assert (total.runs, total.usage.prompt, total.seconds.total, total.started_at) == (29, 29, 58, 0)
