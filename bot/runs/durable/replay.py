"""What a workflow has recorded before this process: read at once when it begins, and used up as it goes.

The engine asks for one step after the other, each in a transaction with two statements. In a start with a thousand runs
that is most of what there is to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from dbos import DBOS

from bot.runs.durable.serializer import JsonSerializer
from bot.runs.durable.together import Together
from bot.runs.durable.transactions import transaction

_LONGEST = 2000
"""Characters. What is longer is read when it is its turn: a thousand runs that begin together hold little."""
# The tables are not part of DBOS's public interface, so pyproject.toml names its minor version. What failed is left to
# the engine, and so are sleeps, of which the rest may have to be slept.
_RECORDED = sa.text(
    "SELECT workflow_uuid, function_id, function_name, output FROM operation_outputs WHERE workflow_uuid IN :workflows"
    " AND error IS NULL AND function_name <> 'DBOS.sleep' AND (output IS NULL OR length(output) <= :longest)"
).bindparams(sa.bindparam("workflows", expanding=True))


@dataclass
class Recorded:
    """A step that was done before.

    Attributes:
        name: of the step, or of what the engine records in its place.
        output: what it returned, as the engine stores it; None where that is nothing.
    """

    number: int
    name: str
    output: str | None

    @property
    def value(self) -> Any:
        """What it returned."""
        return None if self.output is None else JsonSerializer().deserialize(self.output)


@dataclass
class Replay:
    """What a workflow does again. Used by its thread alone.

    Attributes:
        left: what is recorded and not used up, by its number: the engine counts from 1.
        at: the number of the last step.
    """

    left: dict[int, Recorded] = field(default_factory=dict)
    at: int = 0

    def next(self) -> Recorded | None:
        """Go on to the next step; return what is recorded of it, or None where the engine has to be asked."""
        self.at += 1
        recorded = self.left.pop(self.at, None)
        if recorded is not None and (number := DBOS.reserve_step().step_id) != self.at:
            raise RuntimeError(f"the engine is at step {number}, and not {self.at}")
        return recorded


_REPLAY: ContextVar[Replay] = ContextVar("replay")


def next_recorded() -> Recorded | None:
    """Return what is recorded of the next step of this thread's workflow, or None where the engine has to be asked."""
    # A step within a step is part of it.
    return _REPLAY.get().next() if DBOS.step_id is None else None


class Replays:
    """The workflows of a worker, with what they have recorded.

    Args:
        engine: of the database, which waits for a server that is away.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._read = Together(self._recorded)

    @contextmanager
    def begin(self, workflow: str) -> Iterator[None]:
        """Have the workflow of this thread begin."""
        token = _REPLAY.set(Replay(self._read(workflow) or {}))
        try:
            yield
        finally:
            _REPLAY.reset(token)

    @transaction
    def _recorded(self, connection: sa.Connection, workflows: Sequence[str]) -> dict[str, dict[int, Recorded]]:
        recorded: dict[str, dict[int, Recorded]] = {}
        for workflow, *step in connection.execute(_RECORDED, {"workflows": workflows, "longest": _LONGEST}):
            recorded.setdefault(workflow, {})[step[0]] = Recorded(*step)
        return recorded
