"""`kill -9` of the worker after every single write to GitHub, before it hears the answer: nothing happens twice."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from bot.config import REPO_CONFIG_PATH, Settings
from bot.demo.ports import free_port
from bot.hub import Hub
from bot.hub.act import WorkflowOrder
from bot.init import repository_files
from bot.runs.durable.client import DurableRuns
from bot.values.progress import Progress
from bot.web import create_app
from tests.fakes.app_key import app_key
from tests.fakes.model import FakeModel
from tests.fakes.runner import FakeRunner, Script
from tests.flow.killing import Proxy, Silent, Worker
from tests.flow.replies import files, fix, replanned, spec, strategies, suite
from tests.flow.scene import announce
from tests.flow.test_run import BODY, RED
from tests.word.front import Word

if TYPE_CHECKING:
    pass

REPOSITORY = "octo/services"
SECRET = "crash-secret"


def steps_stored(database: Path) -> int:
    """Return how many steps the workflows in a database have done."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM operation_outputs").fetchone()[0])


def bot_says(hub: Hub, issue: int, title: str) -> bool:
    """Return whether the bot has commented something that begins so."""
    with hub.parts.state.lock:
        return any(comment.body.startswith(title) for comment in hub.repository(REPOSITORY).issues[issue].comments)


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as model:
        # An edit of the status may be what the worker is killed after, while the model is asked.
        model.repeats = True
        yield model


@dataclass(frozen=True)
class Outcome:
    """What came of one issue while the worker was killed again and again.

    Attributes:
        kills: how often it was killed.
        comments: how many comments the bot has written.
        pulls: numbers of the pull requests.
        commits: first lines of the commits on the default branch, the newest first.
        checks: what the bot's check runs conclude, in order.
    """

    progress: Progress
    kills: int
    comments: int
    pulls: list[int]
    commits: list[str]
    checks: list[str | None]


def carry_out(
    folder: Path, word: Word, model: FakeModel, build: Script, deploy: Script = announce, config: str = ""
) -> Outcome:
    """Open an issue and wait until its run has ended; the first plan is changed, and the second one approved."""
    # What a person reads last before each answer.
    says = {"### Plan 1": "/revise any alphabet", "<details><summary>Plan 1, replaced": "/approve"}

    def script(order: WorkflowOrder) -> tuple[str, str]:
        # Workflows go past the proxy: what they ask for is none of the worker's.
        order = replace(order, api_url=order.api_url.replace(proxy.url, proxy.target))
        return deploy(order) if order.workflow_path.endswith("microservice-deploy.yml") else build(order)

    database = f"sqlite:///{folder}/runs.sqlite"
    runs = DurableRuns(database)
    proxy = Proxy(partial(steps_stored, folder / "runs.sqlite"))
    port = free_port()
    proxy.target = f"http://127.0.0.1:{port}"
    hub = word.hold(Hub(folder / "hub", port, FakeRunner(script), public_url=proxy.url))
    hub.start()
    files = repository_files() | ({REPO_CONFIG_PATH: config} if config else {})
    hub.create_repository(REPOSITORY, files, ["microservice"])
    settings = {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": str(folder / "key.pem"),
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "GITHUB_API_URL": f"{proxy.url}/api/v3",
        "OPENAI_BASE_URL": model.url,
        "OPENAI_MODEL": "fake",
        "DATABASE_URL": database,
        "GPTDEPLOY_POLL_SECONDS": "1",
    }
    # The App is registered when the web process listens; no request of that one needs its key.
    (folder / "key.pem").write_text(app_key())
    web = make_server(
        "127.0.0.1", 0, create_app(Settings.from_environment(settings), runs), threaded=True, request_handler=Silent
    )
    threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
    app = hub.install_app(f"http://127.0.0.1:{web.server_port}/webhook", SECRET)
    (folder / "key.pem").write_text(app.private_key_pem)
    worker = proxy.worker = Worker({**settings, "GITHUB_APP_ID": str(app.app_id)}, folder / "log")
    try:
        issue = hub.open_issue(REPOSITORY, "Upper case", BODY, ["microservice"]).number
        deadline = time.monotonic() + 900
        while True:
            progress = runs.latest(REPOSITORY, issue)
            if progress is not None and runs.finished(progress.run_id):
                break
            if progress is not None and progress.stage == "plan":
                waits = [title for title in says if bot_says(hub, issue, title)]
                if waits:
                    # It waits, and is killed without having written anything.
                    worker.kill()
                    hub.comment(REPOSITORY, issue, says.pop(waits[0]), "octo")
            assert time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
            time.sleep(0.1)
        repository = hub.repository(REPOSITORY)
        comments = Counter(c.author.login for one in repository.issues.values() for c in one.comments)
        return Outcome(
            progress=progress,
            kills=worker.kills,
            comments=comments["gptdeploy[bot]"],
            pulls=[number for number, one in repository.issues.items() if one.pull is not None],
            commits=[commit.headline for commit in repository.git.log("main")],
            checks=[check.conclusion for check in repository.check_runs],
        )
    finally:
        proxy.worker = None
        worker.close()
        web.shutdown()
        web.server_close()
        proxy.close()
        hub.stop()
        runs.close()


