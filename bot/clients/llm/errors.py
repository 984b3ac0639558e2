"""What went wrong with the model, in words for the person who waits for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.sentence import Sentence, joined, sentence, verbatim
from bot.values.cost import Usage

# OpenAI's context_length_exceeded and "maximum context length is 8192 tokens", which vLLM says too; llama.cpp's
# exceed_context_size_error and "exceeds the available context size (4096 tokens)", with HTTP 400 or 500
# (https://github.com/ggml-org/llama.cpp/issues/19774); Anthropic's "prompt is too long", Google's "input token count
# (...) exceeds the maximum number of tokens allowed".
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|context (?:length|size|window)|maximum context|"
    r"prompt is too long|input token count|reduce the length|request too large"
)
_STATED = re.compile(r"(?:context (?:length|size|window)|maximum)\D{0,40}?(\d{4,7})\b")
# Azure says with HTTP 400 what OpenAI says in a reply; OpenAI's invalid_prompt comes before the model sees it.
_DECLINED = frozenset({"content_filter", "content_policy_violation", "invalid_prompt"})
_UNKNOWN_MODEL = re.compile(
    r"model_not_found|model\b.{0,60}\b(?:not exist|not found)|(?:invalid|unknown|not a valid) model\b"
)


class ModelError(UserError):
    """The model gave nothing that can be used; the text says why and how to go on.

    Attributes:
        usage: what the calls until then have cost.
        why: the reason alone, in a sentence, for whoever has other advice.
    """

    def __init__(self, text: Sentence, usage: Usage | None = None, *, why: Sentence | None = None) -> None:
        super().__init__(text)
        self.usage = usage or Usage()
        self.why = why or text


class UnusableAnswer(ModelError):
    """The model answers, but not with what was asked for. Another task may succeed; in an outage none would."""


@dataclass(frozen=True)
class Problem:
    """An error of the SDK, without the SDK, or a refusal.

    Attributes:
        kind: no reply in time, no connection, an HTTP status that says no, a reply that is no chat completion, or a
            reply that declines to answer.
        words: what the other side said; code: its name for the error, such as insufficient_quota, or empty;
            param: the setting that it is about, or empty.
        status: the HTTP status, 0 for the other kinds.
        hidden: the error stood in a reply with HTTP 200; then `status` is what the error itself names.
        retry_after: seconds the other side asks to wait, None where it names no time.
    """

    kind: Literal["timeout", "unreachable", "status", "nonsense", "declined"]
    words: str
    status: int = 0
    code: str = ""
    param: str = ""
    hidden: bool = False
    retry_after: float | None = None

    @property
    def declined(self) -> bool:
        """The model, or a filter before it, does not want to answer."""
        return self.kind == "declined" or (self.status == 400 and self.code in _DECLINED)

    @property
    def too_long(self) -> bool:
        """The request and its reply are more than the model's context holds."""
        return self.status not in (0, 429) and bool(_TOO_LONG.search(self._text))

    @property
    def stated_context(self) -> int | None:
        """The size of the context that the refusal of a request names, in tokens, or None."""
        match = _STATED.search(self._text)
        return int(match[1]) if match else None

    @property
    def out_of_quota(self) -> bool:
        return self.status == 402 or "insufficient_quota" in self._text

    @property
    def unknown_model(self) -> bool:
        return self.status == 404 or (self.status == 400 and bool(_UNKNOWN_MODEL.search(self._text)))

    @property
    def another_may_answer(self) -> bool:
        """Another model may answer: this one declined, is unknown, or is down.

        A wrong key, or a wrong request, is wrong for all models.
        """
        down = self.kind in ("timeout", "unreachable", "nonsense") or self.status in (408, 409, 429)
        return self.declined or self.unknown_model or self.out_of_quota or down or (self.status >= 500)

    @property
    def names_a_wait(self) -> bool:
        """The other side takes requests again after a time that it names."""
        return self.status in (429, 503) and not self.out_of_quota and self.retry_after is not None

    @property
    def _text(self) -> str:
        return f"{self.code} {self.words}".lower()


