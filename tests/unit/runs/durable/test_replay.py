"""What a run has recorded is read once when it goes on in another process, and nothing of it is done again."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import Process, Trace, progress, request, until

_STEPS = 30


@both
def test_a_run_that_goes_on_reads_all_that_it_has_recorded_at_once(url: str, runs: DurableRuns, trace: Trace) -> None:
    asked: list[str] = []

    def body(flow: Flow, _: RunRequest) -> Progress:
        numbers = [flow.step(f"step {n}", partial(_marked, trace, n), returns=int) for n in range(_STEPS)]
        # A step within a step is no step of the run.
        times = flow.step("within", lambda: [flow.now(), flow.now()], returns=list[float])
        flow.publish(progress(flow, Stage.BUILD, f"{numbers}"))
        long = flow.step("long", lambda: "x" * 5000, returns=str)
        said = f"{sum(numbers)} {sum(times)} {len(long)} {flow.now()}"
        while not flow.step("look", lambda: trace.look(said), returns=bool):
            flow.wait(60)
        trace.mark(f"asked {len(asked)}")
        flow.publish(progress(flow, note=said))
        return progress(flow)

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "operation_outputs" in statement and statement.startswith("SELECT"):
            asked.append(statement)

    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: bool(trace.lines("look")))
    trace.go()
    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        with Process(url, body):
            until(lambda: runs.finished(run))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)

    # All of it is as it was, and done once.
    assert [text for text, _ in trace.lines("did")] == [f"did {n}" for n in range(_STEPS)]
    [said] = {text.removeprefix("look ") for text, _ in trace.lines("look")}
    found = runs.latest("o/r", 7)
    assert found is not None and (found.stage, found.note) == (Stage.DONE, said)
    # Once, and for what is long, and for the look.
    assert [text for text, _ in trace.lines("asked")] == ["asked 3"]


def _marked(trace: Trace, number: int) -> int:
    trace.mark(f"did {number}")
    return number
