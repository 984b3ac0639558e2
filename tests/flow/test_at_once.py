"""Deliveries that do not concern the bot, which the web process's loop answers itself, over real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.labelled import labelled
from tests.flow.web_process import SECRET, Web, start_web

PING = b'{"zen": "Responsive is better than fast."}'
_THREADS = 16


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with start_web(tmp_path_factory.mktemp("web")) as process:
        yield process


def delivery(body: bytes = PING, event: str = "ping", *more: str, secret: str = SECRET) -> bytes:
    """Return a delivery as bytes."""
    lines = [
        "POST /webhook HTTP/1.1",
        "Host: bot",
        f"X-GitHub-Event: {event}",
        "X-GitHub-Delivery: guid",
        f"X-Hub-Signature-256: sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
        f"Content-Length: {len(body)}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def exchange(web: Web, *sent: bytes) -> list[str]:
    """Send over one connection, and return what is answered until it is closed: the last one has to ask for that."""
    with socket.create_connection(web.address, timeout=10) as connection:
        received = b""
        for one in sent:
            connection.sendall(one)
            if one is not sent[-1]:
                received += connection.recv(10_000)
        while data := connection.recv(10_000):
            received += data
    return [f"HTTP/1.1 {answer}" for answer in received.decode().split("HTTP/1.1 ")[1:]]


LAST = delivery(PING, "ping", "Connection: close")


def test_they_are_answered_one_after_the_other_on_a_connection_that_is_kept(web: Web) -> None:
    first, second, last = exchange(web, delivery(), delivery(), LAST)
    head, body = first.split("\r\n\r\n")
    assert json.loads(body) == {"outcome": "ignored"}
    assert head.splitlines()[0] == "HTTP/1.1 202 Accepted"
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    assert headers["Connection"] == "keep-alive" and headers["Date"].endswith(" GMT")
    assert headers["Cache-Control"] == "no-store" and headers["Content-Type"] == "application/json"
    assert "Connection: keep-alive" in second and "Connection: close" in last


def test_an_answer_reads_as_that_of_a_thread(web: Web) -> None:
    (at_once,) = exchange(web, LAST)
    # One that is longer than what the loop looks at.
    (threaded,) = exchange(web, delivery(b'{"zen": "%b"}' % (b"x" * 300_000), "ping", "Connection: close"))
    ours, its = (
        {line.partition(":")[0].lower(): line for line in answer.split("\r\n")} for answer in (at_once, threaded)
    )
    # gunicorn names itself.
    assert its.pop("server") and ours.pop("date") and its.pop("date")
    assert ours == its


def test_what_is_not_signed_or_not_whole_is_refused_as_ever(web: Web) -> None:
    forged = delivery(PING, "ping", "Connection: close", secret="another")
    array = delivery(b"[]", "ping", "Connection: close")
    unnamed = delivery(PING, "", "Connection: close")
    statuses = [exchange(web, sent)[0].split()[1] for sent in (forged, array, unnamed)]
    assert statuses == ["401", "400", "400"]


def test_requests_that_come_together_are_answered_in_turn(web: Web) -> None:
    health = b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n"
    answers = exchange(web, delivery() + health + delivery() + LAST)
    assert [answer.split("\r\n\r\n")[1].strip() for answer in answers] == [
        '{"outcome": "ignored"}',
        '{"status":"ok"}',
        '{"outcome": "ignored"}',
        '{"outcome": "ignored"}',
    ]


def test_each_is_logged_and_counted(tmp_path: Path) -> None:
    with start_web(tmp_path) as web:
        exchange(web, delivery(), LAST)
        (metrics,) = exchange(web, b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert 'gptdeploy_deliveries_total{event="ping",status="202"} 2.0' in metrics
        lines = [json.loads(line) for line in web.log.read_text().splitlines() if '"delivery"' in line]
    assert [(line["text"], line["event"], line["delivery"], line["status"]) for line in lines] == [
        ("ignored", "ping", "guid", 202)
    ] * 2


def test_they_are_answered_while_all_threads_wait_for_the_database(tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    with start_web(tmp_path, f"sqlite:///{file}") as web:
        answers: list[str] = []
        waiting = [threading.Thread(target=lambda: answers.extend(exchange(web, label()))) for _ in range(_THREADS)]
        with closing(sqlite3.connect(file, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            for thread in waiting:
                thread.start()
            time.sleep(0.5)
            ignored = exchange(web, LAST)
            took = time.monotonic() - began
            assert ignored[0].startswith("HTTP/1.1 202") and not answers
            for thread in waiting:
                thread.join(30)
            # Nothing could be stored; GitHub shows these deliveries as failed.
            assert {answer.split()[1] for answer in answers} == {"503"} and took < 2
            holder.execute("ROLLBACK")


def label() -> bytes:
    return delivery(json.dumps(labelled()).encode(), "issues", "Connection: close")
