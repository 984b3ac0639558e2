"""`kill -9` of the worker after every single write to GitHub, before it hears the answer: nothing happens twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.config import REPO_CONFIG_PATH, Settings
from bot.demo.ports import free_port
from bot.hub import Hub
from bot.hub.act import WorkflowOrder
from bot.init import repository_files
from bot.runs.durable.client import DurableRuns
from bot.values.progress import Progress
from bot.web import create_app
from tests.fakes.model import FakeModel
from tests.fakes.runner import FakeRunner, Script
from tests.flow.replies import files, fix, replanned, spec, strategies, suite
from tests.flow.scene import announce
from tests.flow.test_run import BODY, RED
from tests.flow.worker_process import start_worker

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

REPOSITORY = "octo/services"
SECRET = "crash-secret"
_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "host"}


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


class Worker:
    """The bot's worker as a process; killed whenever it has written something, and started again."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.kills = 0
        self._environment = environment
        self._log = log
        self._lock = threading.Lock()
        self._process = start_worker(environment, log)

    def kill(self) -> None:
        with self._lock:
            self._process.kill()
            self._process.join()
            self.kills += 1
            self._process = start_worker(self._environment, self._log)

    def close(self) -> None:
        with self._lock:
            self._process.kill()
            self._process.join()


class Proxy:
    """Stands between the bot and GitHub: a write is passed on, and its answer never arrives."""

    def __init__(self) -> None:
        self.target = ""
        self._client = httpx.Client(trust_env=False, timeout=30)
        self._server = make_server("127.0.0.1", 0, self._pass_on, threaded=True, request_handler=Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.worker: Worker | None = None
        self.seen: set[str] = set()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def _pass_on(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") and name != "HTTP_HOST"
        }
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        url = f"{self.target}{environ['PATH_INFO']}{query}"
        answer = self._client.request(environ["REQUEST_METHOD"], url, content=body, headers=headers)
        self._maybe_kill(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP]
        start_response(f"{answer.status_code} {answer.reason_phrase}", kept)
        return [answer.content]

    def _maybe_kill(self, method: str, path: str, body: bytes) -> None:
        """Kill the worker the first time it makes a certain write; the second time it may hear the answer."""
        if (
            method == "GET"
            or path.endswith("/access_tokens")
            or (path.endswith("/graphql") and b"mutation" not in body)
        ):
            return
        what = f"{method} {path} {body[:4000]!r}"
        if what not in self.seen and self.worker is not None:
            self.seen.add(what)
            self.worker.kill()


def bot_says(hub: Hub, issue: int, title: str) -> bool:
    """Return whether the bot has commented something that begins so."""
    with hub.parts.state.lock:
        return any(comment.body.startswith(title) for comment in hub.repository(REPOSITORY).issues[issue].comments)


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as model:
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


def carry_out(folder: Path, model: FakeModel, build: Script, deploy: Script = announce, config: str = "") -> Outcome:
    """Open an issue and wait until its run has ended; the first plan is changed, and the second one approved."""
    says = {"### Plan 1": "/revise any alphabet", "### Plan 2": "/approve"}

    def script(order: WorkflowOrder) -> tuple[str, str]:
        return deploy(order) if order.workflow_path.endswith("microservice-deploy.yml") else build(order)

    database = f"sqlite:///{folder}/runs.sqlite"
    runs = DurableRuns(database)
    proxy = Proxy()
    port = free_port(0)
    proxy.target = f"http://127.0.0.1:{port}"
    hub = Hub(folder / "hub", port, FakeRunner(script), public_url=proxy.url)
    hub.start()
    hub.create_repository(REPOSITORY, repository_files() | ({REPO_CONFIG_PATH: config} if config else {}))
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
    web = make_server(
        "127.0.0.1", 0, create_app(Settings.from_environment(settings), runs), threaded=True, request_handler=Silent
    )
    threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
    app = hub.install_app(f"http://127.0.0.1:{web.server_port}/webhook", SECRET)
    (folder / "key.pem").write_text(app.private_key_pem)
    worker = proxy.worker = Worker({**settings, "GITHUB_APP_ID": str(app.app_id)}, folder / "log")
    try:
        issue = hub.open_issue(REPOSITORY, "Upper case", BODY, ["microservice"]).number
        deadline = time.monotonic() + 240
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
    tmp_path: Path, model: FakeModel, config: str, thought: list[str], comments: int
) -> None:
    red = [RED]

    def build(_: WorkflowOrder) -> tuple[str, str]:
        return ("failure", red.pop()) if red else ("success", "all good")

    model.answers += [*thought, files("input.text"), fix("Wrong.", "input.text.upper()")]
    outcome = carry_out(tmp_path, model, build, config=config)

    assert outcome.progress.stage == "done", outcome.progress.note
    # A reaction, a comment, a branch, a pull request, a fix, a merge, a deleted branch, a close, and the edits between.
    assert outcome.kills >= 10
    assert len(outcome.pulls) == 1
    assert outcome.comments == comments
    assert outcome.commits == [f"Add upper-case (#{outcome.pulls[0]})", "Initial commit"]
    assert outcome.checks == ["failure", "success"]
    assert not model.answers
    assert len(model.requests) == len(thought) + 2


def test_nothing_happens_twice_side_by_side(tmp_path: Path, model: FakeModel) -> None:
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
    outcome = carry_out(tmp_path, model, build, deploy, "parallel: 2\n")

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
