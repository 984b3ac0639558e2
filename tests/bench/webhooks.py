"""Webhook to 202: 100 signed deliveries a second against the real web process, then every one found in the database."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from bot.demo.ports import free_port
from tests.bench.figure import Figure, percentile

RATE = 100
SECONDS = 15
_SECRET = "bench-secret"
_SENDERS = 16


def measure() -> list[Figure]:
    """Send an even stream, timing each delivery from when it was due: a slow answer slows nothing down after it."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port(8100)
        database = Path(folder) / "runs.sqlite"
        environment = os.environ | {
            "GITHUB_APP_ID": "1",
            "GITHUB_PRIVATE_KEY": "-----BEGIN unused",
            "GITHUB_WEBHOOK_SECRET": _SECRET,
            "OPENAI_API_KEY": "unused",
            "DATABASE_URL": f"sqlite:///{database}",
            "GPTDEPLOY_BIND": f"127.0.0.1:{port}",
        }
        web = subprocess.Popen(
            [sys.executable, "-m", "bot", "web"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _await(f"http://127.0.0.1:{port}/healthz")
            _send(port, 0, 50)
            latencies, refused = _send(port, 50, RATE * SECONDS)
        finally:
            web.terminate()
            web.wait(20)
        stored = _stored(database)
    lost = 50 + RATE * SECONDS - stored
    detail = f"{RATE}/s for {SECONDS} s, p50 {percentile(latencies, 0.5) * 1000:.0f} ms, {refused} refused, {lost} lost"
    return [
        Figure("webhook to 202, p99", percentile(latencies, 0.99) * 1000, "ms", 250, detail),
        Figure("deliveries lost", lost + refused, "", 0, f"{stored} runs and commands stored"),
    ]


def _send(port: int, first: int, count: int) -> tuple[list[float], int]:
    latencies: list[float] = []
    refused: list[int] = []
    began = 0.0

    def begin() -> None:
        nonlocal began
        began = time.monotonic() + 0.05

    # Making a client takes longer than a delivery: nobody starts before everybody has one.
    ready = threading.Barrier(_SENDERS, begin)

    def sender(lane: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            ready.wait()
            for turn in range(lane, count, _SENDERS):
                due = began + turn / RATE
                time.sleep(max(0.0, due - time.monotonic()))
                body, headers = _delivery(first + turn)
                status = client.post("/webhook", content=body, headers=headers).status_code
                latencies.append(time.monotonic() - due)
                if status != httpx.codes.ACCEPTED:
                    refused.append(status)

    threads = [threading.Thread(target=sender, args=(lane,)) for lane in range(_SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, len(refused)


def _delivery(number: int) -> tuple[bytes, dict[str, str]]:
    """Return a delivery that has to be stored: half of them labels, half of them commands."""
    issue = {"number": number + 1, "title": "t", "body": "b" * 500, "state": "open", "user": {"login": "octo"}}
    common = {
        "repository": {"full_name": "octo/services"},
        "installation": {"id": 1},
        "sender": {"login": "octo", "type": "User"},
        "issue": issue,
    }
    if number % 2:
        name, payload = "issues", common | {"action": "labeled", "label": {"name": "microservice"}}
    else:
        comment = {"id": number, "body": "/status", "user": {"login": "octo", "type": "User"}}
        name, payload = "issue_comment", common | {"action": "created", "comment": comment}
    body = json.dumps(payload).encode()
    digest = hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": name,
        "X-GitHub-Delivery": f"bench-{number}",
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def _stored(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute("SELECT count(*) FROM workflow_status").fetchone()[0])


def _await(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(url)
