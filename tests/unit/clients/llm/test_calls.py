"""How many calls an endpoint gets at a time, and in which order the others follow."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from bot.clients.llm import Message, Model
from bot.clients.llm.endpoint import CALLS
from tests.fakes.model import FakeModel, Later, serving
from tests.unit.clients.llm.conversing import files


def start(model: Model, text: str) -> threading.Thread:
    """Ask in a thread of its own, and return once the thread waits for the answer."""
    caller = threading.Thread(
        target=files, args=(model, "fix", [Message(role="user", content=text)]), kwargs={"read": str}
    )
    caller.start()
    until(lambda: caller.ident is not None and sys._current_frames()[caller.ident].f_code.co_name == "wait")
    return caller


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def asked(fake: FakeModel) -> list[str]:
    return [request["messages"][0]["content"] for request in fake.requests]


def test_a_call_beyond_the_limit_waits_and_the_longest_waiting_goes_first() -> None:
    answers = [Later(str(number)) for number in range(CALLS + 3)]
    with serving(*answers, name="m", models=None) as (fake, model):
        callers = [start(model, f"call {number}") for number in range(CALLS)]
        until(lambda: len(fake.requests) == CALLS)
        callers += [start(model, f"call {number}") for number in range(CALLS, CALLS + 3)]
        time.sleep(0.1)
        assert len(fake.requests) == CALLS
        for number, answer in enumerate(answers, 1):
            answer.ready.set()
            until(lambda: len(fake.requests) == min(CALLS + number, len(answers)))  # noqa: B023 (it is called here)
        for caller in callers:
            caller.join()
    assert asked(fake)[CALLS:] == [f"call {number}" for number in range(CALLS, CALLS + 3)]
