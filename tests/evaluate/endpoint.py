"""The model's endpoint of an evaluation that is recorded or replayed: it stands between the bot and the real one.

The bot asks for another model at each stage, e.g. for `gpt-5-mini@fix`; that tells the stage of a request, whatever the
words of its prompt are.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import httpx

from bot.clients.llm import DEFAULT_MODEL
from bot.config import Settings
from tests.evaluate.record import Exchange, Recorded, digest, read, readable, write
from tests.evaluate.suite import Task
from tests.fakes.model import Answer, Failure, FakeModel, Raw, Reply

STAGES = tuple(name.removeprefix("model_") for name in Settings.model_fields if name.startswith("model_"))
"""The stages that can have a model of their own. A review of tests is asked of the writer of the tests."""
MORE_SECONDS = 10.0
"""How much longer than the real endpoint this one may take."""
_TIMEOUT = 900.0


def staged(environ: Mapping[str, str], url: str, model: str = DEFAULT_MODEL) -> dict[str, str]:
    """Return the environment of a bot that asks the endpoint at `url`, and names the stage in the model's name.

    Args:
        model: the model where none is set.
    """
    default = environ.get("OPENAI_MODEL") or model
    names = {f"OPENAI_MODEL_{stage.upper()}": stage for stage in STAGES}
    return {
        **environ,
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": environ.get("OPENAI_API_KEY") or "none",
        "OPENAI_TIMEOUT": f"{_timeout(environ) + MORE_SECONDS:g}",
        "OPENAI_MODEL": default,
        "OPENAI_FALLBACKS": "",
        **{variable: f"{environ.get(variable) or default}@{stage}" for variable, stage in names.items()},
    }


class Endpoint(FakeModel):
    """Finds out which task and which stage a request is of. Use it as a context manager."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        super().__init__()
        self._tasks = tasks
        self._lock = Lock()

    def next_answer(self, request: dict[str, Any]) -> Answer:
        """Return what the endpoint answers a request."""
        prompt = "\n".join(message["content"] for message in request["messages"])
        task = next((task.name for task in self._tasks if task.is_in(prompt)), None)
        model, _, stage = request["model"].rpartition("@")
        if stage not in STAGES:
            return self.unknown(request)
        plain = {**request, "model": model}
        return self.answer(task, stage, plain) if task else self.unknown(plain)

    @abstractmethod
    def answer(self, task: str, stage: str, request: dict[str, Any]) -> Answer:
        """Return the answer to a request of one of the tasks."""

    def unknown(self, request: dict[str, Any]) -> Answer:
        """Return the answer to a request that belongs to no task."""
        return Failure(400, f"The request to {request['model']} belongs to no task of the evaluation")


