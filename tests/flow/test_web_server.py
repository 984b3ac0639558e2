"""The web process as it runs in production: gunicorn, several processes, real sockets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
from bot.config import Settings
from bot.web.server import serve
from tests.fakes.runs import FakeRuns

serve(
    Settings(
        github_app_id=1,
        github_private_key="-----BEGIN",
        github_webhook_secret="it is a secret",
        openai_api_key="key",
        bind="127.0.0.1:0",
    ),
    FakeRuns,
)
"""


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the server on a free port; yields its process and address once it listens."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                found = re.search(r"Listening at: (http://127\.0\.0\.1:[1-9][0-9]*)", json.loads(line)["text"])
                if found:
                    break
            assert found, "it never listened"
            yield process, found[1]
        finally:
            if process.poll() is None:
                process.kill()


def test_it_answers_and_ends_when_told(server: tuple[subprocess.Popen[str], str]) -> None:
    process, address = server
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/").status_code == 200
        assert client.post("/webhook", content=b"{}").status_code == 401
        assert client.post("/webhook", content=iter([b"{", b"}"])).status_code == 401
    process.terminate()
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    # One line a delivery, each a JSON object, and no access log beside them.
    statuses = [entry["status"] for line in log.splitlines() if "status" in (entry := json.loads(line))]
    assert statuses == [401, 401]
