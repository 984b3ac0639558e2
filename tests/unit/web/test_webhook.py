"""What the webhook lets in, and in which order it checks a delivery."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse, create_environ, run_wsgi_app

from bot.logs import JsonLines
from bot.values.naming import run_id
from bot.values.run import RunKind, RunRequest
from bot.web import create_app
from bot.web.arrival import LIMIT
from tests.fakes.labelled import labelled
from tests.fakes.runs import FakeRuns
from tests.unit.web.conftest import SECRET, settings

LABELED = labelled()


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(client: FlaskClient, payload: Any, event: str = "issues", **headers: str | None) -> TestResponse:
    """Deliver as GitHub does; a header given as None is left out."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    sent = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "guid",
        "X-Hub-Signature-256": sign(body),
        "Content-Type": "application/json",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    present = {name: value for name, value in sent.items() if value is not None}
    return client.post("/webhook", data=body, headers=present)


def test_a_label_starts_a_run(client: FlaskClient, runs: FakeRuns) -> None:
    answer = deliver(client, LABELED)
    assert answer.status_code == 202
    assert answer.get_json() == {"outcome": f"started {run_id('octo/services', 3, 'guid')}"}
    assert runs.started == [
        RunRequest(repo="octo/services", installation=42, issue=3, actor="octo", kind=RunKind.NEW, delivery="guid")
    ]


def test_a_duplicate_delivery_is_one_run(client: FlaskClient, runs: FakeRuns) -> None:
    assert [deliver(client, LABELED).status_code for _ in range(3)] == [202] * 3
    assert len(runs.started) == 1


def test_the_same_content_without_a_guid_is_one_delivery(client: FlaskClient, runs: FakeRuns) -> None:
    assert [deliver(client, LABELED, X_GitHub_Delivery=None).status_code for _ in range(2)] == [202] * 2
    assert len(runs.started) == 1


def test_the_label_can_be_set(runs: FakeRuns) -> None:
    client = create_app(settings(GPTDEPLOY_LABEL="service"), runs).test_client()
    assert deliver(client, LABELED).get_json() == {"outcome": "ignored: another label"}
    assert deliver(client, LABELED | {"label": {"name": "service"}}).status_code == 202
    assert len(runs.started) == 1


def test_a_command_is_queued(client: FlaskClient, runs: FakeRuns) -> None:
    payload = {**LABELED, "action": "created", "comment": {"id": 99, "body": "/retry"}}
    assert deliver(client, payload, "issue_comment").get_json() == {"outcome": "queued comment 99"}
    assert [request.body for request in runs.commands] == ["/retry"]


def test_own_comments_are_ignored(client: FlaskClient, runs: FakeRuns) -> None:
    sender = {"login": "gptdeploy[bot]", "type": "Bot"}
    payload = {**LABELED, "action": "created", "comment": {"id": 99, "body": "/retry"}, "sender": sender}
    assert deliver(client, payload, "issue_comment").get_json() == {"outcome": "ignored: a bot"}
    assert runs.commands == []


@pytest.mark.parametrize("event", ["ping", "push", "star", "no_such_event"])
def test_unknown_events_are_accepted_and_ignored(client: FlaskClient, runs: FakeRuns, event: str) -> None:
    answer = deliver(client, LABELED, event)
    assert (answer.status_code, answer.get_json()) == (202, {"outcome": "ignored"})
    assert runs.started == []


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("star", b'{"action": "created", and so on'),
        ("check_run", b'{"action":"created", and so on'),
        ("issues", b' { "action" : "pinned", and so on'),
    ],
)
def test_what_does_not_concern_the_bot_is_known_by_its_name_and_not_parsed(
    client: FlaskClient, runs: FakeRuns, event: str, body: bytes
) -> None:
    answer = deliver(client, body, event)
    assert (answer.status_code, answer.get_json()) == (202, {"outcome": "ignored"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_action_is_found_wherever_it_stands(client: FlaskClient, runs: FakeRuns) -> None:
    assert deliver(client, dict(reversed(LABELED.items()))).status_code == 202
    assert len(runs.started) == 1


@pytest.mark.parametrize("event", ["ping", "issues"])
def test_a_form_is_refused_whatever_the_event(client: FlaskClient, event: str) -> None:
    answer = deliver(client, b"payload=%7B%7D", event)
    assert answer.status_code == 400 and "application/json" in answer.get_json()["outcome"]


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=" + "0" * 64, sign(b"{}", "another secret"), "sha1=" + "0" * 40, "é"],
)
@pytest.mark.parametrize("body", [json.dumps(LABELED).encode(), b"not json", b"", b"\xff"])
def test_nothing_is_parsed_before_the_signature(
    client: FlaskClient, runs: FakeRuns, signature: str | None, body: bytes
) -> None:
    # Malformed bodies, too, get 401 and not 400.
    assert deliver(client, body, X_Hub_Signature_256=signature).status_code == 401
    assert runs.started == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"not json", b"\xff\xfe", b"[]", b'"text"', b"null", b"1", b"[" * 100_000, b"payload=%7B%7D"],
)
def test_malformed_json(client: FlaskClient, runs: FakeRuns, body: bytes) -> None:
    assert deliver(client, body).status_code == 400
    assert runs.started == []


