"""A repository keeps its key whatever it is called, and a name's next owner gets a key of its own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.database import open_engine
from bot.runs.durable.names import DurableNames
from bot.values.names import Known
from tests.unit.runs.durable.conftest import both

pytestmark = both


@pytest.fixture
def names(url: str) -> DurableNames:
    return DurableNames(open_engine(url, patient=True))


def test_a_key_is_the_first_name(names: DurableNames) -> None:
    assert names.key(Known(1, "octo/shop")) == "octo/shop"
    assert names.key(Known(1, "octo/store")) == "octo/shop"
    assert names.key(Known(1, "acme/store")) == "octo/shop"
    assert names.known("octo/shop") == Known(1, "acme/store")
    assert names.known("acme/store") is None


@pytest.mark.parametrize("taken", ["octo/shop", "Octo/Shop"])
def test_a_name_that_another_repository_had_is_told_from_it(names: DurableNames, taken: str) -> None:
    names.key(Known(1, "octo/shop"))
    names.key(Known(1, "octo/store"))
    assert names.key(Known(2, taken)) == f"{taken}~2"
    assert names.key(Known(2, taken)) == f"{taken}~2"
    assert names.known("octo/shop") == Known(1, "octo/store")
    assert names.known(f"{taken}~2") == Known(2, taken)


def test_a_repository_that_is_new_to_the_bot_goes_by_its_name_before_the_change(names: DurableNames) -> None:
    """Runs from before there was this table go by that."""
    assert names.key(Known(1, "octo/store"), "octo/shop") == "octo/shop"
    assert names.key(Known(1, "octo/store")) == "octo/shop"


def test_a_name_that_was_said_before_is_not_looked_up_and_one_that_is_back_is(url: str, names: DurableNames) -> None:
    elsewhere, looks = DurableNames(open_engine(url, patient=False)), []
    sa.event.listen(names._engine, "before_cursor_execute", lambda *_: looks.append(1))
    assert names.key(Known(1, "octo/shop")) == "octo/shop"
    looks.clear()
    assert names.key(Known(1, "octo/shop")) == "octo/shop"
    assert not looks
    assert names.key(Known(1, "octo/store")) == names.key(Known(1, "octo/shop")) == "octo/shop"
    assert names.known("octo/shop") == Known(1, "octo/shop")
    # Another process hears of one change, this one of the next.
    elsewhere.key(Known(1, "octo/store"), "octo/shop")
    names.key(Known(1, "octo/shop"), "octo/store")
    assert names.known("octo/shop") == Known(1, "octo/shop")


def test_what_github_says_counts_for_all_keys(names: DurableNames) -> None:
    names.learn("octo/shop", Known(1, "octo/shop"))
    names.learn("octo/shop", Known(1, "octo/store"))
    assert names.known("octo/shop") == Known(1, "octo/store")
    # One from before, which GitHub led to the same repository.
    names.learn("octo/old", Known(1, "octo/market"))
    assert names.known("octo/shop") == names.known("octo/old") == Known(1, "octo/market")
    assert names.key(Known(1, "octo/market")) == "octo/shop"


def test_an_owner_has_what_is_theirs_now(names: DurableNames) -> None:
    names.key(Known(1, "octo/shop"))
    names.key(Known(1, "acme/shop"))
    names.key(Known(2, "acme-inc/shop"))
    names.key(Known(3, "octo/other"))
    assert names.keys_of("Acme") == ["octo/shop"]
    assert names.keys_of("octo") == ["octo/other"]


def test_all_processes_know_the_same(url: str) -> None:
    web, worker = DurableRuns(url, patient=False), DurableRuns(url)
    assert web.key(1, "octo/shop") == worker.key(1, "octo/store") == "octo/shop"
    assert web.name("octo/shop") == "octo/store"
    web.close()
    worker.close()
