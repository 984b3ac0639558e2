"""From `gptdeploy serve` with nothing to the first green look of the doctor, in a browser, by what the pages say."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from dotenv import dotenv_values
from playwright.sync_api import Browser, Page, expect

from bot.demo.ports import free_port
from bot.hub import Hub
from bot.init import repository_files
from tests.fakes.model import FakeModel
from tests.fakes.runner import FakeRunner

REPOSITORY = "octo/services"
_SHOWN = re.compile(r"Open (http://\S+)")
_SOON = 30_000


@contextmanager
def served(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Start the bot where nothing is set up, and yield the address that it shows."""
    log = folder / "log"
    names = [name for name in os.environ if name.startswith(("GITHUB_", "OPENAI_", "GPTDEPLOY_"))]
    clean = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-m", "bot", "serve"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=clean | environment, cwd=folder, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 30
        while not (shown := _SHOWN.search(log.read_text())):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield shown[1]
    finally:
        process.terminate()
        process.wait(30)


def picture(page: Page, name: str) -> None:
    """Keep a picture in the folder that GPTDEPLOY_PICTURES names."""
    if folder := os.environ.get("GPTDEPLOY_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with Hub(tmp_path / "hub", 0, FakeRunner(lambda _: ("success", ""))) as hub:
        hub.create_repository(REPOSITORY, repository_files())
        yield hub


def test_from_the_button_to_the_first_green_doctor(hub: Hub, tmp_path: Path, browser: Browser) -> None:
    port = free_port()
    environment = {"GITHUB_URL": hub.url, "GPTDEPLOY_BIND": f"127.0.0.1:{port}"}
    with (
        FakeModel(["Yes."] * 9, models=["small"]) as model,
        served(tmp_path, environment) as address,
        # The size of a phone.
        browser.new_page(viewport={"width": 390, "height": 800}) as page,
    ):
        page.goto(address)
        expect(page.get_by_role("list").get_by_role("listitem")).to_have_count(11)
        expect(page.get_by_role("listitem").first).to_contain_text("done")
        picture(page, "set-up-1")
        page.get_by_role("button", name="Register the App on GitHub").click()
        # On GitHub.
        expect(page.get_by_label("GitHub App name")).to_have_value("gptdeploy")
        page.get_by_role("button", name="Create GitHub App for octo").click()
        # Back again.
        expect(page.get_by_text("the App gptdeploy of octo")).to_be_visible(timeout=_SOON)
        key = Path(dotenv_values(tmp_path / ".env")["GITHUB_PRIVATE_KEY"] or "")
        assert [stat.S_IMODE(file.stat().st_mode) for file in (key, tmp_path / ".env")] == [0o600, 0o600]

        page.get_by_label("OPENAI_BASE_URL").fill(model.url)
        picture(page, "set-up-2")
        page.get_by_role("button", name="Keep them in .env").click()
        # The bot goes on by itself.
        expect(page.get_by_role("heading", name="Give the bot a model")).to_be_hidden(timeout=_SOON)
        expect(page.get_by_text("the App is installed nowhere")).to_be_visible(timeout=_SOON)
        page.get_by_role("article").filter(has_text="installed nowhere").get_by_role("link", name="There").click()
        page.get_by_role("button", name="Install").click()

        expect(page.get_by_role("heading", name="GPT Deploy")).to_be_visible(timeout=_SOON)
        deadline = time.monotonic() + 40
        while "green: nothing is missing" not in (said := page.locator("#verdict").inner_text()):
            assert time.monotonic() < deadline, page.locator("body").inner_text()
            if "to mend" in said:
                page.get_by_role("button", name="Look again").click()
            page.wait_for_timeout(300)
        expect(page.get_by_text(REPOSITORY)).not_to_have_count(0)
        assert [label.name for label in hub.repository(REPOSITORY).labels] == ["microservice"]
        picture(page, "set-up-3")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, width
        # What people say to the bot from now on, it hears.
        hub.open_issue(REPOSITORY, "Upper case", "### Description\n\nUpper case\n", ["microservice"])
        hub.parts.deliveries.drain()
        assert {delivery.status for delivery in hub.deliveries} == {202}
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
