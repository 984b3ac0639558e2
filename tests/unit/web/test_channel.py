"""Deliveries that come out of a relay's channel reach the bot as GitHub has signed them."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping

import httpx
import pytest
from werkzeug.serving import make_server

from bot.errors import TransientError, UserError
from bot.runs import Started
from bot.values.run import RunRequest
from bot.web import create_app
from bot.web.channel import follow, new_channel, read
from bot.web.own_address import webhook_address
from tests.fakes.relay import FakeRelay
from tests.fakes.runs import FakeRuns
from tests.unit.web.conftest import SECRET, settings
from tests.unit.web.test_replay import LABELED

AT_ONCE = (0.01, 0.02, 0.05)


class Busy(FakeRuns):
    """Cannot store the first few runs."""

    failures = 0

    def start(self, request: RunRequest) -> Started:
        if self.failures > 0:
            self.failures -= 1
            raise TransientError("the database is locked")
        return super().start(request)


@pytest.fixture
def runs() -> Busy:
    return Busy()


@pytest.fixture
def bot(runs: Busy) -> Iterator[str]:
    """The bot's web process; yields what it listens on."""
    server = make_server("127.0.0.1", 0, create_app(settings(), runs), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"0.0.0.0:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def relay() -> Iterator[FakeRelay]:
    with FakeRelay() as relay:
        yield relay


@pytest.fixture
def channel(relay: FakeRelay, bot: str) -> Iterator[str]:
    """A channel that is followed."""
    channel, stopping = new_channel(relay.url), threading.Event()
    arguments = (channel, webhook_address(bot), stopping, AT_ONCE)
    thread = threading.Thread(target=follow, args=arguments, daemon=True)
    thread.start()
    relay.wait_for(channel)
    yield channel
    stopping.set()
    relay.cut()
    thread.join(10)
    assert not thread.is_alive()


def post(channel: str, payload: Mapping[str, object], secret: str = SECRET, event: str = "issues") -> None:
    """Deliver as GitHub does, to the channel."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).replace("\\u001b[", "\\u001B[").encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/1",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": f"delivery-{payload.get('number', 1)}",
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "X-Forwarded-For": "192.0.2.1",
    }
    assert httpx.post(channel, content=body, headers=headers).status_code == 200


def wanted(runs: FakeRuns, count: int) -> list[RunRequest]:
    deadline = time.monotonic() + 20
    while len(runs.started) < count:
        assert time.monotonic() < deadline, f"{len(runs.started)} runs"
        time.sleep(0.01)
    return runs.started


def test_a_delivery_comes_out_with_its_signature(channel: str, runs: Busy) -> None:
    # Written as GitHub writes it: the escape has capital letters.
    text = 'Größe <b> & "1.50" \u2028 \t \\ \\u001b 🙂 \x1b[1m'
    post(channel, LABELED | {"issue": {"number": 7, "title": text, "body": text}})
    (started,) = wanted(runs, 1)
    assert (started.issue, started.delivery) == (7, "delivery-1")


def test_what_nobody_has_signed_is_refused(channel: str, runs: Busy, caplog: pytest.LogCaptureFixture) -> None:
    post(channel, LABELED, secret=f"not {SECRET}")
    post(channel, LABELED | {"issue": {"number": 8, "title": "A"}})
    assert [request.issue for request in wanted(runs, 1)] == [8]
    assert "the bot has refused issues delivery-1 with 401" in caplog.text


def test_a_delivery_waits_for_the_bot_and_the_channel_is_opened_again(
    channel: str, relay: FakeRelay, runs: Busy
) -> None:
    runs.failures = 2
    post(channel, LABELED)
    wanted(runs, 1)
    relay.refuses = True
    relay.cut()
    time.sleep(0.1)
    relay.refuses = False
    relay.wait_for(channel, 2)
    post(channel, LABELED | {"issue": {"number": 9, "title": "A"}})
    assert [request.issue for request in wanted(runs, 2)] == [7, 9]


def test_nobody_learns_the_address_of_the_channel_from_the_log(
    channel: str, relay: FakeRelay, caplog: pytest.LogCaptureFixture
) -> None:
    relay.refuses = True
    relay.cut()
    deadline = time.monotonic() + 20
    while "cannot be read: HTTPStatusError 503" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    own = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert own and channel.rpartition("/")[2] not in "".join(own)


@pytest.mark.parametrize(
    "data",
    ["", "[]", "{}", "{", '{"body":{}}', '{"x-github-event":1,"body":{}}', '{"x-github-event":"ping"}'],
)
def test_what_is_no_delivery_is_left_alone(data: str) -> None:
    assert read(data) is None


def test_a_relay_that_makes_no_channel_is_told() -> None:
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9/new does not answer"):
        new_channel("http://127.0.0.1:9/")
    server = make_server("127.0.0.1", 0, create_app(settings(), FakeRuns()), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with pytest.raises(UserError, match="answers 404, and leads to no new channel"):
            new_channel(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/webhook"),
        ("0.0.0.0:80", "http://127.0.0.1:80/webhook"),
        ("[::]:80", "http://127.0.0.1:80/webhook"),
        ("[::1]:80", "http://[::1]:80/webhook"),
    ],
)
def test_the_bot_is_reached_on_its_own_machine(bind: str, address: str) -> None:
    assert webhook_address(bind) == address
