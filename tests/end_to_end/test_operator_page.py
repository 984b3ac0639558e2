"""The page for whoever runs the bot, in a browser, over runs that a worker carries out."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import open_engine
from bot.runs.durable.flow import Flow
from bot.runs.durable.rate_limits import DurableRateLimits
from bot.values.build import BuildRecord
from bot.values.cost import Usage
from bot.values.deployment import Deployment
from bot.values.figures import RateLimit
from bot.values.progress import Phase, Progress, Seconds, Stage, StrategyOutcome, StrategyRecord
from bot.values.run import RunKind, RunRequest
from tests.flow.web_process import Web, start_web
from tests.unit.runs.durable.working import Process, until

IDEAS = {
    1: ("octo/services", "Make a QR code of a text", Stage.DONE, ""),
    2: (
        "octo/services",
        "Convert a CSV file to a spreadsheet",
        Stage.FIX,
        "answers 500 where a cell is empty",
    ),
    3: ("octo/services", "Count the business days between two dates", Stage.CLARIFY, "two questions"),
    4: ("acme/documents", "Make an invoice as PDF", Stage.BUILD, "builds `reportlab`"),
    5: ("acme/documents", "Outline of a Word document", Stage.WAITING, "#12 waits for a review of @ada"),
    6: ("acme/documents", "Read the text of a PDF file", Stage.DONE, ""),
}
_LIVE = Deployment(playground_url="https://playground.example.com/qr-code", api_url="https://qr-code.example.com")


def told(flow: Flow, wanted: RunRequest) -> Progress:
    """Return what the run of an issue has come to after a quarter of an hour."""
    repo, title, stage, note = IDEAS[wanted.issue]
    began = time.time() - 900 + wanted.issue
    cost = 0.0231 * wanted.issue
    usage = Usage(
        prompt=41_000 * wanted.issue, completion=3_100, cost_usd=cost, calls=9, seconds=80, models=("gpt-5-mini",)
    )
    built = stage not in (Stage.CLARIFY,)
    dies = "test_empty_cell: 500 instead of 200" if stage is Stage.FIX else ""
    tried = StrategyRecord(name="segno", pull=10 + wanted.issue, commits=2, usage=usage)
    times = ((began + 140, 95.0, "exit code 1: ModuleNotFoundError"), (began + 290, 80.0, dies))
    builds = tuple(BuildRecord(commit="a" * 40, began=at, seconds=seconds, died_of=why) for at, seconds, why in times)
    outcome = StrategyOutcome.MERGED if stage is Stage.DONE else StrategyOutcome.BUILDING
    asks = (Phase(name="answers", began=began + 30, seconds=None if stage is Stage.CLARIFY else 60.0),)
    return Progress(
        run_id=flow.run_id,
        repo=repo,
        issue=wanted.issue,
        title=title,
        started_at=began,
        stage=stage,
        note=note,
        fixes=built,
        builds=tuple(build.seconds for build in builds) if built else (),
        phases=(Phase(name="plan", began=began, seconds=30.0), *asks),
        strategies=(tried.model_copy(update={"builds": builds, "outcome": outcome}),) if built else (),
        usage=usage,
        stages={"specify": usage},
        seconds=Seconds(total=900, model=80, builds=175),
        deployment=_LIVE if stage is Stage.DONE else None,
    )


def body(flow: Flow, wanted: RunRequest) -> Progress:
    """Publish how far the run is; one that is at work is done when it is signalled."""
    progress = told(flow, wanted)
    flow.publish(progress)
    if progress.stage not in (Stage.DONE, Stage.WAITING):
        flow.wait(0)
        flow.wait(600)
        progress = progress.model_copy(update={"stage": Stage.DONE, "note": "", "deployment": _LIVE})
        flow.publish(progress)
    return progress


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, DurableRuns]]:
    folder = tmp_path_factory.mktemp("operator")
    url = f"sqlite:///{folder}/runs.sqlite"
    runs = DurableRuns(url)
    started = [
        runs.start(
            RunRequest(repo=repo, installation=1, issue=number, actor="ada", kind=RunKind.NEW, delivery=str(number))
        ).run_id
        for number, (repo, *_) in IDEAS.items()
    ]
    limits = DurableRateLimits(open_engine(url, patient=True))
    for account, left in (("octo", 4120), ("acme", 4876)):
        limits.note(
            RateLimit(account=account, resource="core", remaining=left, limit=5000, resets_at=time.time() + 1800)
        )
    with Process(url, body):
        until(lambda: all(runs.progress(run) for run in started))
        with start_web(folder, url) as web:
            yield web, runs
    runs.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_page(viewport={"width": 1100, "height": 900}) as page:
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        assert faults == []


def row(page: Page, issue: int) -> str:
    """Return a selector of the row of an issue in the table of all runs."""
    return f"h2:text-matches('^Runs') + table tr:has(a:text-is('{IDEAS[issue][0]}#{issue}'))"


def test_what_happens_shows_by_itself_and_a_search_stays(runs: tuple[Web, DurableRuns], page: Page) -> None:
    web, durable = runs
    page.goto(web.url)
    expect(page.locator(row(page, 2))).to_contain_text("fix")
    expect(page.locator("dl div", has_text="octo, core")).to_contain_text("4,120 of 5,000")
    expect(page.get_by_role("heading", name="What waits for whom")).to_be_visible()
    keep(page, "operator")

    page.get_by_label("Search the runs").fill("octo")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Runs with “octo”")).to_be_visible()
    expect(page.locator(row(page, 4))).to_have_count(0)
    page.evaluate("window.same = true")
    page.get_by_label("Search the runs").fill("a word that somebody is typing")

    durable.signal("octo/services", 2)

    expect(page.locator(row(page, 2))).to_contain_text("done", timeout=10_000)
    expect(page.locator(row(page, 4))).to_have_count(0)
    assert page.evaluate("window.same") is True
    assert page.get_by_label("Search the runs").input_value() == "a word that somebody is typing"


def test_a_run_shows_its_timeline_and_goes_on(runs: tuple[Web, DurableRuns], page: Page) -> None:
    web, durable = runs
    page.goto(web.url)
    page.locator(row(page, 4)).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Make an invoice as PDF")).to_be_visible()
    bars = page.locator("svg rect")
    expect(bars).to_have_count(4)
    widths = [box["width"] for bar in bars.all() if (box := bar.bounding_box())]
    assert len(widths) == 4 and widths[2] > widths[0] > 10
    colours = {bar.evaluate("bar => getComputedStyle(bar).fill") for bar in bars.all()}
    assert len(colours) == 4
    keep(page, "operator-run")

    durable.signal("acme/documents", 4)

    expect(page.locator(".stage")).to_have_text("done", timeout=10_000)
    expect(page.get_by_role("link", name=_LIVE.playground_url)).to_be_visible()


def test_it_reads_without_javascript(runs: tuple[Web, DurableRuns], browser: Browser) -> None:
    web, _ = runs
    with browser.new_context(java_script_enabled=False) as context, context.new_page() as page:
        page.goto(f"{web.url}/?q=outline")
        expect(page.locator(row(page, 5))).to_contain_text("waits for a review")
        page.locator(row(page, 5)).get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="Timeline")).to_be_visible()


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page, as `<name>.png` in the folder that GPTDEPLOY_PICTURES names."""
    if folder := os.environ.get("GPTDEPLOY_PICTURES"):
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
        picture.convert("RGB").quantize(64).save(Path(folder) / f"{name}.png", optimize=True)
