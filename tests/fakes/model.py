"""An OpenAI-compatible endpoint on loopback that answers what a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from bot.clients.llm import Model, ModelSettings

AT_ONCE = {"Retry-After-Ms": "1"}
"""Has the SDK try again at once."""


@dataclass(frozen=True)
class Reply:
    """What the model says.

    Attributes:
        cached_tokens: None: the endpoint says nothing about its cache; likewise reasoning_tokens.
    """

    text: str | None
    finish_reason: str = "stop"
    prompt_tokens: int = 100
    completion_tokens: int = 10
    refusal: str | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True)
class Failure:
    """An HTTP answer that is no completion; by default the client need not wait before it tries again."""

    status: int
    message: str = "no"
    code: str | None = None
    param: str | None = None
    body: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=lambda: AT_ONCE)


@dataclass(frozen=True)
class Raw:
    """A body as it stands: bytes, or what is sent as JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: AT_ONCE)


class Silence:
    """No answer until the endpoint is stopped."""


@dataclass(frozen=True)
class Later:
    """What the model says once `ready` is set."""

    text: str
    ready: threading.Event = field(default_factory=threading.Event)


Answer = str | Reply | Failure | Raw | Silence | Later


class FakeModel:
    """Serves `answers` one after the other, and keeps what it was asked.

    Attributes:
        answers_of: what models of these names say instead.
        requests: the bodies of the completions asked for, in order.
        headers: the headers they came with.
        models: what `/v1/models` lists, names or the fields of an entry; or how it fails; None: it has no such page.
        listings: how often that was asked for.
        refused: settings that no model here takes; a request with one takes no answer.
        refuse: returns how a request fails that no model here takes, else None; such a request takes no answer.
        window: a longer request (four characters a token, and the tokens of its reply) takes no answer either.
        says_window: whether it then says how large its context is; at first it does.
        stopped: set when the endpoint stops.
    """

    def __init__(
        self,
        answers: Iterable[Answer] = (),
        models: Iterable[str | Mapping[str, Any]] | Failure | Raw | None = ("local",),
        *,
        answers_of: Mapping[str, Iterable[Answer]] | None = None,
        refused: Iterable[str] = (),
        refuse: Callable[[dict[str, Any]], Failure | None] | None = None,
        window: int | None = None,
    ) -> None:
        self.answers = list(answers)
        self.answers_of = {name: list(replies) for name, replies in (answers_of or {}).items()}
        self.models = models if models is None or isinstance(models, Failure | Raw) else list(models)
        self.refused = frozenset(refused)
        self.refuse = refuse
        self.window = window
        self.says_window = True
        self.repeats = False
        """Whether who asks the same again, as after a crash, gets the same answer, and counts once."""
        self.listings = 0
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._given: list[Answer] = []
        self._repeating = threading.Lock()
        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def client(self, clock: Callable[[], float] = time.monotonic, **settings: Any) -> Model:
        """Return a model that asks this endpoint for "m" and does not try again; `settings` are `ModelSettings`."""
        return Model(ModelSettings(**{"name": "m", "base_url": self.url, "retries": 0, **settings}), clock)

    def prompt(self, number: int = -1) -> str:
        """Return everything the model was told in one request."""
        return "\n".join(message["content"] for message in self.requests[number]["messages"])

    def asked(self) -> list[str]:
        """Return the models that were asked, in order."""
        return [request["model"] for request in self.requests]

    def answer_to(self, request: dict[str, Any], headers: dict[str, str]) -> Answer:
        """Note a request, and return what the endpoint answers it."""
        if not self.repeats:
            return self._noted(request, headers)
        with self._repeating:
            if request not in self.requests:
                self._given.append(self._noted(request, headers))
            return self._given[self.requests.index(request)]

    def _noted(self, request: dict[str, Any], headers: dict[str, str]) -> Answer:
        self.requests.append(request)
        self.headers.append(headers)
        return self.next_answer(request)

    def next_answer(self, request: dict[str, Any]) -> Answer:
        """Return what the endpoint answers a request."""
        for setting in sorted(self.refused & request.keys()):
            return Failure(400, f"Unsupported parameter: '{setting}'", "unsupported_parameter", setting)
        if self.refuse is not None and (failure := self.refuse(request)):
            return failure
        tokens = sum(len(message["content"]) for message in request["messages"]) // 4
        if self.window is not None and tokens + request.get("max_tokens", 0) > self.window:
            size = f" of {self.window} tokens" if self.says_window else ""
            return Failure(400, f"This is more than the context length{size}", "context_length_exceeded")
        answers = self.answers_of.get(request["model"], self.answers)
        return answers.pop(0) if answers else Failure(400, "the test has no more answers")


class _Handler(BaseHTTPRequestHandler):
    """Serves one `FakeModel`."""

    fake: FakeModel

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        models = self.fake.models
        self.fake.listings += 1
        if models is None:
            self._send(404, {"error": {"message": "no such page"}})
        elif isinstance(models, Failure):
            self._send(models.status, {"error": {"message": models.message}})
        elif isinstance(models, Raw):
            self._send(200, models.body)
        else:
            self._send(200, {"object": "list", "data": [_listed(name) for name in models]})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.fake.answer_to(request, {name.lower(): value for name, value in self.headers.items()})
        match answer:
            case Silence():
                self.fake.stopped.wait()
            case Failure(body=str(body)):
                self._write(answer.status, body.encode(), answer.content_type, answer.headers)
            case Failure():
                error = {"message": answer.message, "code": answer.code, "param": answer.param, "type": None}
                self._send(answer.status, {"error": error}, answer.headers)
            case Raw(body=bytes(body)):
                self._write(answer.status, body, "application/json", answer.headers)
            case Raw():
                self._send(answer.status, answer.body, answer.headers)
            case Later():
                answer.ready.wait()
                self._send(200, completion(request["model"], Reply(answer.text)))
            case str():
                self._send(200, completion(request["model"], Reply(answer)))
            case Reply():
                self._send(200, completion(request["model"], answer))

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self._write(status, json.dumps(body).encode(), "application/json", headers or {})

    def _write(self, status: int, data: bytes, content_type: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


_OF_THE_FAKE = ("models", "answers_of", "refused", "refuse", "window")


@contextmanager
def serving(*answers: Answer, **settings: Any) -> Iterator[tuple[FakeModel, Model]]:
    """Serve `answers`, with a client that asks for the only model; `settings` are the fake's and `ModelSettings`."""
    ours = {name: settings.pop(name) for name in _OF_THE_FAKE if name in settings}
    with FakeModel(answers, **ours) as fake:
        model = fake.client(**{"name": None, **settings})
        try:
            yield fake, model
        finally:
            model.close()


def _listed(entry: str | Mapping[str, Any]) -> dict[str, Any]:
    known = {"id": entry} if isinstance(entry, str) else dict(entry)
    return {"object": "model", "created": 0, "owned_by": "test"} | known


def completion(model: str, reply: Reply) -> dict[str, Any]:
    """Return the body of a completion as OpenAI documents it."""
    message = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    spent: dict[str, Any] = {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }
    if reply.cached_tokens is not None:
        spent["prompt_tokens_details"] = {"cached_tokens": reply.cached_tokens}
    if reply.reasoning_tokens is not None:
        spent["completion_tokens_details"] = {"reasoning_tokens": reply.reasoning_tokens}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}],
        "usage": spent,
    }
