"""What the pages show, and that they run nothing of what people and models write."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.values.build import BuildRecord
from bot.values.cost import Usage
from bot.values.deployment import Deployment
from bot.values.figures import Queue, RateLimit
from bot.values.naming import run_id
from bot.values.progress import Phase, Progress, Seconds, Stage, StrategyOutcome, StrategyRecord
from bot.values.seats import Full, Waiting, Work
from tests.fakes.runs import FakeRuns


@pytest.mark.parametrize("path", ["/webhook", "/nothing", "/static/x", "/runs", "/runs/octo/services"])
def test_there_is_nothing_else_to_get(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (404, 405)


EVIL = "<script>alert(1)</script>"
RUN = run_id("octo/services", 3, "guid")
ADDRESS = f"/runs/{RUN.replace('#', '/')}"


def publish(runs: FakeRuns, number: int, repo: str = "octo/services", **changes: Any) -> Progress:
    run = run_id(repo, number, "guid")
    progress = Progress(run_id=run, repo=repo, issue=number, started_at=1_700_000_000 + number, **changes)
    runs.published[run] = progress
    return progress


@pytest.fixture
def evil(runs: FakeRuns) -> None:
    publish(
        runs,
        3,
        stage=Stage.FIX,
        note=EVIL,
        title=EVIL,
        strategies=(
            StrategyRecord(
                name=EVIL,
                approach=EVIL,
                pull=12,
                commits=4,
                outcome=StrategyOutcome.BUILDING,
                reason=EVIL,
                builds=(BuildRecord(commit="a" * 40, began=1_700_000_060, seconds=30, died_of=EVIL),),
            ),
        ),
        phases=(Phase(name="plan", began=1_700_000_003, seconds=57),),
        fixes=3,
        reruns=1,
        usage=Usage(prompt=12_345, completion=678, cost_usd=0.0123),
        stages={"implement": Usage(prompt=12_345, completion=678, calls=2)},
        seconds=Seconds(total=72.6, model=12.4, builds=41, deploy=9),
        deployment=Deployment(playground_url="javascript:alert(1)", api_url="x"),
    )


@pytest.fixture(params=["/", ADDRESS])
def shown(request: pytest.FixtureRequest, evil: None, client: FlaskClient) -> TestResponse:
    answer = client.get(request.param)
    assert answer.status_code == 200
    return answer


def text_of(client: FlaskClient, path: str = "/", **query: str) -> str:
    return client.get(path, query_string=query).get_data(as_text=True)


def test_a_run_is_shown_with_its_timeline(evil: None, client: FlaskClient) -> None:
    text = text_of(client, ADDRESS)
    for expected in (
        '<a href="https://github.com/octo/services/issues/3">octo/services#3</a>',
        '<a href="https://github.com/octo/services/pull/12">#12</a>',
        "fix</span>",
        "3 fixes pushed, 1 build run again · 12,345 tokens sent, 678 received, 0.0123 USD · "
        "73 s in all: model 12 s, builds 41 s, deployment 9 s · octo/services#3-",
        "2023-11-14 22:13:23 UTC",
        "<title>plan, 2023-11-14 22:13:23, 57 s</title>",
        'class="bar red" x="655.2" y="2" width="344.8"',
        "<td>implement</td><td>2</td><td>13,023</td>",
    ):
        assert expected in text


def test_a_run_that_nobody_knows_is_not_there(client: FlaskClient) -> None:
    assert client.get("/runs/octo/services/3-0123abcd").status_code == 404


def test_all_runs_are_shown_with_what_they_cost(runs: FakeRuns, client: FlaskClient) -> None:
    spent: dict[str, Any] = {
        "builds": (1.0, 2.0),
        "fixes": 1,
        "usage": Usage(prompt=900, completion=100, cost_usd=0.25),
    }
    publish(runs, 1, title="QR code", stage=Stage.DONE, **spent)
    publish(runs, 2, title="Invoice", stage=Stage.BUILD, **spent)
    publish(runs, 5, repo="acme/shop", title="Mesh", stage=Stage.FAILED)
    text = text_of(client)
    for issue in ("octo/services#1", "octo/services#2", "acme/shop#5"):
        assert f">{issue}</a>" in text
    rows = re.findall(r"<tr>.*?</tr>", text, re.DOTALL)
    (cost,) = [row for row in rows if ">octo/services</a>" in row]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", cost) == ["2", "4", "2", "2,000", "0.5000 USD"]


def test_a_price_that_nobody_knows_is_not_told_in_tokens_twice(runs: FakeRuns, client: FlaskClient) -> None:
    publish(runs, 1, stage=Stage.DONE, usage=Usage(prompt=900, completion=100))
    assert '<td>1,000</td><td class="whole">unknown</td>' in text_of(client)


def test_what_waits_for_whom_is_shown_first(runs: FakeRuns, client: FlaskClient) -> None:
    publish(runs, 1, stage=Stage.CLARIFY, note="one question")
    publish(runs, 2, stage=Stage.BUILD)
    publish(runs, 3, stage=Stage.IMPLEMENT)
    publish(runs, 4, stage=Stage.DONE)
    runs.reports.waiting = Queue(waiting=17, since=0.0)
    runs.reports.limits = [
        RateLimit(account="octo", resource="core", remaining=4321, limit=5000, resets_at=9e9),
        RateLimit(account="somebody", resource="core", remaining=1, limit=5000, resets_at=9e9),
    ]
    text = text_of(client)
    waiting = text[text.index("What waits for whom") : text.index("<h2>Runs")]
    assert re.findall(r"services#(\d)", waiting) == ["2", "1"]
    assert "the issue's author, to answer" in waiting.replace("&#39;", "'") and "one question" in waiting
    cards = dict(re.findall(r"<dt>(.*?)</dt><dd>([\d,]+)", text))
    assert int(cards.pop("lag").replace(",", "")) > 1e9
    assert cards == {"at work": "3", "wait for people": "1", "in the queue": "17", "GitHub: octo, core": "4,321"}


def test_what_waits_for_its_turn_is_shown_by_limit(runs: FakeRuns, client: FlaskClient) -> None:
    builds = Waiting(full=Full(work=Work.BUILD, held=20, limit=20), since=1_700_000_000)
    calls = Waiting(full=Full(work=Work.MODEL, of_all=True, held=64, limit=64), since=1_700_000_000)
    publish(runs, 1, stage=Stage.IMPLEMENT, waiting=(builds,))
    publish(runs, 2, stage=Stage.FIX, waiting=(builds.model_copy(update={"since": 1_600_000_000}),))
    publish(runs, 3, repo="acme/shop", stage=Stage.TESTS, waiting=(calls,))
    publish(runs, 4, stage=Stage.STOPPED, waiting=(calls,))
    text = text_of(client)
    turns = text[text.index("What waits for its turn") : text.index("What waits for whom")]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in turns.split("</tr>")[1:-1]]
    assert [row[:-1] for row in rows] == [
        ["acme", "model calls of all installations", "64 of 64", "1"],
        ["octo", "builds of the installation", "20 of 20", "2"],
    ]
    lags = [int(row[-1].removesuffix(" s").replace(",", "")) for row in rows]
    assert lags[1] - lags[0] == 100_000_000
    assert "its turn: 20 of 20 builds of this installation are under way" in text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("qr", {"1"}),
        ("QR octo/SERVICES", {"1"}),
        ("#2", {"2"}),
        ("shop", {"5"}),
        ("failed", {"5"}),
        ("services", {"1", "2"}),
        ("services failed", set()),
        (RUN[:-3], set()),
    ],
)
def test_runs_are_found_by_words(runs: FakeRuns, client: FlaskClient, words: str, found: set[str]) -> None:
    publish(runs, 1, title="QR code", stage=Stage.DONE)
    publish(runs, 2, title="Invoice", stage=Stage.BUILD)
    publish(runs, 5, repo="acme/shop", title="Mesh", stage=Stage.FAILED)
    text = text_of(client, q=words)
    text = text[text.index("<h2>Runs") : text.index("Cost by repository")]
    assert set(re.findall(r"#(\d)</a>", text)) == found
    assert found or "No run that you may read has that" in text


def test_the_newest_are_shown_and_the_rest_counted(runs: FakeRuns, client: FlaskClient) -> None:
    for number in range(1, 61):
        publish(runs, number, stage=Stage.DONE)
    text = text_of(client)
    assert re.findall(r"#(\d+)</a>", text)[0] == "60" and "10 more" in text


def test_the_pages_show_a_repository_under_its_name_now(runs: FakeRuns, client: FlaskClient) -> None:
    key = runs.key(1, "octo/services")
    runs.key(1, "acme/shop")
    publish(runs, 3, repo=key)
    assert f'<a href="{ADDRESS}">acme/shop#3</a>' in text_of(client)
    assert '<a href="https://github.com/acme/shop/issues/3">acme/shop#3</a>' in text_of(client, ADDRESS)


def test_the_pages_escape_what_models_and_people_write(shown: TestResponse) -> None:
    text = shown.get_data(as_text=True)
    # The page's own.
    assert re.findall(r"<script[^>]*>", text) == re.findall(r'<script nonce="[\w-]+">', text)
    assert text.count("<script") == 1 and text.count("&lt;script&gt;") >= 2
    assert "javascript:" not in re.findall(r'href="([^"]*)"', text)


def test_search_words_are_escaped(runs: FakeRuns, client: FlaskClient) -> None:
    publish(runs, 1)
    text = text_of(client, q='"><script>alert(1)')
    assert text.count("<script") == 1 and "alert(1)" in text


def test_the_pages_may_run_their_own_script_alone(shown: TestResponse) -> None:
    policy = shown.headers["Content-Security-Policy"]
    text = shown.get_data(as_text=True)
    (nonce,) = set(re.findall(r'<(?:style|script) nonce="([^"]+)">', text))
    assert "default-src 'none'" in policy
    assert f"style-src 'nonce-{nonce}'" in policy and f"script-src 'nonce-{nonce}'" in policy
    assert "connect-src 'self'" in policy and "unsafe" not in policy
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_other_pages_run_nothing(client: FlaskClient) -> None:
    for path in ("/nothing", "/healthz"):
        assert "script-src" not in client.get(path).headers["Content-Security-Policy"]
    door = client.get("/", headers={"Host": "bot.example.com"})
    assert door.status_code == 403 and "script-src" not in door.headers["Content-Security-Policy"]


def test_without_javascript_a_page_is_loaded_again(client: FlaskClient) -> None:
    text = text_of(client)
    assert "Nothing has run yet" in text
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in text
    assert text.count("http-equiv") == 1
