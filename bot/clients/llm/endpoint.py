"""Any OpenAI-compatible endpoint, through the `openai` SDK; its errors become ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import openai
from openai.types.chat import ChatCompletion

from bot.clients.llm.completions import Completion, CompletionRequest, schema_instruction
from bot.clients.llm.errors import CallFailed, Problem

CALLS = 4
"""How many calls an endpoint gets at a time: it serves a few well. Others wait: first come, first served."""
_LIST_SECONDS = 30
# What some models write before their answer.
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
# The words of an error that are about a setting. Ollama says that a model "does not support thinking".
_ABOUT = {
    "reasoning_effort": re.compile(r"reasoning|\bthink"),
    "temperature": re.compile(r"temperature"),
    "max_tokens": re.compile(r"max_(?:completion_)?tokens"),
}


class Endpoint:
    """The connection to an endpoint. It may be used by several threads at once."""

    def __init__(self, base_url: str, api_key: str | None, timeout: float, retries: int) -> None:
        self.base_url = base_url
        self.timeout = timeout
        self._client = openai.OpenAI(
            api_key=api_key or "none",
            base_url=base_url,
            timeout=openai.Timeout(timeout, connect=min(timeout, 15)),
            max_retries=retries,
        )
        # A pool and not a semaphore: a semaphore lets a newcomer pass those who wait.
        self._calls = ThreadPoolExecutor(CALLS, "model-call")

    def entries(self, patient: bool) -> dict[str, Mapping[str, Any]]:
        """Return the entries of /models by the models' names; none where the endpoint has no such page.

        Args:
            patient: repeat the request after an error that may pass.

        Raises:
            CallFailed: no list can be had.
        """
        client = self._client if patient else self._client.with_options(max_retries=0)
        try:
            page = client.models.list(timeout=min(self.timeout, _LIST_SECONDS))
            return {entry.id: entry.model_dump() for entry in page}
        except openai.NotFoundError:
            return {}
        except (openai.OpenAIError, ValueError, AttributeError) as error:
            raise CallFailed(_problem(error)) from error

    def complete(
        self, model: str, request: CompletionRequest, unsupported: frozenset[str]
    ) -> tuple[Completion, frozenset[str]]:
        """Have a model reply, leaving out the settings it does not take.

        Returns:
            The reply, and the settings that the model is known not to take: `unsupported` and those found out now.

        Raises:
            CallFailed: no reply.
        """
        settings = _settings(request)
        while True:
            sent = {key: value for key, value in settings.items() if key not in unsupported}
            messages = [message.model_dump() for message in request.messages]
            if request.schema is not None and "response_format" in unsupported:
                # At the end of the task, which is the same when it is asked again: caches keep what prompts begin with.
                messages[request.task - 1]["content"] += "\n\n" + schema_instruction(request.schema)
            try:
                completion = self._calls.submit(self._create, model, messages, sent).result()
                # Only a reply shows that the settings left out were the fault.
                return _completion(completion), unsupported
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                culprit = _culprit(error, sent)
                if culprit is None:
                    raise CallFailed(_problem(error)) from error
                unsupported |= {culprit}
            except (openai.OpenAIError, ValueError) as error:
                raise CallFailed(_problem(error)) from error

    def close(self) -> None:
        """Drop the connections; no call may be under way."""
        self._calls.shutdown()
        self._client.close()

    def _create(self, model: str, messages: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> object:
        return self._client.chat.completions.create(model=model, messages=cast(Any, messages), **settings)


def _settings(request: CompletionRequest) -> dict[str, Any]:
    settings: dict[str, Any] = {"temperature": request.temperature}
    if request.limit is not None:
        settings["max_tokens"] = request.limit
    if request.effort is not None:
        settings["reasoning_effort"] = request.effort
    if request.schema is not None:
        described = {"name": request.schema["title"], "schema": request.schema, "strict": True}
        settings["response_format"] = {"type": "json_schema", "json_schema": described}
    return settings


def _completion(completion: Any) -> Completion:
    if not isinstance(completion, ChatCompletion) or not completion.choices:
        raise ValueError("its reply is no chat completion")
    choice, spent = completion.choices[0], completion.usage
    message = choice.message
    declined = message.refusal is not None or choice.finish_reason == "content_filter"
    asked = spent.prompt_tokens_details if spent else None
    answered = spent.completion_tokens_details if spent else None
    text = message.content or ""
    # Servers of open models put the thoughts into a field of their own, or before the text.
    thought = getattr(message, "reasoning_content", None) or text.lstrip().startswith("<think>")
    return Completion(
        text=_THOUGHTS.sub("", text).strip(),
        refusal=(message.refusal or "") if declined else None,
        truncated=choice.finish_reason == "length",
        thought=bool(thought or (answered and answered.reasoning_tokens)),
        model=completion.model or "",
        prompt=spent.prompt_tokens if spent else 0,
        cached=(asked.cached_tokens or 0) if asked else 0,
        completion=spent.completion_tokens if spent else 0,
    )


def _problem(error: Exception) -> Problem:
    match error:
        case openai.APITimeoutError():
            return Problem("timeout", str(error))
        case openai.APIConnectionError():
            return Problem("unreachable", str(error))
        case openai.APIStatusError():
            # The SDK's own message wraps the server's words into "Error code: 400 - {...}".
            body = error.body if isinstance(error.body, dict) else {}
            code = error.code or (body.get("type") if "context" in str(body.get("type")) else "")
            return Problem("status", str(body.get("message") or error.message), error.status_code, str(code or ""))
        case _:
            return Problem("nonsense", str(error) or type(error).__name__)


def _culprit(error: openai.APIStatusError, sent: dict[str, Any]) -> str | None:
    """Return the setting to leave out because of `error`, or None where that cannot help."""
    problem = _problem(error)
    if problem.declined or problem.too_long or problem.unknown_model:
        return None
    words = f"{error.param} {error.code} {error.message}".lower()
    named = (setting for setting, about in _ABOUT.items() if setting in sent and about.search(words))
    # Some servers do not name the setting. Then it is probably one that not every server knows.
    unnamed = (setting for setting in ("response_format", "reasoning_effort") if setting in sent)
    return next(named, None) or next(unnamed, None)
