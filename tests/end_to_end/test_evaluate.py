"""Tasks of the evaluation, from the issue to a service that is right, with what a model has once replied."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from bot.demo.stack import Stack
from tests.end_to_end.demos import REPLAYED
from tests.evaluate.suite import load
from tests.evaluate.table import failed_checks, what_is_wrong
from tests.evaluate.trial import attempt

pytestmark = pytest.mark.end_to_end

_SECONDS = 600


@pytest.fixture(scope="module")
def results(stack: Stack) -> Iterator[dict[str, Future[dict[str, Any]]]]:
    """Tasks that were begun at the same time: what will come of each."""
    stopped = Event()
    with ThreadPoolExecutor(len(REPLAYED)) as pool:
        yield {task.name: pool.submit(attempt, stack, task, _SECONDS, stopped) for task in load(REPLAYED)}
        stopped.set()


@pytest.mark.parametrize("task", REPLAYED)
def test_a_recorded_task_comes_out_right(task: str, results: dict[str, Future[dict[str, Any]]]) -> None:
    result = results[task].result()
    assert (failed_checks(result), what_is_wrong(result)) == ([], "")
    assert result["verdict"] == "right"
    assert result["fixes"] == 0
