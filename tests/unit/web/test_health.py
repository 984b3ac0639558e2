"""What a supervisor is told."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.fakes.runs import FakeRuns


def test_a_process_that_answers_is_alive_whatever_is_wrong(client: FlaskClient, runs: FakeRuns) -> None:
    runs.broken = True
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_what_keeps_the_bot_from_its_work_is_said(client: FlaskClient, runs: FakeRuns) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})
    runs.broken = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "unready", "causes": {"database": "it is gone"}})