class CallFailed(Exception):
    """A model, or its endpoint, gave no reply."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words)
        self.problem = problem


@dataclass(frozen=True)
class _Row:
    """What people read of a problem.

    Attributes:
        deed: what the model did or suffered; follows its name.
        advice: what to do; ", then comment `/retry`." follows.
    """

    applies: Callable[[Problem], bool]
    deed: Sentence
    advice: Sentence


# The first row that applies counts. `quote` is what the other side said, in brackets, or empty; `provider` is the same
# where a router says what a provider said; `models` is about the names that the endpoint lists.
_ROWS = (
    _Row(
        lambda problem: problem.declined,
        sentence("declined to answer%(quote)s"),
        sentence("Put the description differently or set another `OPENAI_MODEL`"),
    ),
    _Row(
        lambda problem: problem.kind == "timeout",
        sentence("did not answer within %(timeout)s s"),
        sentence("Check that the endpoint is up to it"),
    ),
    _Row(
        lambda problem: problem.kind == "unreachable",
        sentence("cannot be reached"),
        sentence("Check `OPENAI_BASE_URL` and that the endpoint is running"),
    ),
    _Row(
        lambda problem: problem.kind == "nonsense",
        sentence("does not answer like an OpenAI-compatible endpoint%(quote)s"),
        sentence("Check `OPENAI_BASE_URL` (it ends in `/v1`)"),
    ),
    _Row(
        lambda problem: problem.out_of_quota,
        sentence("is out of quota%(provider)s"),
        sentence("Add credit or raise the limit at the provider"),
    ),
    _Row(
        lambda problem: problem.too_long,
        sentence("has too small a context for the request"),
        sentence("Shorten the description or set a model with a larger context"),
    ),
    _Row(lambda problem: problem.unknown_model, sentence("was not found"), verbatim("%(models)s")),
    _Row(
        lambda problem: problem.status == 401,
        sentence("refused the key"),
        sentence("Set a valid `OPENAI_API_KEY`, restart the bot"),
    ),
    _Row(
        lambda problem: problem.status == 403,
        sentence("may not be used with this key%(quote)s"),
        sentence("Set another key or `OPENAI_MODEL`"),
    ),
    _Row(
        lambda problem: problem.status == 429,
        sentence("is limiting our requests%(provider)s"),
        sentence("Wait a few minutes"),
    ),
    _Row(
        lambda problem: problem.status >= 500,
        sentence("is failing (HTTP %(status)s)%(provider)s"),
        sentence("Wait until it is well again"),
    ),
    _Row(
        lambda _: True,
        sentence("refused the request (HTTP %(status)s: %(words)s)"),
        sentence("Check the model's settings"),
    ),
)

Failures = Sequence[tuple[str | None, Problem]]
"""Which models were asked, in this order, and what came of it; None where the name had yet to be asked for."""


def explain(failures: Failures, base_url: str, timeout: float, offered: Sequence[str]) -> Sentence:
    """Say which models failed, how, and what to do.

    Args:
        failures: at least one.
        timeout: seconds that were waited for a reply.
        offered: the models the endpoint lists, for a name it does not know.
    """
    host = _host(base_url)
    name, first = failures[0]
    last = failures[-1][1]
    # The advice is about the first model, which people count on; but a wrong key must be mended before all else.
    advice = sentence(
        "%(advice)s, then comment `/retry`.", advice=_advice(first if last.another_may_answer else last, offered)
    )
    if len(failures) > 1:
        tried = summarize(failures, timeout)
        return sentence(
            "No model at `%(host)s` gave an answer: %(tried)s. %(advice)s", host=host, tried=tried, advice=advice
        )
    deed = _deed(last, timeout)
    if not name:
        return sentence("The model at `%(host)s` %(deed)s. %(advice)s", host=host, deed=deed, advice=advice)
    return sentence(
        "The model `%(name)s` at `%(host)s` %(deed)s. %(advice)s", name=name, host=host, deed=deed, advice=advice
    )


def summarize(failures: Failures, timeout: float) -> Sentence:
    """Say what came of asking each model: "`a` is out of quota; `b` was not found"."""
    return joined([joined([verbatim(f"`{name}`"), _deed(problem, timeout)]) for name, problem in failures], "; ")


def _deed(problem: Problem, timeout: float) -> Sentence:
    words = _quoted(problem.words)
    quote = f" ({words})" if problem.words.strip() else ""
    provider = quote if problem.hidden else ""
    return _row(problem).deed.having(
        timeout=f"{timeout:g}", status=problem.status, words=words, quote=quote, provider=provider
    )


def _advice(problem: Problem, offered: Sequence[str]) -> Sentence:
    if not problem.unknown_model or _row(problem).advice != _ROWS[6].advice:
        return _row(problem).advice
    names = ", ".join(f"`{name}`" for name in offered[:10])
    return (
        sentence("It offers %(names)s: set `OPENAI_MODEL`", names=names)
        if names
        else sentence("Check `OPENAI_MODEL` and `OPENAI_BASE_URL`")
    )


def _row(problem: Problem) -> _Row:
    return next(row for row in _ROWS if row.applies(problem))


def _host(base_url: str) -> str:
    parts = urlsplit(base_url)
    # Not netloc: it may hold a password.
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or base_url


def _quoted(words: str) -> str:
    """Return `words` in one line that cannot break out of a comment."""
    return "`" + " ".join(words.replace("`", "'").split())[:400] + "`"
