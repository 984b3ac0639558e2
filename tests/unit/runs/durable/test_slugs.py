"""Of two issues that want one name, one has it; the same call again changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.runs.durable.database import open_engine
from bot.runs.durable.slugs import Slugs
from tests.unit.runs.durable.conftest import both

pytestmark = both


@pytest.fixture
def slugs(url: str) -> Slugs:
    return Slugs(open_engine(url, patient=True))


def test_the_first_has_it_and_has_it_again_after_a_crash(slugs: Slugs) -> None:
    assert slugs.take("octo/shop", "qr", 1)
    assert not slugs.take("octo/shop", "qr", 2)
    assert slugs.take("octo/shop", "qr", 1)
    assert slugs.take("octo/other", "qr", 2)
    assert slugs.held("octo/shop") == {"qr": 1}


def test_what_is_released_is_free_for_others_alone(slugs: Slugs) -> None:
    slugs.take("octo/shop", "qr", 1)
    # Somebody else's stays.
    slugs.release("octo/shop", "qr", 2)
    assert slugs.held("octo/shop") == {"qr": 1}
    for _ in range(2):
        slugs.release("octo/shop", "qr", 1)
    assert slugs.take("octo/shop", "qr", 2)


def test_of_many_at_the_same_time_one_has_it(slugs: Slugs) -> None:
    with ThreadPoolExecutor(8) as pool:
        had = list(pool.map(lambda issue: slugs.take("octo/shop", "qr", issue), range(1, 33)))
    assert had.count(True) == 1
    assert slugs.held("octo/shop") == {"qr": had.index(True) + 1}
