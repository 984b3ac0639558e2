"""An OpenAI-compatible endpoint on loopback that answers what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the model says."""

    text: str | None
    finish_reason: str = "stop"
    prompt_tokens: int = 100
    completion_tokens: int = 10
    refusal: str | None = None


@dataclass(frozen=True)
class Failure:
    """An HTTP answer that is no completion; by default the client need not wait before it tries again."""

    status: int
    message: str = "no"
    code: str | None = None
    param: str | None = None
    body: str | None = None
    content_type: str = "application/json"


class Silence:
    """No answer until the endpoint is stopped."""


Answer = str | Reply | Failure | Silence


class FakeModel:
    """Serves `answers` one after the other, and keeps what it was asked.

    Attributes:
        requests: the bodies of the completions asked for, in order.
        headers: the headers they came with.
        models: what `/v1/models` lists; None: it has no such page.
    """

    def __init__(self, answers: Iterable[Answer] = (), models: Iterable[str] | None = ("local",)) -> None:
        self.answers = list(answers)
        self.models = None if models is None else list(models)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> FakeModel:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def prompt(self, number: int = -1) -> str:
        """Return everything the model was told in one request."""
        return "\n".join(message["content"] for message in self.requests[number]["messages"])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                if fake.models is None:
                    self._send(404, {"error": {"message": "no such page"}})
                else:
                    self._send(200, {"object": "list", "data": [_listed(name) for name in fake.models]})

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.requests.append(request)
                fake.headers.append({name.lower(): value for name, value in self.headers.items()})
                answer = fake.answers.pop(0) if fake.answers else Failure(400, "the test has no more answers")
                match answer:
                    case Silence():
                        fake._stopped.wait()
                    case Failure(body=str(body)):
                        self._write(answer.status, body, answer.content_type)
                    case Failure():
                        error = {"message": answer.message, "code": answer.code, "param": answer.param, "type": None}
                        self._send(answer.status, {"error": error})
                    case str():
                        self._send(200, _completion(request["model"], Reply(answer)))
                    case Reply():
                        self._send(200, _completion(request["model"], answer))

            def _send(self, status: int, body: dict[str, Any]) -> None:
                self._write(status, json.dumps(body), "application/json")

            def _write(self, status: int, body: str, content_type: str) -> None:
                data = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Retry-After-Ms", "1")
                self.end_headers()
                self.wfile.write(data)

        return Handler


def _listed(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "test"}


def _completion(model: str, reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}],
        "usage": {
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        },
    }
