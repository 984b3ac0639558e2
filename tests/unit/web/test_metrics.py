"""What `/metrics` tells, to whom, and that the board in the docs asks for nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from bot.values.cost import Usage
from bot.values.figures import Queue, RateLimit
from bot.values.progress import Progress, Stage, StrategyRecord
from bot.values.seats import Full, Waiting, Work
from bot.web import create_app
from tests.fakes.runs import FakeRuns
from tests.unit.web.conftest import settings
from tests.unit.web.test_webhook import LABELED, deliver

TOKEN = "a token of metrics"
BOARD = Path(__file__).parents[3] / "docs/grafana.json"


def told(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels, the installation first."""
    answer = client.get("/metrics")
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            labels = sorted(sample.labels.items(), key=lambda label: (label[0] != "installation", label))
            found[sample.name, *(value for _, value in labels)] = sample.value
    return found


def run(number: int, repo: str = "octo/services", **changes: Any) -> Progress:
    return Progress(run_id=f"{repo}#{number}-0", repo=repo, issue=number, started_at=number, **changes)


def waits_since(since: float) -> Waiting:
    return Waiting(full=Full(work=Work.MODEL, held=16, limit=16), since=since)


@pytest.fixture
def full(runs: FakeRuns) -> FakeRuns:
    usage = Usage(prompt=1000, completion=50, cost_usd=0.5)
    for progress in (
        run(1, stage=Stage.FIX, fixes=2, builds=(10.0, 11.0), usage=usage),
        run(2, stage=Stage.DONE, fixes=1, reruns=1, builds=(9.0,), usage=usage),
        run(3, stage=Stage.CLARIFY),
        run(5, stage=Stage.IMPLEMENT, waiting=(waits_since(0.0),)),
        run(6, stage=Stage.IMPLEMENT, waiting=(waits_since(9e9),)),
        # It has been stopped meanwhile.
        run(7, stage=Stage.STOPPED, waiting=(waits_since(0.0),)),
        run(4, repo="acme/shop", stage=Stage.BUILD, strategies=(StrategyRecord(name="a", waits=True),)),
    ):
        runs.published[progress.run_id] = progress
    runs.reports.waiting = Queue(waiting=3, since=0.0)
    runs.reports.limits = [
        RateLimit(account="octo", resource="core", remaining=12, limit=5000, resets_at=9e9),
        RateLimit(account="acme", resource="graphql", remaining=0, limit=5000, resets_at=1.0),
    ]
    return runs


def test_what_the_database_knows_is_told(client: FlaskClient, full: FakeRuns) -> None:
    found = told(client)
    expected = {
        ("gptdeploy_queue",): 3,
        ("gptdeploy_runs", "octo", "fix"): 1,
        ("gptdeploy_runs", "octo", "done"): 1,
        ("gptdeploy_runs", "acme", "build"): 1,
        ("gptdeploy_runs_waiting_for_people", "octo"): 1,
        ("gptdeploy_runs_waiting_for_people", "acme"): 1,
        ("gptdeploy_waiting", "octo", "model_calls"): 2,
        ("gptdeploy_fixes", "octo"): 3,
        ("gptdeploy_builds", "octo"): 3,
        ("gptdeploy_builds_repeated", "octo"): 1,
        ("gptdeploy_tokens", "octo", "sent"): 2000,
        ("gptdeploy_tokens", "octo", "received"): 100,
        ("gptdeploy_cost_usd", "octo"): 1.0,
        ("gptdeploy_cost_usd", "acme"): 0.0,
        ("gptdeploy_github_requests_left", "octo", "core"): 12,
        # Its hour is over.
        ("gptdeploy_github_requests_left", "acme", "graphql"): 5000,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["gptdeploy_queue_lag_seconds",] > 1e9
    assert found["gptdeploy_waiting_lag_seconds", "octo", "model_calls"] > 1e9


def test_an_installation_is_called_as_its_owner_is_now(client: FlaskClient, runs: FakeRuns) -> None:
    key = runs.key(1, "octo/services")
    runs.key(1, "acme/services")
    runs.published["x"] = run(1, repo=key, stage=Stage.DONE)
    assert ("gptdeploy_runs", "acme", "done") in told(client)


def test_deliveries_are_counted_and_timed(client: FlaskClient) -> None:
    deliver(client, LABELED)
    deliver(client, LABELED, "star")
    deliver(client, LABELED, "anything that somebody sends", X_Hub_Signature_256="")
    found = told(client)
    assert found["gptdeploy_deliveries_total", "issues", "202"] == 1
    assert found["gptdeploy_deliveries_total", "other", "202"] == 1
    assert found["gptdeploy_deliveries_total", "other", "401"] == 1
    assert found["gptdeploy_delivery_seconds_count",] == 3
    assert not any("anything" in label for name in found for label in name)


def test_a_database_that_cannot_be_read_is_an_error(client: FlaskClient, runs: FakeRuns) -> None:
    runs.reports.broken = True
    assert client.get("/metrics").status_code == 503


@pytest.mark.parametrize(
    ("token", "sent", "status"),
    [
        (None, None, 403),
        (None, "Bearer ", 403),
        (TOKEN, None, 401),
        (TOKEN, f"Bearer {TOKEN}x", 401),
        (TOKEN, f"Basic {TOKEN}", 401),
        (TOKEN, "Bearer é", 401),
        (TOKEN, f"Bearer {TOKEN}", 200),
    ],
)
def test_from_elsewhere_it_takes_the_token(runs: FakeRuns, token: str | None, sent: str | None, status: int) -> None:
    client = create_app(settings(GPTDEPLOY_METRICS_TOKEN=token), runs).test_client()
    headers = {"Host": "bot.example.com"} | ({"Authorization": sent} if sent else {})
    assert client.get("/metrics", headers=headers).status_code == status
    # A proxy on the same machine asks for somebody else.
    headers = headers | {"Host": "localhost", "X-Forwarded-For": "8.8.8.8"}
    assert client.get("/metrics", headers=headers).status_code == status


def test_the_board_asks_for_nothing_that_is_not_told(client: FlaskClient, full: FakeRuns) -> None:
    deliver(client, LABELED)
    names = {name for name, *_ in told(client)}
    board = json.loads(BOARD.read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    wanted = {name for expression in asked for name in re.findall(r"\b(?:gptdeploy|process)_\w+", expression)}
    assert wanted - names == set()
    # It shows all that is the bot's own, but for the parts of the histogram that it needs no panel for.
    parts = {"gptdeploy_deliveries_created", "gptdeploy_delivery_seconds_created"}
    parts |= {f"gptdeploy_delivery_seconds_{part}" for part in ("count", "sum")}
    assert {name for name in names if name.startswith("gptdeploy_")} - wanted - parts == set()
