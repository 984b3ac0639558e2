"""Several workers on one PostgreSQL server: what one has begun goes on in another one, and never in two."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from bot.errors import TransientError, UserError
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import open_engine, prepare, shown
from bot.runs.durable.names import DurableNames
from bot.runs.durable.retention import shrink
from bot.runs.durable.server_slot import ServerSlot
from bot.runs.durable.slots import take_slot
from bot.values.names import Known
from bot.values.progress import Stage
from tests.fakes.postgres import PASSWORD, Server, start_server
from tests.unit.runs.durable.working import FORK, LEASE, Process, Trace, once, request, start, until


@pytest.fixture
def kind() -> str:
    return "postgresql"


def test_what_killed_workers_had_begun_goes_on_in_others(url: str, runs: DurableRuns, trace: Trace) -> None:
    body, issues = trace.body(60), range(1, 21)
    with Process(url, body) as first, Process(url, body) as second:
        ids = start(runs, *issues)
        until(lambda: len({text for text, _ in trace.lines("look")}) == len(issues))
        first.kill()
        with Process(url, body) as third:
            # One after the other: nobody may be left who has what all wait for.
            until(lambda: len({text for text, pid in trace.lines("look") if pid != first.pid}) == len(issues))
            second.kill()
            until(lambda: len({text for text, pid in trace.lines("look") if pid == third.pid}) == len(issues))
            trace.go()
            # Each ring reaches the run wherever it is.
            for issue in issues:
                runs.signal("o/r", issue)
            until(lambda: all(runs.finished(run) for run in ids))
    once(trace, issues)


def test_a_worker_that_stops_hands_over_at_once(url: str, runs: DurableRuns, trace: Trace) -> None:
    body = trace.body(60)
    with Process(url, body) as first:
        ids = start(runs, 1, 2, 3)
        until(lambda: len({text for text, _ in trace.lines("look")}) == 3)
        with Process(url, body) as second:
            until(lambda: len(slots(url)) == 2)
            first.stop()
            stopped = time.monotonic()
            until(lambda: len({text for text, pid in trace.lines("look") if pid == second.pid}) == 3)
            assert time.monotonic() - stopped < 10
            trace.go()
            runs.signal("o/r", None)
            until(lambda: all(runs.finished(run) for run in ids))
    once(trace, range(1, 4))


def test_a_worker_that_stood_still_begins_nothing_that_another_one_goes_on_with(
    url: str, runs: DurableRuns, trace: Trace
) -> None:
    """Its connections are all there, and so is its lock: only time says that it is gone."""
    body = trace.body(0.05)
    with Process(url, body) as still:
        ids = start(runs, 1, 2)
        until(lambda: len(trace.lines("look")) >= 4)
        with Process(url, body) as other:
            os.kill(still.pid, signal.SIGSTOP)
            stopped = len(trace.lines(""))
            until(lambda: {text for text, pid in trace.lines("look") if pid == other.pid} == {"look 1.", "look 2."})
            os.kill(still.pid, signal.SIGCONT)
            until(lambda: not still.alive)
            # What had begun may have ended.
            later = Counter(pid for _, pid in trace.lines("")[stopped:])
            assert later[still.pid] <= len(ids) and later[other.pid] > later[still.pid]
            trace.go()
            until(lambda: all(runs.finished(run) for run in ids))
    once(trace, range(1, 3))


def test_a_worker_that_loses_its_connections_for_a_moment_goes_on(url: str, runs: DurableRuns, trace: Trace) -> None:
    body = trace.body(0.1)
    with Process(url, body) as worker, Process(url, body):
        ids = start(runs, *range(1, 6))
        until(lambda: len(trace.lines("look")) >= 10)
        before = slots(url)
        for _ in range(3):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            time.sleep(0.5)
        assert worker.alive
        until(lambda: slots(url) == before)
        trace.go()
        until(lambda: all(runs.finished(run) for run in ids))
    once(trace, range(1, 6))


def slots(url: str) -> dict[int, str]:
    """Return who holds which slot."""
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT slot, holder FROM gptdeploy.slots WHERE holder <> ''").fetchall())


def test_a_server_that_is_away_is_waited_for_by_runs_and_told_to_others(
    trace: Trace, caplog: pytest.LogCaptureFixture
) -> None:
    with start_server() as server:
        url = server.database()
        runs = DurableRuns(url, patient=False)
        body = trace.body(0.1)
        with Process(url, body) as worker:
            (run,) = start(runs, 1)
            until(lambda: len(trace.lines("look")) >= 3)
            assert runs.causes() == {}
            server.stop()
            began = time.monotonic()
            for issue in range(20):
                with pytest.raises(TransientError) as away:
                    runs.start(request(f"e-{issue}", 100 + issue))
                assert "postgres" not in str(away.value) and PASSWORD not in str(away.value)
            assert time.monotonic() - began < 10
            assert runs.causes() == {"database": "it cannot be used: the server does not answer"}
            # For longer than anybody would wait who might go on with it.
            time.sleep(LEASE.free + 1)
            looks = len(trace.lines("look"))
            time.sleep(1)
            assert len(trace.lines("look")) == looks
            server.start()
            trace.go()
            until(lambda: runs.finished(run), seconds=40)
            assert worker.alive
            until(lambda: runs.causes() == {})
        runs.close()
    once(trace, range(1, 2))
    assert PASSWORD not in caplog.text


def test_one_worker_leads_and_another_one_when_it_is_gone(url: str) -> None:
    first, second = (take_slot(url, "1", LEASE) for _ in range(2))
    assert [first.leads(), second.leads(), first.leads()] == [True, False, True]
    first.give_back()
    assert second.leads()
    second.give_back()


def test_a_slot_that_is_lost_ends_its_worker(url: str) -> None:
    ended = threading.Event()
    slot = ServerSlot(url, "1", LEASE, ended.set)
    slot.hold()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE gptdeploy.slots SET holder = ''")
    assert ended.wait(5)
    holding = threading.Thread(target=slot.hold, daemon=True)
    holding.start()
    holding.join(0.5)
    assert holding.is_alive()


def test_what_has_ended_is_forgotten_but_for_what_is_shown(url: str, runs: DurableRuns, trace: Trace) -> None:
    trace.go()
    with Process(url, trace.body(1)):
        (run,) = start(runs, 1)
        until(lambda: runs.finished(run))
    engine = open_engine(url, patient=True)
    assert shrink(engine, datetime.now(UTC) - timedelta(days=1)) == 0
    assert shrink(engine, datetime.now(UTC) + timedelta(seconds=5)) == 1
    assert shrink(engine, datetime.now(UTC) + timedelta(seconds=5)) == 0
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM dbos.operation_outputs").fetchone() == (0,)
    found = runs.progress(run)
    assert found is not None and found.stage is Stage.DONE


def test_a_worker_is_missed(url: str, runs: DurableRuns, trace: Trace) -> None:
    assert runs.causes() == {"worker": "none has been started"}
    with Process(url, trace.body(1)) as worker:
        until(lambda: runs.causes() == {})
        worker.stop()
    assert runs.causes() == {"worker": "it is not running"}


def test_processes_that_start_together_make_the_tables_once(postgres: Server) -> None:
    url = postgres.database()
    processes = [FORK.Process(target=prepare, args=(url,)) for _ in range(5)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 5


def test_a_wrong_password_is_told_at_once_and_not_shown(postgres: Server, caplog: pytest.LogCaptureFixture) -> None:
    url = postgres.address("postgres").replace("not%20for%20logs", "wr0ng-secret")
    began = time.monotonic()
    with pytest.raises(UserError) as refused:
        DurableRuns(url)
    assert time.monotonic() - began < 10
    assert str(refused.value) == (
        f"The database postgres of 127.0.0.1:{postgres.port} cannot be used:"
        ' password authentication failed for user "postgres".'
    )
    assert "wr0ng-secret" not in caplog.text + shown(url)


def test_what_is_no_address_is_told_without_its_secret() -> None:
    with pytest.raises(UserError) as refused:
        open_engine("postgresql://u:s3cret@h:port/d", patient=False)
    assert "s3cret" not in str(refused.value) and refused.value.__cause__ is None
    assert str(refused.value) == "`DATABASE_URL` is no address: `postgresql://USER:PASSWORD@HOST/DATABASE`."


@pytest.mark.parametrize("ends", ["restart", "kick"])
def test_nobody_notices_that_the_server_has_ended_connections_that_rested(ends: str) -> None:
    with start_server() as server:
        url = server.database()
        runs = DurableRuns(url, patient=False)
        start(runs, 1)
        if ends == "restart":
            server.stop()
            server.start()
        else:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        assert runs.start(request("e-2", 2)).new
        runs.close()


def test_names_are_learned_while_the_server_comes_back() -> None:
    with start_server() as server:
        url = server.database()
        prepare(url)
        names = DurableNames(open_engine(url, patient=True))
        names.learn("octo/shop", Known(1, "octo/shop"))
        server.stop()
        process = FORK.Process(target=lambda: os._exit(names.known("OCTO/shop") != Known(1, "octo/shop")))
        process.start()
        time.sleep(1.5)
        server.start()
        process.join(40)
        assert process.exitcode == 0
