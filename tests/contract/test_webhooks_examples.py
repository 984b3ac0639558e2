"""Webhooks that GitHub has really sent, as they were and damaged: whatever comes signed, the bot answers below 500."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.config import Settings
from bot.runs.durable.client import DurableRuns
from bot.web import create_app
from tests.fakes.app_key import app_key

SECRET = "a webhook secret"
MUTANTS = 8
"""How many damaged ones are made of each."""
VALUES: tuple[Any, ...] = (
    *(None, 0, -1, 2**70, 1.5, True, "", "x", "\ud800", [], [None], {}, {"id": None}),
    *("microservice", "octo/services", "/retry", "@gptdeploy /retry\n\n" * 40, [{"name": "microservice"}]),
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    settings = {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": app_key(),
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "OPENAI_API_KEY": "unused",
    }
    runs = DurableRuns(f"sqlite:///{tmp_path}/runs.sqlite")
    yield create_app(Settings.from_environment(settings), runs).test_client()
    runs.close()


@pytest.fixture(scope="module")
def examples(packages: Path) -> list[tuple[str, Any]]:
    """All of GitHub's examples: event and payload."""
    text = (packages / "node_modules/@octokit/webhooks-examples/api.github.com/index.json").read_text()
    return [(event["name"], payload) for event in json.loads(text) for payload in event["examples"]]


def deliver(client: FlaskClient, event: str, payload: Any) -> int:
    body = json.dumps(payload).encode()
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": hashlib.sha256(body).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
        "Content-Type": "application/json",
    }
    return client.post("/webhook", data=body, headers=headers).status_code


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to everything that is in a payload."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*above, key)
        yield from places(inner, (*above, key))


def damaged(payload: Any, rng: random.Random) -> Any:
    """Return a payload that lacks something, or has something else in its place; mostly near the top."""
    payload = copy.deepcopy(payload)
    found = sorted(places(payload), key=len)
    for _ in range(rng.randint(1, 3)):
        *above, last = found[int(len(found) * rng.random() ** 3)]
        parent: Any = payload
        for key in above:
            parent = parent[key] if isinstance(parent, dict) and key in parent else None
        if isinstance(parent, dict):
            if rng.random() < 0.3:
                parent.pop(last, None)
            else:
                parent[last] = rng.choice(VALUES)
    return payload


def test_all_of_githubs_examples_are_taken(client: FlaskClient, examples: list[tuple[str, Any]]) -> None:
    assert len(examples) > 200
    assert {deliver(client, event, payload) for event, payload in examples} == {202}


def test_none_that_is_damaged_is_answered_with_an_error_of_the_bot(
    client: FlaskClient, examples: list[tuple[str, Any]]
) -> None:
    rng = random.Random(11)  # noqa: S311 (a failure has to come again)
    for event, payload in examples:
        for _ in range(MUTANTS):
            mutant = damaged(payload, rng)
            assert deliver(client, event, mutant) < 500, (event, mutant)


def test_a_signature_counts_for_what_was_signed_alone(client: FlaskClient, examples: list[tuple[str, Any]]) -> None:
    event, payload = next(each for each in examples if each[0] == "issues")
    headers = {"X-GitHub-Event": event, "X-Hub-Signature-256": "sha256=" + "0" * 64}
    assert client.post("/webhook", data=json.dumps(payload).encode(), headers=headers).status_code == 401
