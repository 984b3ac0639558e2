"""The bot takes webhooks from a relay as smee's own client does, and the relay of the tests is one to that client."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.web.channel import follow
from bot.web.signature import verify
from tests.contract.conftest import SECRET, World
from tests.contract.test_octokit import CLIENTS
from tests.fakes.relay import FakeRelay

TEXT = 'Größe <b> & "1.50" \u2028 🙂\ttab'


@pytest.fixture
def relay() -> Iterator[FakeRelay]:
    with FakeRelay() as relay:
        yield relay


def test_smee_client_and_the_bot_hand_on_the_same(
    world: World, relay: FakeRelay, node: Path, packages: Path, tmp_path: Path
) -> None:
    app = world.hub.parts.state.app
    assert app is not None
    target = app.webhook_url
    given = {"packages": f"{packages}/", "relay": relay.url, "target": target}
    log = tmp_path / "smee.log"
    with log.open("wb") as errors:
        command = [str(node), str(CLIENTS / "relay.mjs")]
        smee = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert smee.stdin and smee.stdout
    stopping = threading.Event()
    try:
        smee.stdin.write(json.dumps(given) + "\n")
        smee.stdin.flush()
        channel = smee.stdout.readline().strip()
        assert channel.startswith(f"{relay.url}/"), log.read_text()
        relay.wait_for(channel)
        # The same channel, beside it.
        threading.Thread(target=follow, args=(channel, target, stopping), daemon=True).start()
        relay.wait_for(channel, 2)
        world.received.clear()
        world.hub.parts.state.app = replace(app, webhook_url=channel)
        world.hub.open_issue("octo/services", TEXT, TEXT, ["microservice"])
        world.hub.parts.deliveries.drain()
        assert {delivery.status for delivery in world.hub.deliveries[-2:]} == {200}
        deadline = time.monotonic() + 30
        while len(world.received) < 4:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
    finally:
        stopping.set()
        relay.cut()
        smee.communicate(timeout=30)
    by_delivery: dict[str, list[tuple[bytes, str, str]]] = {}
    for each in world.received:
        signed = {name.lower(): value for name, value in each.headers.items()}
        told = each.body, signed["x-hub-signature-256"], signed["x-github-event"]
        by_delivery.setdefault(signed["x-github-delivery"], []).append(told)
    assert [len(set(same)) for same in by_delivery.values()] == [1, 1]
    assert [len(same) for same in by_delivery.values()] == [2, 2]
    for each in world.received:
        assert verify(SECRET, each.body, each.headers.get("X-Hub-Signature-256") or each.headers["x-hub-signature-256"])
        assert json.loads(each.body)["issue"]["title"] == TEXT
