"""The check of a live service, against a real HTTP server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.deploy.description import Description, Scenario
from bot.deploy.doors import Public
from bot.deploy.smoke import answers, check

EXAMPLE = {"text": "hello"}
DESCRIPTION = Description(
    slug="qr",
    title="QR code",
    summary="Draws one.",
    example=EXAMPLE,
    output_schema={"properties": {"image": {"type": "string"}, "note": {}}, "required": ["image"]},
)
DOCUMENT = {
    "paths": {
        "/execute": {
            "post": {"requestBody": {"content": {"application/json": {"examples": {"example": {"value": EXAMPLE}}}}}}
        }
    }
}

Live = Callable[..., str]


@pytest.fixture
def live() -> Iterator[Live]:
    """Serve the given answers to POST /execute, one after the other and the last for ever; return the API's URL."""
    servers = []

    def start(*replies: tuple[int, Any]) -> str:
        left = list(replies)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = left.pop(0) if len(left) > 1 else left[0]
                if body != EXAMPLE or not str(self.headers["Host"]).startswith("qr.localhost:"):
                    status, answer = 400, {"detail": "not the example, or not to this service"}
                self.reply(status, answer)

            def do_GET(self) -> None:
                self.reply(200, DOCUMENT)

            def reply(self, status: int, answer: Any) -> None:
                data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return f"http://qr.localhost:{server.server_port}/execute"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def look(url: str, seconds: float = 5) -> str | None:
    fault = check(Public(url.removesuffix("/execute")), DESCRIPTION, seconds=seconds)
    return str(fault) if fault is not None else None


def test_the_right_answer_is_right(live: Live) -> None:
    assert look(live((200, {"image": "x"}))) is None


def test_an_ingress_that_has_not_found_the_service_yet_is_asked_again(live: Live) -> None:
    assert look(live((502, ""), (503, ""), (200, {"image": "x"}))) is None


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((200, {"note": "x"}), "lacks the field `image`"),
        ((200, {"image": 1}), "`image` must be a string"),
        ((200, "[]"), "not an object"),
        ((200, "hello"), "not JSON"),
        ((500, {"detail": "failed"}), "with 500"),
        ((422, {"detail": "x" * 9000}), "with 422"),
    ],
)
def test_a_wrong_answer_is_named(live: Live, reply: tuple[int, Any], words: str) -> None:
    fault = look(live(reply))
    assert fault is not None
    assert words in fault
    assert len(fault) < 700


def test_a_service_that_stays_out_of_reach_is_named(live: Live) -> None:
    assert "answers 502" in str(look(live((502, "")), seconds=0))


def test_a_deployed_service_answers_the_example_of_its_own_document(live: Live) -> None:
    assert answers(live((200, {"image": "x"})), "qr")
    assert not answers(live((500, {})), "qr")
    assert not answers(live((200, {"image": "x"})), "other")
    assert not answers("http://qr.localhost:1/execute", "qr")


SCENARIOS: dict[str, tuple[dict[str, Any], tuple[int, Any], str | None]] = {
    "fits": ({"status": None, "answer": {"image": "x"}}, (200, {"image": "x", "note": "more"}), None),
    "random": ({"answer": {"image": "x"}, "exact": False}, (200, {"image": "y"}), None),
    "refused": ({"status": "4xx"}, (422, {"detail": "no"}), None),
    "taken": ({"status": 422}, (200, {"image": "x"}), "with 200 instead of 422"),
    "failing": ({}, (500, {"detail": "no"}), "with 500 instead of 200"),
    "other": ({"answer": {"image": "x"}}, (200, {"image": "y"}), "with something else than it says"),
    "less": ({"answer": {"image": "x"}}, (200, {}), "with something else than it says"),
    "text": ({"answer": {"image": "x"}}, (200, "x"), "with something else than it says"),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_requests_are_posted_as_well(live: Live, name: str) -> None:
    says, reply, fault = SCENARIOS[name]
    scenario = Scenario.model_validate({"name": name, "request": EXAMPLE, **says})
    description = DESCRIPTION.model_copy(update={"scenarios": (Scenario(name="words"), scenario)})
    door = Public(live((200, {"image": "x"}), reply).removesuffix("/execute"))
    told = check(door, description, seconds=5)
    assert told is None if fault is None else f"the request of the scenario `{name}` {fault}" in str(told)
