"""`/help` and `/status`: what anybody may ask."""

from __future__ import annotations

from bot.commands import COMMANDS
from bot.commands.answer import carry_out
from bot.values.cost import Usage
from bot.values.deployment import Deployment
from bot.values.progress import Stage, StrategyRecord
from bot.values.run import RunKind
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import FakeRepository, asked, comment


def test_help_is_the_table(runs: FakeRuns, repository: FakeRepository) -> None:
    reply = carry_out(comment("/help", actor="stranger"), repository, runs)
    assert reply is not None
    assert reply.endswith(f"\n\n{COMMANDS.table()}")
    for command in COMMANDS:
        assert f"| `{command.example}` |" in reply
        assert str(command.help) in reply


def test_status_before_anything_ran(runs: FakeRuns, repository: FakeRepository) -> None:
    assert carry_out(comment("/status", actor="stranger"), repository, runs) == (
        "Nothing has run for #3 so far. The label `microservice` on an issue starts it."
    )


def test_status_at_work_and_after(runs: FakeRuns, repository: FakeRepository) -> None:
    run = runs.start(asked(RunKind.NEW)).run_id
    runs.published[run] = runs.published[run].model_copy(
        update={
            "stage": Stage.BUILD,
            "note": "waiting for the build",
            "strategies": (
                StrategyRecord(name="pillow", pull=12, commits=11, reason="10 fixes are spent"),
                StrategyRecord(name="segno"),
            ),
            "fixes": 1,
            "usage": Usage(prompt=1200, completion=34),
        }
    )
    figures = (
        "1. pillow (#12): planned, 11 commits; 10 fixes are spent\n2. segno: planned\n\n"
        "1 fix pushed · 1,200 tokens sent, 34 received · 0 s in all: model 0 s, builds 0 s, deployment 0 s."
    )
    assert carry_out(comment("/status", 12), repository, runs) == (
        f"At work on #3, stage **build**: waiting for the build\n\n{figures}"
    )
    runs.end(run, Stage.FAILED)
    assert carry_out(comment("/status"), repository, runs) == (
        f"No longer at work on #3, stage **failed**: waiting for the build\n\n{figures}\n\n`/retry` starts again."
    )
    live = Deployment(playground_url="http://qr.localhost:8080/", api_url="http://qr.localhost:8080/execute")
    runs.published[run] = runs.published[run].model_copy(update={"stage": Stage.DONE, "note": "", "deployment": live})
    assert carry_out(comment("/status"), repository, runs) == (
        f"No longer at work on #3, stage **done**\n\n{figures}\n\nThe playground: http://qr.localhost:8080/"
    )
