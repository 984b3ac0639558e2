"""What is left of an hour's writes to whom, on a clock of the test's own."""

from __future__ import annotations

import pytest

from bot.clients.github import Pace
from bot.clients.github.pacing import OF_A_REPOSITORY, OF_ANSWERS, OF_HELD, OF_RUNS, OF_WAITING, Share, Urgency
from bot.errors import Unavailable
from tests.unit.clients.github.test_pacing import Clock, Line


def test_a_share_leaves_the_rest_of_the_hour_to_others() -> None:
    clock = Clock()
    whole = Pace(clock.time, clock.sleep)
    answers, one, other = Share(whole, OF_ANSWERS), Share(whole, OF_A_REPOSITORY), Share(whole, OF_A_REPOSITORY)

    for _ in range(OF_ANSWERS):
        answers.wait()
    with pytest.raises(Unavailable) as full:
        answers.wait()
    assert 0 < (full.value.retry_after or 0) <= 3600

    # What people type never keeps a run waiting.
    for _ in range(200):
        one.wait()
    clock.now += 3600
    for _ in range(OF_A_REPOSITORY):
        one.wait()
    with pytest.raises(Unavailable):
        one.wait()
    # Nor does a repository with many runs keep its neighbours waiting.
    for _ in range(100):
        other.wait()


def test_a_run_that_waits_for_the_hour_may_say_so() -> None:
    line = Line()
    line.write("run", OF_RUNS)
    for _ in range(OF_RUNS):
        line.pass_by(1)
    line.edit("status")
    for number in range(OF_HELD - OF_RUNS + 1):
        line.edit(f"waits {number}", within=lambda: OF_HELD)
    line.pass_by(40)

    assert [name for name, _ in line.written[OF_RUNS:]] == [f"waits {number}" for number in range(OF_HELD - OF_RUNS)]
    line.write("answer", 1, Urgency.ANSWER)
    line.pass_by(1)
    assert line.written[-1][0] == "answer"
    line.end()


def test_an_edit_that_the_hour_has_no_room_for_holds_up_nothing() -> None:
    line = Line()
    line.write("run", OF_WAITING)
    line.pass_by(OF_WAITING)
    line.edit("queued", within=lambda: OF_WAITING)
    line.pass_by(60)
    line.write("step")

    assert line.written[-1] == ("step", line.now)
    line.end()


def test_word_of_a_wait_goes_beyond_the_share_that_is_used_up() -> None:
    clock = Clock()
    share = Share(Pace(clock.time, clock.sleep), OF_A_REPOSITORY)
    for _ in range(OF_A_REPOSITORY):
        share.wait()
    with pytest.raises(Unavailable):
        share.wait_aside(lambda: True)
    for _ in range(OF_HELD - OF_RUNS):
        assert share.wait_aside(lambda: True, within=lambda: OF_HELD)
    with pytest.raises(Unavailable):
        share.wait_aside(lambda: True, within=lambda: OF_HELD)
