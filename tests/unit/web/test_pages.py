"""What the pages show, and that they run nothing of what people and models write."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.values.cost import Usage
from bot.values.naming import run_id
from bot.values.progress import Deployment, Progress, Seconds, Stage, StrategyOutcome, StrategyRecord
from tests.fakes.runs import FakeRuns


@pytest.mark.parametrize("path", ["/webhook", "/nothing", "/static/x"])
def test_there_is_nothing_else_to_get(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (404, 405)


EVIL = "<script>alert(1)</script>"


@pytest.fixture
def shown(runs: FakeRuns, client: FlaskClient) -> TestResponse:
    run = run_id("octo/services", 3, "guid")
    runs.published[run] = Progress(
        run_id=run,
        repo="octo/services",
        issue=3,
        started_at=1_700_000_000,
        stage=Stage.FIX,
        note=EVIL,
        title=EVIL,
        strategies=(
            StrategyRecord(name=EVIL, approach=EVIL, pull=12, commits=4, outcome=StrategyOutcome.BUILDING, reason=EVIL),
        ),
        fixes=3,
        reruns=1,
        usage=Usage(prompt=12_345, completion=678, cost_usd=0.0123),
        seconds=Seconds(total=72.6, model=12.4, builds=41, deploy=9),
        deployment=Deployment(playground_url="javascript:alert(1)", api_url="x"),
    )
    return client.get("/")


def test_the_page_shows_the_runs(shown: TestResponse) -> None:
    text = shown.get_data(as_text=True)
    for expected in (
        '<a href="https://github.com/octo/services/issues/3">octo/services#3</a>',
        '<a href="https://github.com/octo/services/pull/12">#12</a>',
        "fix</span>",
        "3 fixes pushed, 1 build run again · 12,345 tokens sent, 678 received, 0.0123 USD · "
        "73 s in all: model 12 s, builds 41 s, deployment 9 s · octo/services#3-",
        "2023-11-14 22:13:20 UTC",
    ):
        assert expected in text
    assert '<meta http-equiv="refresh" content="3">' in text


def test_the_page_escapes_what_models_and_people_write(shown: TestResponse) -> None:
    text = shown.get_data(as_text=True)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 4
    assert 'href="javascript:' not in text


def test_the_page_may_run_nothing(shown: TestResponse) -> None:
    policy = shown.headers["Content-Security-Policy"]
    (nonce,) = re.findall(r'<style nonce="([^"]+)">', shown.get_data(as_text=True))
    assert "default-src 'none'" in policy
    assert f"style-src 'nonce-{nonce}'" in policy
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_before_anything_ran(client: FlaskClient) -> None:
    text = client.get("/").get_data(as_text=True)
    assert "Nothing has run yet" in text
    assert '<meta http-equiv="refresh" content="30">' in text
