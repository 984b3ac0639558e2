"""The record of this repository: each reply in it still passes the checks of its stage, first time."""

from __future__ import annotations

import pytest

from bot.generate import Writer, propose_strategies, write_service, write_spec, write_tests
from bot.generate.files import Preflight
from bot.runs.ideas import read_idea
from bot.values.github import Issue
from bot.values.service import Brief
from tests.evaluate.record import FOLDER, read
from tests.evaluate.suite import Task, load
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages


@pytest.mark.parametrize("task", [pytest.param(task, id=task.name) for task in load()])
def test_a_recorded_task_is_written_as_it_was(task: Task) -> None:
    recorded = read(FOLDER, task.name)
    assert recorded is not None
    replies = {exchange.stage: exchange.reply for exchange in recorded.exchanges}
    assert list(replies) == ["specify", "tests", "strategize", "implement"]
    body = {"number": 1, "title": task.title, "body": task.body(), "author": "octo", "state": "open", "url": ""}
    idea = read_idea(Issue.model_validate(body))
    with FakeModel([str(reply) for reply in replies.values()]) as fake:
        model = fake.client()
        writer = Writer(model, Preflight(FakePackages()))
        spec, _ = write_spec(writer, idea, ())
        tests, _ = write_tests(writer, spec)
        strategies, _ = propose_strategies(writer, spec, (), 1)
        write_service(writer, Brief(spec=spec, tests=tests), strategies[0])
        model.close()
    assert len(fake.requests) == 4
