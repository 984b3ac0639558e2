"""Webhook to 202 against the real web process: an even stream, as many as it takes, and what it has no use for."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Sequence
from contextlib import closing

import sqlalchemy as sa

from bot.runs.durable.database import open_engine
from tests.bench.figure import Figure, percentile
from tests.bench.sender import CONNECTIONS, Sent, as_request, send
from tests.bench.web_process import WebProcess, signed, started
from tests.fakes.postgres import start_server

RATE = 100
SECONDS = 15
_WARM = 50
_AT_ONCE = 3000
_ALL = _WARM + RATE * SECONDS + _AT_ONCE
_CONTROL_SECONDS = 5
_IGNORED = 2000
_OUTPUT = "x" * 8000
"""Bytes of a check run's output, the larger part of such a delivery."""


def measure() -> list[Figure]:
    """Look at its memory, then send an even stream, as much as the process takes, and what does not concern it."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/runs.sqlite"
        with started(database) as web:
            memory = web.megabytes()
            figures = _measured(database, (web,), "", 500)
            ignored = _ignored(web)
            busy = web.megabytes()
        with started(database, "-m", "tests.bench.bare_web") as bare:
            least = _ignored(bare)
    of_ignored = f"{_IGNORED} of 8 KB; {least:.2f} ms in a process of gunicorn and Flask that does nothing with it"
    return [
        *figures,
        Figure("processor time of a delivery that does not concern the bot", ignored, "ms", 0.6, of_ignored),
        Figure("web process's memory after start", memory, "MB", 110, f"{busy:.0f} MB after {_ALL + _IGNORED}"),
    ]


def measure_on_server() -> list[Figure]:
    """The same on PostgreSQL, whose commits wait for the disk, with two web processes."""
    with start_server(synced=True) as server:
        database = server.database()
        with started(database) as first, started(database) as second:
            return _measured(database, (first, second), ", on PostgreSQL with two webs", 1000)


def _measured(database: str, webs: Sequence[WebProcess], where: str, goal: float) -> list[Figure]:
    """Send an even stream, then as much as the processes take.

    Args:
        goal: deliveries that shall be stored a second, at the most.
    """
    ports = [web.port for web in webs]
    even, most = _WARM + RATE * SECONDS, _ALL
    send(ports, [_wanted(number) for number in range(_WARM)], RATE)
    stored = send(ports, [_wanted(number) for number in range(_WARM, even)], RATE)
    # On a machine that does other work, too, this is what an answer takes that nothing is done for.
    control = send(ports, [_unwanted(number) for number in range(RATE * _CONTROL_SECONDS)], RATE)
    requests = [_wanted(number) for number in range(even, most)]
    before = sum(web.seconds() for web in webs)
    burst = send(ports, requests, None)
    spent = (sum(web.seconds() for web in webs) - before) / _AT_ONCE * 1000
    kept = _stored(database)
    detail = (
        f"{RATE}/s for {SECONDS} s, p50 {_milliseconds(stored, 0.5):.1f} ms; of what does not concern the bot"
        f" p99 {_milliseconds(control, 0.99):.1f}, p50 {_milliseconds(control, 0.5):.1f} ms"
    )
    shared = (
        f"{_AT_ONCE} of {CONNECTIONS} connections; the sender shares the {multiprocessing.cpu_count()} cores;"
        f" processor time of each {spent:.2f} ms, and {burst.milliseconds:.2f} ms of the sender"
    )
    lost = _ALL - kept + stored.refused + burst.refused
    return [
        Figure(f"webhook to 202, p99{where}", _milliseconds(stored, 0.99), "ms", 10, detail),
        Figure(f"deliveries stored a second, at the most{where}", burst.rate, "/s", goal, shared, least=True),
        Figure(f"deliveries lost{where}", lost, "", 0, f"{kept} stored"),
    ]


def _milliseconds(sent: Sent, share: float) -> float:
    return percentile(sent.latencies, share) * 1000


def _ignored(web: WebProcess) -> float:
    """Return milliseconds of processor time of one of those that come whether the bot has any use for them or not."""
    deliveries = [_unwanted(number) for number in range(_IGNORED)]
    send([web.port], deliveries[:100], None)
    began = web.seconds()
    send([web.port], deliveries, RATE * 4)
    return (web.seconds() - began) / _IGNORED * 1000


def _wanted(number: int) -> bytes:
    """Return a delivery that has to be stored: half of them labels, half of them commands."""
    issue = {"number": number + 1, "title": "t", "body": "b" * 500, "state": "open", "user": {"login": "octo"}}
    if number % 2:
        name, payload = "issues", {"action": "labeled", "label": {"name": "microservice"}}
    else:
        comment = {"id": number, "body": "/status", "user": {"login": "octo", "type": "User"}}
        name, payload = "issue_comment", {"action": "created", "comment": comment}
    return as_request(*signed(name, f"bench-{number}", payload | {"issue": issue} | _COMMON))


def _unwanted(number: int) -> bytes:
    check = {"id": number, "name": "lint", "status": "in_progress", "output": {"title": "t", "text": _OUTPUT}}
    return as_request(*signed("check_run", f"unwanted-{number}", {"action": "created", "check_run": check} | _COMMON))


_COMMON = {
    "repository": {"id": 1, "full_name": "octo/services"},
    "installation": {"id": 1},
    "sender": {"login": "octo", "type": "User"},
}


def _stored(database: str) -> int:
    with closing(open_engine(database, patient=True).connect()) as connection:
        statement = "SELECT count(*) FROM workflow_status WHERE workflow_uuid NOT LIKE '%/welcome'"
        return int(connection.execute(sa.text(statement)).scalar_one())