@pytest.mark.parametrize("payload", [{}, {"action": {}}, {"action": "labeled"}, {**LABELED, "issue": None}])
def test_a_known_event_of_an_odd_shape_is_ignored(client: FlaskClient, runs: FakeRuns, payload: Any) -> None:
    assert deliver(client, payload).status_code == 202
    assert runs.started == []


def test_a_delivery_must_name_its_event(client: FlaskClient) -> None:
    assert deliver(client, LABELED, X_GitHub_Event=None).status_code == 400


class Endless(io.RawIOBase):
    """A body that never ends; counts what was taken from it."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        return len(buffer)


def stream(client: FlaskClient, body: io.IOBase, length: int | None, signature: str = "") -> int:
    """Send a body with the length it claims (Flask's test client would correct it), and return the status.

    Without a length it is chunked, and the server says that the body ends by itself.
    """
    environ = create_environ("/webhook", method="POST")
    environ |= {"wsgi.input": body, "HTTP_X_GITHUB_EVENT": "issues", "HTTP_X_HUB_SIGNATURE_256": signature}
    if length is None:
        environ |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    else:
        environ["CONTENT_LENGTH"] = str(length)
    _, status, _ = run_wsgi_app(client.application.wsgi_app, environ)
    return int(status.split()[0])


def test_an_announced_oversized_delivery_is_not_read(client: FlaskClient) -> None:
    body = Endless()
    assert stream(client, body, LIMIT + 1) == 413
    assert body.taken == 0


def test_an_oversized_delivery_of_unknown_length_is_read_to_the_limit(client: FlaskClient) -> None:
    body = Endless()
    assert stream(client, body, None) == 413
    assert body.taken < LIMIT + 1024 * 1024


def test_an_oversized_delivery_that_claims_to_be_small_is_cut(client: FlaskClient) -> None:
    body = Endless()
    assert stream(client, body, 1000) == 401
    assert body.taken <= 1000


@pytest.mark.parametrize(("claimed", "status"), [(0, 202), (None, 202), (-10, 401), (1000, 400)])
def test_the_length_of_a_delivery(client: FlaskClient, runs: FakeRuns, claimed: int | None, status: int) -> None:
    """`claimed` is by how many bytes the length is wrong, None where there is none."""
    body = json.dumps(LABELED).encode()
    length = None if claimed is None else len(body) + claimed
    assert stream(client, io.BytesIO(body), length, sign(body)) == status
    assert len(runs.started) == (1 if status == 202 else 0)


class Broken(io.RawIOBase):
    """A body that ends with an error, as gunicorn's does at a broken chunk."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise OSError("Invalid chunk size: b'zz'")


def test_a_delivery_that_breaks_off(client: FlaskClient) -> None:
    assert stream(client, Broken(), None) == 400


def test_a_store_that_fails_makes_the_delivery_fail(client: FlaskClient, runs: FakeRuns) -> None:
    runs.broken = True
    assert deliver(client, LABELED).status_code == 503
    # Sent again, it is taken.
    runs.broken = False
    assert deliver(client, LABELED).status_code == 202
    assert len(runs.started) == 1


def test_one_line_a_delivery_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="bot.web"):
        deliver(client, LABELED)
    (record,) = caplog.records
    assert record.getMessage().startswith("started octo/services#3-")
    assert vars(record)["delivery"] == "guid"
    assert vars(record)["status"] == 202
    assert vars(record)["issue"] == "octo/services#3"


def test_what_is_logged_on_the_way_says_of_which_delivery_and_issue(client: FlaskClient, runs: FakeRuns) -> None:
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(JsonLines())
    logging.getLogger("bot.web").addHandler(handler)
    runs.broken = True
    try:
        deliver(client, LABELED)
    finally:
        logging.getLogger("bot.web").removeHandler(handler)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["delivery"], line["issue"]) for line in lines] == [("guid", "octo/services#3")] * 2
    assert "could not be stored" in lines[0]["text"] and "exception" in lines[0]