@pytest.mark.parametrize(
    ("config", "thought", "comments"),
    [
        ("", [spec(), suite(), strategies("str.upper")], 1),
        # The status, two plans, and the replies to who changes the first one and approves the second.
        ("plan: approve", [spec(), strategies("str.upper"), replanned(), suite()], 5),
    ],
    ids=["at once", "by a plan"],
)
def test_nothing_happens_twice(
    tmp_path: Path, word: Word, model: FakeModel, config: str, thought: list[str], comments: int
) -> None:
    red = [RED]

    def build(_: WorkflowOrder) -> tuple[str, str]:
        return ("failure", red.pop()) if red else ("success", "all good")

    model.answers += [*thought, files("input.text"), fix("Wrong.", "input.text.upper()")]
    outcome = carry_out(tmp_path, word, model, build, config=config)

    assert outcome.progress.stage == "done", outcome.progress.note
    # A reaction, a comment, a branch, a pull request, a fix, a merge, a deleted branch, a close, and the edits between.
    assert outcome.kills >= 10
    assert len(outcome.pulls) == 1
    assert outcome.comments == comments
    assert outcome.commits == [f"Add upper-case (#{outcome.pulls[0]})", "Initial commit"]
    assert outcome.checks == ["failure", "success"]
    assert not model.answers
    assert len(model.requests) == len(thought) + 2


def test_nothing_happens_twice_side_by_side(tmp_path: Path, word: Word, model: FakeModel) -> None:
    red, merged = [RED], threading.Event()

    def build(order: WorkflowOrder) -> tuple[str, str]:
        if order.event["pull_request"]["number"] == 3:
            # It is still under way when the other one is green, and is cancelled then.
            merged.wait(240)
            return "success", "all good"
        return ("failure", red.pop()) if red else ("success", "all good")

    def deploy(order: WorkflowOrder) -> tuple[str, str]:
        merged.set()
        return announce(order)

    plan = [spec(), suite(), strategies("first", "second")]
    model.answers += [*plan, files("input.text"), files(), fix("Wrong.", "input.text.upper()")]
    outcome = carry_out(tmp_path, word, model, build, deploy, "parallel: 2\n")

    assert outcome.progress.stage == "done", outcome.progress.note
    assert [(record.outcome, record.commits) for record in outcome.progress.strategies] == [
        ("merged", 2),
        ("stopped", 1),
    ]
    # The same as above, and a branch, a pull request, its closing with a comment, a cancelled build.
    assert outcome.kills >= 15
    assert outcome.pulls == [2, 3]
    # The status, and the sentence on the pull request that is closed.
    assert outcome.comments == 2
    assert outcome.commits == ["Add upper-case (#2)", "Initial commit"]
    assert not model.answers
    assert len(model.requests) == 6
