"""Tasks of the evaluation, from the issue to a service that is right, with what a model has once replied."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from tests.end_to_end.demos import REPLAYED
from tests.evaluate.table import failed_checks, what_is_wrong


@pytest.mark.parametrize("task", REPLAYED)
def test_a_recorded_task_comes_out_right(task: str, results: dict[str, Future[dict[str, Any]]]) -> None:
    result = results[task].result()
    assert (failed_checks(result), what_is_wrong(result)) == ([], "")
    assert result["verdict"] == "right"
    assert result["fixes"] == 0
