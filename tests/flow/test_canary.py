"""Secrets stay where they are: what the bot logs, stores and says holds none of them, however things fail."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bot.demo.ports import free_port
from bot.hub import Hub
from bot.init import repository_files
from tests.fakes.faults import Fault, Faults
from tests.fakes.model import Failure, FakeModel
from tests.fakes.runner import FakeRunner
from tests.word.front import Word

REPOSITORY = "octo/services"
# None has a shape by which it could be known.
ENDPOINT, WEBHOOK, CLIENT = "a canary for an endpoint", 'a "canary" for webhooks', "a canary for sign-in"


def test_no_secret_is_logged_stored_or_said(tmp_path: Path, word: Word) -> None:
    """The endpoint repeats the key that it refuses, GitHub a header, and a bug leaves a traceback with both."""
    hub = word.hold(Hub(tmp_path / "hub", 0, FakeRunner(lambda _: ("success", ""))))
    faults = hub.front = Faults(hub.front)
    port = free_port()
    log = tmp_path / "log"

    def until(look: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not look():
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.05)

    refused = Failure(403, f"the key {ENDPOINT!r} may not use this model")
    with FakeModel([refused, refused], models=["fake"]) as model, hub, log.open("wb") as output:
        hub.create_repository(REPOSITORY, repository_files(), ["microservice"])
        app = hub.install_app(f"http://127.0.0.1:{port}/webhook", WEBHOOK)
        settings = {
            "GITHUB_APP_ID": str(app.app_id),
            # As `docker run --env-file` hands it on.
            "GITHUB_PRIVATE_KEY": '"' + app.private_key_pem.replace("\n", "\\n") + '"',
            "GITHUB_WEBHOOK_SECRET": WEBHOOK,
            "GITHUB_CLIENT_ID": app.client_id,
            "GITHUB_CLIENT_SECRET": CLIENT,
            "GITHUB_API_URL": hub.api_url,
            "OPENAI_BASE_URL": model.url,
            "OPENAI_API_KEY": ENDPOINT,
            "DATABASE_URL": f"sqlite:///{tmp_path}/runs.sqlite",
            "GPTDEPLOY_BIND": f"127.0.0.1:{port}",
        }
        command = [sys.executable, "-m", "bot", "serve"]
        bot = subprocess.Popen(command, env=os.environ | settings, stdout=output, stderr=output, cwd=tmp_path)
        try:
            until(lambda: b"worker is ready" in log.read_bytes())
            hub.open_issue(REPOSITORY, "Upper case", "### Description\n\nUpper case\n", ["microservice"])
            until(lambda: any("may not be used with this key" in body for body in bodies(hub)))
            httpx.post(f"http://127.0.0.1:{port}/webhook", content=WEBHOOK, headers={"X-GitHub-Event": CLIENT})
            # What GitHub has no reason to answer, so that the bot fails.
            nonsense = {"data": {"repository": f"{WEBHOOK} {ENDPOINT}"}}
            faults.plan(Fault("POST", "/graphql$", "query Standing", status=200, answer=nonsense, times=99))
            hub.comment(REPOSITORY, 1, "/retry")
            until(lambda: b"Traceback" in log.read_bytes())
        finally:
            bot.terminate()
            bot.wait(30)
        tokens = list(hub.parts.access._tokens)
        stored = b"".join(file.read_bytes() for file in tmp_path.glob("runs.sqlite*"))
        texts = {"log": log.read_bytes(), "database": stored, "comments": "\n".join(bodies(hub)).encode()}
    assert tokens
    key = app.private_key_pem.splitlines()[1:-1]
    canaries = [ENDPOINT, WEBHOOK, CLIENT, WEBHOOK.replace('"', '\\"'), app.private_key_pem, *key, *tokens]
    assert [(place, canary) for place, text in texts.items() for canary in canaries if canary.encode() in text] == []
    assert b"***" in texts["log"] and b"***" in texts["comments"]


def bodies(hub: Hub) -> list[str]:
    return [comment.body for comment in hub.repository(REPOSITORY).issues[1].comments]
