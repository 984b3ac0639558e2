"""The web process as it runs in production: gunicorn, its threads, real sockets."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from tests.flow.web_process import start_web


def test_it_answers_and_ends_when_told(tmp_path: Path) -> None:
    with start_web(tmp_path) as web:
        with httpx.Client(base_url=web.url, trust_env=False, timeout=30) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            assert client.get("/").status_code == 200
            assert client.post("/webhook", content=b"{}").status_code == 401
            assert client.post("/webhook", content=iter([b"{", b"}"])).status_code == 401
        web.process.terminate()
        assert web.process.wait(30) == 0
    # One line a delivery, each a JSON object, and no access log beside them.
    lines = web.log.read_text().splitlines()
    assert [entry["status"] for line in lines if "status" in (entry := json.loads(line))] == [401, 401]
