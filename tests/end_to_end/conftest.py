"""The machine of the end-to-end tests: an engine, images and a browser, set up as the demo sets them up.

An engine that was started here is stopped at the end; images stay in its storage, so that a second run finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.demo import images as stock
from bot.demo import machine

_HERE = Path(__file__).parent

Say = Callable[[str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, so that `-m "not end_to_end"` leaves it out."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.end_to_end)


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Say:
    """Tell the person at the terminal what takes so long, past pytest's capturing."""
    terminal = pytestconfig.pluginmanager.getplugin("terminalreporter")

    def write(line: str) -> None:
        if terminal is not None:
            terminal.ensure_newline()
            terminal.write_line(f"set-up: {line}")

    return write


@pytest.fixture(scope="session", autouse=True)
def engine(say: Say) -> Iterator[docker.DockerClient]:
    """A client of an engine that answers.

    For every test here, so that it is this fixture which starts the engine, if anybody, and hence stops it.
    """
    handle = machine.ensure_engine(say)
    yield handle.client
    handle.client.close()
    if handle.started:
        machine.stop_engine()


@pytest.fixture(scope="session")
def images(engine: docker.DockerClient, say: Say) -> docker.DockerClient:
    """A client of an engine that has the images the demo needs."""
    stock.ensure(engine, (stock.PYTHON, stock.CADDY, stock.REGISTRY), say)
    return engine


@pytest.fixture(scope="session")
def chromium(say: Say) -> Path:
    """The path of a browser that playwright can drive as its `executable_path`."""
    return machine.ensure_chromium(say)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=str(chromium), args=flags)
        yield browser
        browser.close()
