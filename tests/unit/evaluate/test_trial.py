"""One task from its issue to a verdict, with what the stack tells of its run."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from bot.demo.stack import Stack
from bot.hub import Hub
from bot.runs.durable.client import DurableRuns
from bot.values.cost import Usage
from bot.values.deployment import Deployment
from bot.values.progress import Progress, Stage, StrategyRecord
from tests.evaluate.judge import Verdict
from tests.evaluate.suite import Task
from tests.evaluate.trial import attempt

TASK = Task(name="upper", title="Upper case", description="Convert text to upper case.\n", scenarios="- a gives A\n")
DONE = Progress(
    run_id="r",
    repo="octo/services",
    issue=7,
    started_at=0,
    stage=Stage.DONE,
    slug="upper",
    strategies=(StrategyRecord(name="s", commits=2),),
    fixes=1,
    usage=Usage(prompt=10, completion=5),
    stages={"specify": Usage(prompt=10, completion=5, calls=1)},
)
FINE, BAD = Verdict(check="one", wanted="A."), Verdict(check="two", wanted="B.", fault="wanted A, came a")


class Stacked(Stack):
    """A stack whose bot has already come as far as it comes; it keeps which issues were opened and runs stopped."""

    def __init__(self, progress: Progress | None, ended: bool = True) -> None:
        super().__init__(hub=cast(Hub, None), runs=cast(DurableRuns, _Runs()), bot_url="", scripted=False)
        object.__setattr__(self, "progress", progress)
        object.__setattr__(self, "ended", ended)
        object.__setattr__(self, "opened", [])

    def open_issue(self, title: str, body: str) -> tuple[int, str]:
        vars(self)["opened"].append((title, body))
        return 7, "http://hub/7"

    def look(self, issue: int) -> tuple[Progress | None, bool]:
        assert issue == 7
        return vars(self)["progress"], vars(self)["ended"]


class _Runs:
    def __init__(self) -> None:
        self.stopped: list[str] = []

    def stop(self, run: str) -> None:
        self.stopped.append(run)


@pytest.fixture
def live() -> Any:
    """A deployment whose service answers every request with an empty object."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send(b"{}")

        def do_GET(self) -> None:
            example = b'{"application/json": {"examples": {"example": {"value": {}}}}}'
            self._send(b'{"paths": {"/execute": {"post": {"requestBody": {"content": %s}}}}}' % example)

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://upper.localhost:{server.server_port}"
        yield Deployment(playground_url=url, api_url=f"{url}/execute")
        server.shutdown()


def tried(stack: Stack, verdicts: Sequence[Verdict] = (FINE,), seconds: float = 30) -> dict[str, Any]:
    return attempt(stack, TASK, seconds, threading.Event(), lambda task, _: verdicts if task == "upper" else ())


def test_a_live_service_is_judged(live: Deployment) -> None:
    stack = Stacked(DONE.model_copy(update={"deployment": live}))
    result = tried(stack)
    assert (result["task"], result["verdict"], result["outcome"]) == ("upper", "right", "deployed")
    assert (result["fixes"], result["stages"]["specify"]["calls"]) == (1, 1)
    assert result["checks"] == [{"check": "one", "wanted": "A.", "fault": ""}]
    body = "### Description\n\nConvert text to upper case.\n\n### Test scenarios\n\n- a gives A\n"
    assert vars(stack)["opened"] == [("Upper case", body)]


def test_one_check_that_fails_is_enough(live: Deployment) -> None:
    result = tried(Stacked(DONE.model_copy(update={"deployment": live})), [FINE, BAD])
    assert result["verdict"] == "live"
    assert [check["fault"] for check in result["checks"]] == ["", "wanted A, came a"]


def test_what_was_not_deployed_is_not_judged() -> None:
    result = tried(Stacked(DONE.model_copy(update={"stage": Stage.FAILED, "note": "no strategy is left"})), [FINE])
    assert (result["verdict"], result["outcome"], result["checks"]) == ("neither", "failed", [])


def test_a_run_past_its_limit_is_stopped() -> None:
    stack = Stacked(DONE.model_copy(update={"stage": Stage.FIX, "note": "fix 3"}), ended=False)
    result = tried(stack, seconds=0)
    assert (result["verdict"], result["outcome"]) == ("neither", "timed out")
    assert result["note"] == "stopped at the limit, at: fix 3"
    assert cast(_Runs, stack.runs).stopped == ["r"]
    assert tried(Stacked(None, ended=False), seconds=0)["note"] == "the bot said nothing about the issue"
