"""What the database file holds of people's words, and for how long: read as bytes, as a thief would."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import open_engine, prepare
from bot.runs.durable.flow import Flow
from bot.runs.durable.retention import rewrite_once, shrink
from bot.values.progress import Progress, Stage
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest
from tests.unit.runs.durable.working import Process, progress, request, until

WORDS = b"my grandmother's recipe"


def held(path: Path) -> bool:
    """Return whether the words stand anywhere in the files of a database."""
    return any(WORDS in file.read_bytes() for file in path.parent.glob(path.name + "*") if file.is_file())


def wordy(flow: Flow, wanted: RunRequest) -> Progress:
    """Have the words in a step's result, in what is published on the way, and in the run's own result."""
    flow.step("read", lambda: f"{WORDS.decode()} and {wanted.points[0].text}", returns=str)
    flow.publish(progress(flow, Stage.BUILD, note=WORDS.decode()))
    flow.publish(progress(flow, note="live"))
    return progress(flow, note=WORDS.decode())


@contextmanager
def ended(url: str, runs: DurableRuns) -> Iterator[str]:
    """Have a run carried out; its worker is at work."""
    points = (Point(id="p", author="octo", text=WORDS.decode()),)
    wanted = request().model_copy(update={"kind": RunKind.UPDATE, "points": points})
    run = runs.start(wanted).run_id
    with Process(url, wordy):
        until(lambda: runs.finished(run))
        yield run


def test_of_a_run_that_ended_a_day_ago_the_file_holds_only_what_is_shown(
    url: str, runs: DurableRuns, tmp_path: Path
) -> None:
    engine = open_engine(url, patient=True)
    with ended(url, runs) as run:
        assert held(tmp_path / "runs.sqlite")
        assert shrink(engine, datetime.now(UTC) - timedelta(days=1)) == 0
        assert held(tmp_path / "runs.sqlite")

        assert shrink(engine, datetime.now(UTC) + timedelta(seconds=2)) == 1
        assert not held(tmp_path / "runs.sqlite")
        # Pages, status and `/retry` have what they need, and the same delivery still starts nothing.
        assert [(one.run_id, one.note) for one in runs.history("o/r", 7)] == [(run, "live")]
        again = request().model_copy(update={"actor": "somebody"})
        assert runs.start(again).run_id == run
        assert runs.finished(run) and runs.active("o/r", 7) is None
        other = runs.start(request("d-2").model_copy(update={"points": (Point(id="q", author="o", text="x"),)})).run_id
        until(lambda: runs.finished(other))
    engine.dispose()


def test_a_run_under_way_keeps_everything(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.step("read", WORDS.decode, returns=str)
        flow.publish(progress(flow, Stage.BUILD))
        while not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(60)
        return progress(flow)

    engine = open_engine(url, patient=True)
    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.progress(run) is not None)
        assert shrink(engine, datetime.now(UTC) + timedelta(days=1)) == 0
        assert held(tmp_path / "runs.sqlite")
    engine.dispose()


def test_what_was_deleted_before_deleting_meant_to_overwrite_goes_as_well(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    prepare(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("CREATE TABLE old (text TEXT)")
    connection.executemany("INSERT INTO old VALUES (?)", [(WORDS.decode(),)] * 1000)
    connection.commit()
    connection.execute("DELETE FROM old")
    connection.commit()
    connection.close()
    assert held(path)
    rewrite_once(path)
    assert not held(path)


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_nobody_else_can_read_the_database(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        path = tmp_path / "new" / "folder" / "runs.sqlite"
        runs = DurableRuns(f"sqlite:///{path}")
        runs.start(request())
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
        runs.close()
    finally:
        os.umask(before)
    assert modes == {"runs.sqlite": "0o600", "runs.sqlite-wal": "0o600", "runs.sqlite-shm": "0o600"}
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_files_of_before_are_corrected(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    url = f"sqlite:///{path}"
    runs = DurableRuns(url)
    runs.start(request())
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    prepare(url)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    runs.close()
