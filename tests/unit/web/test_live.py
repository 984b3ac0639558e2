"""The stream that tells a page of what is new: when, to whom, and for how long."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from bot.values.progress import Progress, Stage
from bot.web import live
from bot.web.reception import ANSWER_SECONDS
from tests.fakes.runs import FakeRuns


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(live, "STREAM_SECONDS", 1.0)


def listen(client: FlaskClient) -> Iterator[str]:
    answer = client.get("/events")
    assert answer.content_type.startswith("text/event-stream") and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    return (chunk if isinstance(chunk, str) else chunk.decode() for chunk in answer.response)


def test_a_stream_tells_at_once_where_it_stands_and_then_what_is_new(client: FlaskClient, runs: FakeRuns) -> None:
    runs.published["x"] = Progress(run_id="x", repo="octo/services", issue=1, started_at=0)
    threading.Timer(0.3, lambda: runs.end("x", Stage.DONE)).start()
    told = list(listen(client))
    revisions = [chunk for chunk in told if chunk.startswith("data: ")]
    assert told[:2] == ["retry: 1000\n\n", revisions[0]] and len(set(revisions)) == len(revisions) == 2
    # What comes between notices that the browser is gone.
    assert set(told) - {*revisions, "retry: 1000\n\n"} == {":\n\n"}


def test_a_page_knows_where_it_stands(client: FlaskClient) -> None:
    (shown,) = re.findall(r'let shown = "(.*?)";', client.get("/").get_data(as_text=True))
    assert f"data: {shown}\n\n" in list(listen(client))


def test_a_stream_ends_by_itself_before_it_would_be_cut(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    list(listen(client))
    assert 1 <= time.monotonic() - began < 10
    monkeypatch.undo()
    assert live.STREAM_SECONDS + 2 * live._LOOK_SECONDS < ANSWER_SECONDS


def test_a_database_that_cannot_be_read_ends_no_stream(client: FlaskClient, runs: FakeRuns) -> None:
    stream = listen(client)
    assert [next(stream)[:5], next(stream)[:5]] == ["retry", "data:"]
    runs.reports.broken = True
    time.sleep(0.1)
    assert set(stream) == {":\n\n"}


def test_who_may_not_see_the_page_hears_nothing(client: FlaskClient) -> None:
    assert client.get("/events", headers={"Host": "bot.example.com"}).status_code == 403
