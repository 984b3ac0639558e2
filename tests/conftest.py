"""What tests of several folders share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import UserError
from tests.fakes.postgres import Server, start_server
from tests.word.fetch import ANSWERS, REQUESTS, WEBHOOKS, ensure_packages
from tests.word.front import Word
from tests.word.rest import Rest, Webhooks


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Spare the garbage collector what is read now: all modules and tests stay until the end anyway."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Have the garbage collector look at what tests make alone."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server."""
    try:
        with start_server() as server:
            yield server
    except UserError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with GitHub's descriptions and foreign clients."""
    try:
        return ensure_packages()
    except UserError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def github_word(packages: Path) -> Word:
    """GitHub's descriptions, read once."""
    return Word(Rest(packages / ANSWERS, packages / REQUESTS), Webhooks(packages / WEBHOOKS))


@pytest.fixture
def word(github_word: Word) -> Iterator[Word]:
    """GitHub's word; the test fails of which a request, an answer or a webhook is against it."""
    github_word.faults()
    yield github_word
    faults = github_word.faults()
    assert not faults, "against GitHub's word:\n" + "\n".join(faults)
