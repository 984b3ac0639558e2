"""What a worker logs says of which run, issue and delivery it is, whoever logs it."""

from __future__ import annotations

import json
import logging
from logging.config import dictConfig
from pathlib import Path

from bot.logs import configuration
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.lanes import Lane
from bot.values.command import CommandRequest, Request
from bot.values.progress import Progress
from bot.values.run import RunRequest
from tests.unit.runs.durable.working import Process, progress, request, until


def test_each_line_of_a_workflow_says_of_what_it_is(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def say(text: str) -> None:
        if not log.exists():
            file = {"class": "logging.FileHandler", "formatter": "json", "filename": str(log)}
            dictConfig(configuration() | {"handlers": {"stderr": file}})
        logging.getLogger("some.library").warning(text)

    def body(flow: Flow, wanted: RunRequest) -> Progress:
        flow.step("say", lambda: say("in a step"), returns=None)
        lane = Lane(lambda: say("in a lane"))
        lane.go_on()
        return progress(flow)

    def command(flow: Flow, wanted: Request) -> None:
        say("in a command")

    run = runs.start(request("d-1", 7)).run_id
    comment = CommandRequest(
        repo="o/r", installation=1, number=12, delivery="d-2", comment_id=5, is_pull=True, body="/status", actor="octo"
    )
    with Process(url, body, command):
        until(lambda: runs.finished(run))
        runs.command(comment)
        until(lambda: runs.finished("o/r/comment-5"))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    said = {line["text"]: (line["run"], line["issue"], line["delivery"]) for line in lines if "in a" in line["text"]}
    assert said == {
        "in a step": (run, "o/r#7", "d-1"),
        "in a lane": (run, "o/r#7", "d-1"),
        "in a command": ("o/r/comment-5", "o/r#12", "d-2"),
    }
