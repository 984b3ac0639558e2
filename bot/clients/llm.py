"""The model, behind any OpenAI-compatible endpoint: the only module that imports the `openai` SDK."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar, cast

import openai
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from bot.clients.llm_errors import ModelError, Problem, UnusableAnswer, explain
from bot.clients.prices import price
from bot.models import Usage, Value

__all__ = ["Message", "Model", "ModelError", "Refused", "UnusableAnswer"]

log = logging.getLogger(__name__)

DEFAULT_MODEL = "gpt-5-mini"
OPENAI_URL = "https://api.openai.com/v1"
REASKS = 2
"""How often a reply that was refused is asked for again."""
STRUCTURED_TOKENS = 4_000
FILES_TOKENS = 8_000
"""Tokens a reply may have at first (a small model that repeats itself must come to an end); doubled with every re-ask.
Models that think before they answer get none: their thoughts count."""

# Reasoning models take no temperature and call the limit differently, of which nobody need be asked first
# (https://platform.openai.com/docs/guides/reasoning).
_REASONING = re.compile(r"(?:.*/)?(?:gpt-5|o[1-9])")
_OWN_CONTEXT = 16_000
"""Characters of a refused reply that are shown to the model again; a longer one would crowd out the task."""
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"^```[a-z]*[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)

Structured = TypeVar("Structured", bound=BaseModel)
Read = TypeVar("Read")


class Message(Value):
    """One message of a conversation with the model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Refused(Exception):
    """A reply that must not be used. Its text is told to the model, so it says what is wrong and what is wanted."""