class Recorder(Endpoint):
    """Passes requests on to a real endpoint, and writes down what that replies."""

    def __init__(self, tasks: Sequence[Task], folder: Path, environ: Mapping[str, str]) -> None:
        """Write nothing yet: a task's old file is replaced when its first reply comes.

        Args:
            environ: names the real endpoint as the bot's settings do.
        """
        super().__init__(tasks)
        self._folder = folder
        key = environ.get("OPENAI_API_KEY")
        self._real = httpx.Client(
            base_url=(environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1").rstrip("/"),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(_timeout(environ), connect=15),
        )
        self._written: dict[str, Recorded] = {}
        self.models = self._listed()

    def answer(self, task: str, stage: str, request: dict[str, Any]) -> Answer:
        began = time.monotonic()
        response = self._post(request)
        if isinstance(response, Raw) and response.status == 200:
            self._write(task, stage, request, response.body, time.monotonic() - began)
        return response

    def unknown(self, request: dict[str, Any]) -> Answer:
        return self._post(request)

    def _listed(self) -> list[str | Mapping[str, Any]] | None:
        """Return what the real endpoint lists, under the names by which the bot asks."""
        try:
            entries = self._real.get("/models").json()["data"]
            return [{**entry, "id": f"{entry['id']}@{stage}"} for entry in entries for stage in STAGES]
        except (httpx.TransportError, ValueError, LookupError, TypeError):
            return None

    def _post(self, request: dict[str, Any]) -> Answer:
        try:
            response = self._real.post("/chat/completions", json=request)
            return Raw(response.json(), response.status_code, _waits(response))
        except httpx.TimeoutException as error:
            return Failure(504, f"{self._real.base_url} does not answer in time: {error}", headers={})
        except httpx.TransportError as error:
            return Failure(502, f"{self._real.base_url} does not answer: {error}", headers={})
        except ValueError:
            return Failure(response.status_code, body=response.text, headers=_waits(response))

    def _write(self, task: str, stage: str, request: dict[str, Any], body: Any, seconds: float) -> None:
        message, finish, usage = _reply(body)
        if message is None:
            return
        text = message.get("content")
        # What is written down is what the bot gets, so that its next prompt, which quotes it, is the same at replay.
        if isinstance(text, str):
            body["choices"][0]["message"]["content"] = text = readable(text)
        exchange = Exchange(
            stage=stage,
            prompt=digest(request["messages"]),
            sent=usage.get("prompt_tokens", 0),
            received=usage.get("completion_tokens", 0),
            seconds=round(seconds, 1),
            finish=finish,
            reply=text if isinstance(text, str) and not message.get("tool_calls") else message,
        )
        with self._lock:
            before = self._written.get(task) or Recorded(task=task, model=request["model"])
            self._written[task] = before.model_copy(update={"exchanges": (*before.exchanges, exchange)})
            write(self._folder, self._written[task])


class Replayer(Endpoint):
    """Gives the recorded replies: the first to the first request of a stage of a task, the second to the second.

    Attributes:
        replayed: how many replies were given, by task.
        differing: how many of them to another prompt than the recorded one.
        beyond: asks for what belongs to no task; None refuses that.
    """

    def __init__(self, tasks: Sequence[Task], folder: Path, beyond: str | None = None) -> None:
        """Read the record.

        Raises:
            ValueError: it holds nothing of some of the tasks.
        """
        recorded = {task.name: read(folder, task.name) for task in tasks}
        if missing := [name for name, file in recorded.items() if file is None]:
            raise ValueError(f"the record in {folder} holds nothing of {', '.join(missing)}")
        super().__init__(tasks)
        self.beyond = beyond
        self.replayed: Counter[str] = Counter()
        self.differing: Counter[str] = Counter()
        self._left = {name: list(file.exchanges) for name, file in recorded.items() if file is not None}

    def answer(self, task: str, stage: str, request: dict[str, Any]) -> Answer:
        with self._lock:
            due = next((exchange for exchange in self._left[task] if exchange.stage == stage), None)
            if due is None:
                return Failure(400, f"The record holds no further reply for {stage} of the task {task}")
            self._left[task].remove(due)
            self.replayed[task] += 1
            self.differing[task] += due.prompt != digest(request["messages"])
        if isinstance(due.reply, str):
            return Reply(due.reply, due.finish, due.sent, due.received)
        usage = {"prompt_tokens": due.sent, "completion_tokens": due.received}
        choice = {"index": 0, "message": due.reply, "finish_reason": due.finish}
        return Raw({"object": "chat.completion", "model": request["model"], "choices": [choice], "usage": usage})

    def unknown(self, request: dict[str, Any]) -> Answer:
        if self.beyond is None:
            return super().unknown(request)
        response = httpx.post(f"{self.beyond}/chat/completions", json=request, timeout=60, trust_env=False)
        return Raw(response.json(), response.status_code)


def _reply(body: Any) -> tuple[dict[str, Any] | None, str, dict[str, int]]:
    """Return message, end and tokens of a completion; no message where the body holds none."""
    try:
        choice = body["choices"][0]
        return dict(choice["message"]), choice.get("finish_reason") or "stop", body.get("usage") or {}
    except (LookupError, TypeError, ValueError):
        return None, "", {}


def _waits(response: httpx.Response) -> dict[str, str]:
    """Return the headers that say when to ask again."""
    return {name: value for name, value in response.headers.items() if name.startswith("retry-after")}


def _timeout(environ: Mapping[str, str]) -> float:
    return float(environ.get("OPENAI_TIMEOUT") or _TIMEOUT)
