"""Nobody uses up what the bot may write: few answers to outsiders, and what members ask for too much waits."""

from __future__ import annotations

import pytest

from bot.commands.allowance import TO_A_MEMBER, TO_AN_OUTSIDER, TO_OUTSIDERS, TO_OUTSIDERS_OF_AN_OWNER, Allowance
from bot.errors import Hindrance, Unavailable


def test_an_outsider_gets_three_answers_wherever_they_ask() -> None:
    allowance = Allowance()
    answered = [allowance.outsider(f"octo/{number % 2}", "eve", str(number)) for number in range(260)]
    assert answered == [True] * TO_AN_OUTSIDER + [False] * 257
    assert allowance.outsider("octo/0", "adam", "x")


def test_many_outsiders_together_get_no_more_than_a_repository_and_an_owner_gives() -> None:
    allowance = Allowance()
    answered = [allowance.outsider("octo/one", f"eve-{number}", str(number)) for number in range(100)]
    assert sum(answered) == TO_OUTSIDERS
    elsewhere = [allowance.outsider(f"octo/{number}", f"adam-{number}", str(number)) for number in range(200)]
    assert sum(elsewhere) == TO_OUTSIDERS_OF_AN_OWNER - TO_OUTSIDERS
    assert allowance.outsider("acme/one", "cain", "x")


def test_what_a_member_asks_for_too_much_waits_and_is_not_refused() -> None:
    allowance = Allowance()
    for number in range(TO_A_MEMBER):
        allowance.member("octo/one", "ada", str(number))
    with pytest.raises(Unavailable) as full:
        allowance.member("octo/one", "ada", "one more")
    assert full.value.hindrance is Hindrance.LIMIT
    assert 3500 < (full.value.retry_after or 0) <= 3600
    allowance.member("octo/one", "bea", "another person")
    allowance.member("octo/two", "ada", "another repository")


def test_a_comment_that_is_tried_again_counts_once() -> None:
    allowance = Allowance()
    for _ in range(500):
        assert allowance.outsider("octo/one", "eve", "the same")
        allowance.member("octo/one", "ada", "another")
    assert allowance.outsider("octo/one", "eve", "a second")
