"""A scripted model: it answers the example ideas with replies that people wrote, so that the demo needs no key.

It is an endpoint like OpenAI's, on loopback, and the bot talks to it as to any model. It keeps no state: the prompt
alone decides which reply is due, so it can be started again at any time. Every reply names the model `scripted`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from bot.demo import examples
from bot.demo.examples import Example

MODEL = "scripted"
BODY_LIMIT = 8_000_000
"""The most bytes that a request may have."""

log = logging.getLogger(__name__)
_TESTS = "Write the tests, before there is any code."
_REVISE = "People with write access have read it and ask for this:"
_FIX = re.compile(r"\bFix (\d+) of \d+\b")
# It comes first in every refusal, because the bot quotes only the beginning of an error on the issue.
_REAL_MODEL = "This model is scripted and only knows its examples: for others set OPENAI_API_KEY or OPENAI_BASE_URL."


class Unscripted(Exception):
    """Nobody wrote a reply to this prompt. The text says what to do instead, and which prompts have a reply."""

    def __init__(self, known: str) -> None:
        super().__init__(f"{_REAL_MODEL} {known}.")


def reply(prompt: str, schema: str | None) -> str:
    """Return the reply that was written for `prompt`.

    Args:
        prompt: the texts of all messages.
        schema: the name of the JSON schema that the answer shall have, or None for a reply with files.

    Raises:
        Unscripted: the idea is none of the examples, or nobody wrote a reply for this stage.
    """
    text = _plain(prompt)
    example = next((known for known in _known() if _plain(known.description) in text), None)
    if example is None:
        raise Unscripted("It knows: " + "; ".join(f'"{known.description}"' for known in _known()))
    if schema == "aim":
        return json.dumps({"service": "", "unclear": False})
    if schema == "spec":
        return _read(example, "spec.json")
    if any(_plain(scenario) not in text for scenario in example.scenarios):
        raise Unscripted(f"It knows {example.name} only with these tests: {'; '.join(example.scenarios)}")
    if schema == "strategies":
        return _strategies(example, prompt)
    if schema is None:
        return _files(example, prompt)
    raise Unscripted(f"It has no reply of the kind {schema}")


def _strategies(example: Example, prompt: str) -> str:
    """Return the strategies that the prompt does not name as failed; all of them once all have failed."""
    proposed = json.loads(_read(example, "strategies.json"))["strategies"]
    untried = [strategy for strategy in proposed if strategy["name"] not in prompt]
    return json.dumps({"strategies": untried or proposed})


def _files(example: Example, prompt: str) -> str:
    if _TESTS in prompt:
        return _read(example, "tests.md")
    if _REVISE in prompt:
        raise Unscripted("Of what people ask for it can only take suggestions that say no more")
    names = [strategy["name"] for strategy in json.loads(_read(example, "strategies.json"))["strategies"]]
    # A prompt may name failed strategies too, but only after the one that it is about.
    name = min((name for name in names if name in prompt), key=prompt.index, default=None)
    if name is None:
        raise Unscripted(f"It knows {example.name} only with these strategies: {', '.join(names)}")
    folder = re.sub(r"[^a-z0-9]+", "-", name.lower())
    fix = _FIX.search(prompt)
    if fix is None:
        return f"{_read(example, f'{folder}/implement.md')}\n{_read(example, 'tests.md')}"
    path = f"{folder}/fix-{fix.group(1)}.md"
    if not (example.folder / path).is_file():
        raise Unscripted(f"It has no fix {fix.group(1)} for the strategy {name}")
    return _read(example, path)


@cache
def _known() -> tuple[Example, ...]:
    return tuple(examples.load(name) for name in examples.EXAMPLES)


def _read(example: Example, path: str) -> str:
    return (example.folder / path).read_text(encoding="utf-8")


def _plain(text: str) -> str:
    """Return `text` as it is compared: without what people change, case, line breaks and the full stop."""
    return " ".join(text.casefold().split()).rstrip(".")


class ScriptedModel:
    """The endpoint, served on loopback by a thread. `start` starts it, and so does `with`."""

    def __init__(self, port: int = 0) -> None:
        """Bind to `port` of 127.0.0.1; 0 takes any that is free."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="scripted model", daemon=True
        )

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL has to be."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End serving and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> ScriptedModel:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Seconds; a client that stops in the middle of its request must not hold a thread for ever.
    timeout = 60

    def do_GET(self) -> None:
        if self.path.rstrip("/") == "/v1/models":
            model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "gptdeploy"}
            self._answer(200, {"object": "list", "data": [model]})
        else:
            self._refuse(404, f"There is no {self.path} here.", "not_found")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            self.close_connection = True
            self._refuse(413, f"A request has a Content-Length of at most {BODY_LIMIT} bytes.", "too_large")
            return
        body = self.rfile.read(int(length))
        if self.path.rstrip("/") != "/v1/chat/completions":
            self._refuse(404, f"There is no {self.path} here.", "not_found")
            return
        try:
            prompt, schema = _asked(body)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._refuse(400, f"This is no chat completion request that can be read: {error}", "malformed")
            return
        try:
            text = reply(prompt, schema)
        except Unscripted as error:
            self._refuse(400, str(error), "unscripted")
        else:
            self._answer(200, _completion(prompt, text))

    def _refuse(self, status: int, message: str, code: str) -> None:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        self._answer(status, {"error": error})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def _asked(body: bytes) -> tuple[str, str | None]:
    """Return the texts of a request's messages and the name of its schema.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is no such request.
    """
    request = json.loads(body)
    if request.get("stream"):
        raise ValueError("the scripted model does not stream")
    texts = []
    for message in request["messages"]:
        content = message["content"] or ""
        texts += [content] if isinstance(content, str) else [part["text"] for part in content]
    wanted = request.get("response_format") or {}
    schema = wanted["json_schema"]["name"] if wanted.get("type") == "json_schema" else None
    return "\n".join(texts), schema


def _completion(prompt: str, text: str) -> dict[str, Any]:
    # Models count about a token for every four characters of text and code like this.
    spent, written = len(prompt) // 4 + 1, len(text) // 4 + 1
    return {
        "id": f"scripted-{hashlib.sha256(prompt.encode()).hexdigest()[:16]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "system_fingerprint": MODEL,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
        ],
        "usage": {"prompt_tokens": spent, "completion_tokens": written, "total_tokens": spent + written},
    }
