"""The web process as it runs in production, while another process holds the database."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.fakes.labelled import labelled
from tests.flow.web_process import SECRET, start_web

SENDERS = 48
SECONDS = 12


def deliver(client: httpx.Client, number: int) -> tuple[int, bool, float]:
    """Send a label, and return the status, whether it says when to come again, and how long the answer took."""
    body = json.dumps(labelled(number)).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": str(number), "X-Hub-Signature-256": signature}
    began = time.monotonic()
    answer = client.post("/webhook", content=body, headers=headers)
    return answer.status_code, "Retry-After" in answer.headers, time.monotonic() - began


def test_deliveries_are_refused_and_the_process_stays_alive(tmp_path: Path) -> None:
    database = tmp_path / "runs.sqlite"
    # As GitHub, a connection a delivery: gunicorn closes one that is idle for two seconds, maybe as it is used again.
    many = httpx.Limits(max_connections=2 * SENDERS, max_keepalive_connections=0)
    with (
        start_web(tmp_path, f"sqlite:///{database}") as web,
        httpx.Client(base_url=web.url, timeout=60, trust_env=False, limits=many) as client,
        ThreadPoolExecutor(SENDERS) as senders,
    ):
        assert deliver(client, 1)[0] == 202
        holder = sqlite3.connect(database, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        until, answers, health = time.monotonic() + SECONDS, [], []
        lock = threading.Lock()

        def send(number: int) -> None:
            while time.monotonic() < until:
                answer = deliver(client, number)
                with lock:
                    answers.append(answer)
                time.sleep(0.2)

        sending = [senders.submit(send, 100 + number) for number in range(SENDERS)]
        while time.monotonic() < until:
            began = time.monotonic()
            assert client.get("/healthz").status_code == 200
            health.append(time.monotonic() - began)
            time.sleep(0.2)
        ready = client.get("/readyz")
        for one in sending:
            one.result()
        assert (ready.status_code, ready.json()["causes"]["database"]) == (503, "it is locked by another process")
        assert {(status, says_when) for status, says_when, _ in answers} == {(503, True)}
        # GitHub gives up after ten seconds.
        assert max(seconds for _, _, seconds in answers) < 10
        assert max(health) < 3, sorted(health)[-5:]

        holder.rollback()
        holder.close()
        deadline = time.monotonic() + 20
        while deliver(client, 2)[0] != 202:
            assert time.monotonic() < deadline, "it did not recover"
            time.sleep(0.5)
