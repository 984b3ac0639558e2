"""Nobody uses up what the bot may write: few answers to outsiders, and what members ask for too much waits."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.commands.allowance import TO_A_MEMBER, TO_AN_OUTSIDER, TO_OUTSIDERS, TO_OUTSIDERS_OF_AN_OWNER, Allowance
from bot.errors import Hindrance, Unavailable
from bot.runs.durable.database import open_engine
from bot.runs.durable.windows import ServerWindows
from tests.fakes.postgres import Server
from tests.unit.runs.durable.working import FORK

Fresh = Callable[[], Allowance]
"""Makes another worker's allowance: of the same hour where it is shared."""


@pytest.fixture(params=["in memory", "shared"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    if request.param == "in memory":
        allowance = Allowance()
        return lambda: allowance
    url = request.getfixturevalue("postgres").prepared()
    return lambda: Allowance(shared=ServerWindows(open_engine(url, patient=True)))


def test_an_outsider_gets_three_answers_wherever_they_ask(fresh: Fresh) -> None:
    allowance = fresh()
    answered = [allowance.outsider(f"octo/{number % 2}", "eve", str(number)) for number in range(260)]
    assert answered == [True] * TO_AN_OUTSIDER + [False] * 257
    assert allowance.outsider("octo/0", "adam", "x")


def test_a_restart_gives_an_outsider_nothing_more(tmp_path: Path) -> None:
    """Nor do many; and what a crash has left of the file does no harm."""
    kept = tmp_path / "runs.sqlite.answered"
    answered = 0
    for start in range(5):
        allowance = Allowance(kept)
        answered += sum(allowance.outsider("octo/one", "eve", f"{start}-{number}") for number in range(52))
        with kept.open("a") as file:
            file.write('{"at": 17')
    assert answered == TO_AN_OUTSIDER
    assert kept.stat().st_mode & 0o777 == 0o600
    assert Allowance(kept).outsider("octo/one", "eve", "0-0"), "it was answered before, and is tried again"


def test_what_was_answered_an_hour_ago_counts_no_more(tmp_path: Path) -> None:
    kept = tmp_path / "answered"
    before = {"at": time.time() - 3_601, "repo": "octo/one", "person": "eve"}
    kept.write_text("".join(json.dumps(before | {"comment": str(number)}) + "\n" for number in range(3)))
    assert Allowance(kept).outsider("octo/one", "eve", "x")


def test_many_outsiders_together_get_no_more_than_a_repository_and_an_owner_gives(fresh: Fresh) -> None:
    allowance = fresh()
    answered = [allowance.outsider("octo/one", f"eve-{number}", str(number)) for number in range(100)]
    assert sum(answered) == TO_OUTSIDERS
    elsewhere = [allowance.outsider(f"octo/{number}", f"adam-{number}", str(number)) for number in range(200)]
    assert sum(elsewhere) == TO_OUTSIDERS_OF_AN_OWNER - TO_OUTSIDERS
    assert allowance.outsider("acme/one", "cain", "x")


def test_what_a_member_asks_for_too_much_waits_and_is_not_refused(fresh: Fresh) -> None:
    allowance = fresh()
    for number in range(TO_A_MEMBER):
        allowance.member("octo/one", "ada", str(number))
    with pytest.raises(Unavailable) as full:
        allowance.member("octo/one", "ada", "one more")
    assert full.value.hindrance is Hindrance.LIMIT
    assert 3500 < (full.value.retry_after or 0) <= 3600
    allowance.member("octo/one", "bea", "another person")
    allowance.member("octo/two", "ada", "another repository")


def test_a_comment_that_is_tried_again_counts_once(fresh: Fresh) -> None:
    allowance = fresh()
    for _ in range(500):
        assert allowance.outsider("octo/one", "eve", "the same")
        allowance.member("octo/one", "ada", "another")
    assert allowance.outsider("octo/one", "eve", "a second")


def test_workers_share_what_they_answer(postgres: Server) -> None:
    """Also at the same moment."""
    url = postgres.prepared()

    def ask(number: int) -> None:
        shared = Allowance(shared=ServerWindows(open_engine(url, patient=True)))
        answered = [shared.outsider("octo/one", f"eve-{number}-{each}", f"{number}-{each}") for each in range(10)]
        os._exit(sum(answered))

    processes = [FORK.Process(target=ask, args=(number,)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert sum(process.exitcode or 0 for process in processes) == TO_OUTSIDERS
