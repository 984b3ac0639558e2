"""What whoever runs the bot is told in numbers, by any process that has the database."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.clients.github.limits import Quota, Spends
from bot.errors import Unavailable
from bot.runs.durable import reports as module
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import open_engine
from bot.runs.durable.flow import Flow
from bot.runs.durable.rate_limits import DurableRateLimits
from bot.values.aside import Why
from bot.values.figures import RateLimit
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import Process, progress, request, until


def body(flow: Flow, wanted: RunRequest) -> Progress:
    """Build, be signalled, and end; the issue with number 9 fails."""
    flow.publish(progress(flow, Stage.CLARIFY).model_copy(update={"issue": wanted.issue, "fixes": 2}))
    flow.wait(60)
    flow.wait(60)
    if wanted.issue == 9:
        raise RuntimeError("a bug")
    flow.publish(ended := progress(flow, Stage.DONE).model_copy(update={"issue": wanted.issue, "fixes": 3}))
    return ended


def stages(runs: DurableRuns) -> dict[int, Stage]:
    time.sleep(1.05)
    return {run.issue: run.stage for run in runs.reports.figures()}


def ended(runs: DurableRuns, names: list[str]) -> bool:
    runs.signal("o/r", None)
    return all(map(runs.finished, names))


@both
def test_runs_are_known_from_the_queue_to_their_end(url: str, runs: DurableRuns) -> None:
    began = time.time()
    names = {issue: runs.start(request(f"d-{issue}", issue)).run_id for issue in (7, 8, 9)}
    queue = runs.reports.queue()
    assert queue.waiting == 3 and queue.since is not None and began - 1 <= queue.since <= time.time()
    assert stages(runs) == dict.fromkeys((7, 8, 9), Stage.QUEUED)
    assert {run.waits_for for run in runs.reports.figures()} == {"a worker"}

    with Process(url, body):
        until(lambda: all(runs.progress(run) for run in names.values()))
        assert runs.reports.queue().waiting == 0 and runs.reports.queue().since is None
        assert stages(runs) == dict.fromkeys((7, 8, 9), Stage.CLARIFY)
        assert all(run.by_people and run.fixes == 2 for run in runs.reports.figures())

        runs.stop(names[8])
        until(lambda: ended(runs, list(names.values())))
    assert stages(runs) == {7: Stage.DONE, 8: Stage.STOPPED, 9: Stage.FAILED}
    # Another process knows the same.
    assert stages(DurableRuns(url)) == {7: Stage.DONE, 8: Stage.STOPPED, 9: Stage.FAILED}


def test_a_run_that_is_set_aside_has_failed_as_soon_as_people_are_told(url: str, runs: DurableRuns) -> None:
    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.progress(run) is not None)
    # The worker is gone.
    runs.set_aside(run, Why.VERSION)
    assert stages(runs) == {7: Stage.STOPPED}
    with Process(url, body):
        until(lambda: stages(runs) == {7: Stage.FAILED})


def test_one_look_serves_all_who_ask_in_a_moment(runs: DurableRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_LEAST_SECONDS", 60.0)
    assert runs.reports.figures() == []
    runs.start(request())
    assert runs.reports.figures() == []


def limit(remaining: int, account: str = "octo") -> RateLimit:
    return RateLimit(account=account, resource="core", remaining=remaining, limit=5000, resets_at=9e9)


@both
def test_what_a_worker_hears_of_limits_every_process_knows(url: str, runs: DurableRuns) -> None:
    worker = DurableRateLimits(open_engine(url, patient=True))
    worker.note(limit(4000))
    worker.note(limit(3999))
    worker.note(limit(10, "acme"))
    assert runs.reports.rate_limits() == [limit(10, "acme"), limit(4000)]
    # That nothing is left is never left out.
    worker.note(limit(0))
    assert runs.reports.rate_limits() == [limit(10, "acme"), limit(0)]


def test_a_limit_that_cannot_be_kept_fails_nothing(
    url: str, runs: DurableRuns, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard = DurableRateLimits(open_engine(url, patient=False))
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        heard.note(limit(1))
    assert "was not noted" in caplog.text and runs.reports.rate_limits() == []


@both
def test_what_one_worker_hears_of_the_last_requests_another_one_goes_by(url: str, runs: DurableRuns) -> None:
    first, second = (Quota(DurableRateLimits(open_engine(url, patient=True))) for _ in range(2))
    first.hear(limit(4000))
    with second.admitted("octo", "core", Spends.NOTHING):
        """Enough is left."""
    first.hear(limit(100))
    until(lambda: is_held(second))
    with second.admitted("octo", "graphql", Spends.NOTHING), second.admitted("octo", "core", Spends.ALL):
        """They have more."""


def is_held(quota: Quota) -> bool:
    try:
        with quota.admitted("octo", "core", Spends.NOTHING):
            return False
    except Unavailable:
        return True


def test_limits_that_cannot_be_read_hold_up_nothing(
    url: str, runs: DurableRuns, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(url, patient=False)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE rate_limits"))
    assert not is_held(Quota(DurableRateLimits(engine)))
    assert "was not read" in caplog.text