class Model:
    """A model that answers with checked values, or not at all.

    What the endpoint turns out not to take (structured output, a temperature) is remembered for this object's life.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 900,
        retries: int = 2,
    ) -> None:
        """Connect to nothing yet: an endpoint that is down now may be up when it is needed.

        Args:
            name: the model; by default the only one that `base_url` lists, else gpt-5-mini.
            base_url: any OpenAI-compatible endpoint, ending in /v1; by default OpenAI's.
            api_key: its key, if it wants one. Organization, project and the like are read from the environment by
                the SDK.
            timeout: seconds to wait for one reply; a local model writes 25 tokens a second.
            retries: how often the SDK repeats a request that met a network error, a rate limit or a 5xx answer.
        """
        self._name = name
        self._listed = base_url is not None
        self._base_url = base_url or OPENAI_URL
        self._timeout = timeout
        self._client = openai.OpenAI(
            api_key=api_key or "none",
            base_url=self._base_url,
            timeout=openai.Timeout(timeout, connect=min(timeout, 15)),
            max_retries=retries,
        )
        self._unsupported: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The model's name.

        Raises:
            ModelError: the endpoint had to be asked and did not answer.
        """
        if self._name is None:
            offered = self._offered() if self._listed else []
            self._name = offered[0] if len(offered) == 1 else DEFAULT_MODEL
        return self._name

    def structured(self, stage: str, messages: Sequence[Message], schema: type[Structured]) -> tuple[Structured, Usage]:
        """Ask for a value of `schema`; the title of the schema is its name for the endpoint.

        Raises:
            ModelError: no reply, or none that is valid.
        """

        def read(text: str) -> Structured:
            try:
                return schema.model_validate_json(_only_json(text))
            except ValidationError as error:
                raise Refused(f"The reply is not what the schema asks for: {_faults(error)}") from error

        return self._ask(stage, messages, read, STRUCTURED_TOKENS, schema.model_json_schema())

    def files(self, stage: str, messages: Sequence[Message], read: Callable[[str], Read]) -> tuple[Read, Usage]:
        """Ask for text that `read` parses and checks; it raises `Refused` to have it asked for again.

        Raises:
            ModelError: no reply, or none that `read` accepts.
        """
        return self._ask(stage, messages, read, FILES_TOKENS, None)

    def close(self) -> None:
        """Drop the connections."""
        self._client.close()

    def _ask(
        self,
        stage: str,
        messages: Sequence[Message],
        read: Callable[[str], Read],
        tokens: int,
        schema: dict[str, Any] | None,
    ) -> tuple[Read, Usage]:
        """Converse until `read` accepts a reply. Only the last refused reply is shown again: contexts can be small."""
        usage = Usage()
        conversation = list(messages)
        reason = ""
        for ask in range(REASKS + 1):
            started = time.monotonic()
            try:
                completion = self._complete(conversation, tokens << ask, 0.2 + 0.3 * ask, schema)
            except (openai.OpenAIError, ValueError) as error:
                spent = usage + Usage(seconds=time.monotonic() - started)
                raise ModelError(self._explain(error), spent) from error
            usage += self._usage(completion, time.monotonic() - started)
            choice = completion.choices[0]
            text = _THOUGHTS.sub("", choice.message.content or "").strip()
            shown = text if len(text) <= _OWN_CONTEXT else ""
            try:
                if choice.message.refusal or choice.finish_reason == "content_filter":
                    raise UnusableAnswer(self._say(f"declined to answer. {choice.message.refusal or ''}"), usage)
                if choice.finish_reason == "length":
                    shown = ""
                    raise Refused("The reply was cut off because it was too long. Answer in full, but shorter.")
                if not text:
                    raise Refused("The reply was empty.")
                value = read(text)
            except Refused as refusal:
                reason = str(refusal)
                log.info("%s: reply %d of %s refused: %s", stage, ask + 1, self._name, reason)
            else:
                return value, usage
            conversation = [*messages]
            if shown:
                conversation.append(Message(role="assistant", content=shown))
            note = f"Your reply was refused:\n{reason}\nAnswer again, in full and in the same format."
            conversation.append(Message(role="user", content=note))
        raise UnusableAnswer(
            self._say(
                f"gave no usable answer in {REASKS + 1} tries ({stage}), the last time because: {_one_line(reason)}\n"
                "Comment `/retry` to try again, put the description more precisely, or set a stronger `OPENAI_MODEL`."
            ),
            usage,
        )

    def _complete(
        self, conversation: Sequence[Message], tokens: int, temperature: float, schema: dict[str, Any] | None
    ) -> ChatCompletion:
        """Call the endpoint, leaving out what it says it does not take."""
        if _REASONING.match(self.name):
            settings: dict[str, Any] = {}
        else:
            settings = {"temperature": temperature, "max_tokens": tokens}
        if schema is not None:
            described = {"name": schema["title"], "schema": schema, "strict": True}
            settings["response_format"] = {"type": "json_schema", "json_schema": described}
        unsupported = self._unsupported
        while True:
            sent = {key: value for key, value in settings.items() if key not in unsupported}
            messages = [message.model_dump() for message in conversation]
            if schema is not None and "response_format" in unsupported:
                messages[-1]["content"] += "\n\n" + _in_words(schema)
            try:
                completion = self._client.chat.completions.create(model=self.name, messages=cast(Any, messages), **sent)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                culprit = _culprit(error, sent)
                if culprit is None:
                    raise
                unsupported |= {culprit}
            else:
                # Only now it is known that what was left out was at fault.
                self._unsupported |= unsupported
                if not isinstance(completion, ChatCompletion) or not completion.choices:
                    raise ValueError("its reply is no chat completion")
                return completion

    def _usage(self, completion: ChatCompletion, seconds: float) -> Usage:
        spent = completion.usage
        if spent is None:
            return Usage(seconds=seconds)
        details = spent.prompt_tokens_details
        cached = (details.cached_tokens if details else 0) or 0
        cost = price(
            self._base_url, completion.model or self.name, spent.prompt_tokens, cached, spent.completion_tokens
        )
        return Usage(prompt=spent.prompt_tokens, completion=spent.completion_tokens, cost_usd=cost, seconds=seconds)

    def _offered(self) -> list[str]:
        try:
            return [model.id for model in self._client.models.list()]
        except openai.NotFoundError:
            return []
        except (openai.OpenAIError, ValueError, AttributeError) as error:
            raise ModelError(self._explain(error)) from error

    def _explain(self, error: Exception) -> str:
        offered: list[str] = []
        if isinstance(error, openai.NotFoundError) and self._listed:
            try:
                offered = self._offered()
            except ModelError:
                offered = []
        return explain(_problem(error), self._name, self._base_url, self._timeout, offered)

    def _say(self, what: str) -> str:
        return f"The model `{self._name}` {what}"


def _problem(error: Exception) -> Problem:
    match error:
        case openai.APITimeoutError():
            return Problem("timeout", str(error))
        case openai.APIConnectionError():
            return Problem("unreachable", str(error))
        case openai.APIStatusError():
            # The SDK's own message wraps what was said into "Error code: 400 - {...}".
            said = error.body.get("message") if isinstance(error.body, dict) else None
            return Problem("status", str(said or error.message), error.status_code, error.code or "")
        case _:
            return Problem("nonsense", str(error) or type(error).__name__)


def _culprit(error: openai.APIStatusError, sent: dict[str, Any]) -> str | None:
    """Return the setting to leave out because of `error`, or None where that cannot help."""
    words = f"{error.param} {error.code} {error.message}".lower()
    for setting in ("temperature", "max_tokens"):
        if setting in sent and setting in words:
            return setting
    if "response_format" in sent and "context" not in words:
        return "response_format"
    return None


def _in_words(schema: dict[str, Any]) -> str:
    return "Reply with one JSON object and nothing else. Its JSON schema:\n" + json.dumps(schema, ensure_ascii=False)


def _only_json(text: str) -> str:
    """Return `text`, or what its only fenced block holds: servers without structured output wrap JSON in prose."""
    if text.startswith("{"):
        return text
    blocks = _FENCED.findall(text)
    return blocks[0] if len(blocks) == 1 else text


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'reply'}: {fault['msg']}" for fault in faults[:8])


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]
