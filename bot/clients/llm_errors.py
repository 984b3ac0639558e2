"""What went wrong with the model, in words for the person who waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.models import Usage

_GO_ON = "then comment `/retry`."


class ModelError(UserError):
    """The model gave nothing that can be used; the text says why and how to go on.

    Attributes:
        usage: what the calls until then have cost.
    """

    def __init__(self, message: str, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage or Usage()


class UnusableAnswer(ModelError):
    """The model answers, but not with what was asked for: another task may fare better, unlike in an outage."""


@dataclass(frozen=True)
class Problem:
    """An error of the SDK, without the SDK.

    Attributes:
        kind: no reply in time, no connection, an HTTP status that says no, or a reply that is no chat completion.
        status: the HTTP status, 0 for the other kinds.
        words: what the other side said; code: its name for the error, such as insufficient_quota, or empty.
    """

    kind: Literal["timeout", "unreachable", "status", "nonsense"]
    words: str
    status: int = 0
    code: str = ""


def explain(problem: Problem, model: str | None, base_url: str, timeout: float, offered: Sequence[str]) -> str:
    """Say which model failed, how, and what to do.

    Args:
        model: None where the name had yet to be asked for.
        timeout: seconds that were waited for a reply.
        offered: the models the endpoint lists, for a name it does not know.
    """
    who = f"The model {f'`{model}` ' if model else ''}at `{_host(base_url)}`"
    match problem.kind:
        case "timeout":
            return f"{who} did not answer within {timeout:g} s. Check that the endpoint is up to it, {_GO_ON}"
        case "unreachable":
            return f"{who} cannot be reached. Check `OPENAI_BASE_URL` and that the endpoint is running, {_GO_ON}"
        case "nonsense":
            return (
                f"{who} does not answer like an OpenAI-compatible endpoint ({_quoted(problem.words)}). "
                f"Check `OPENAI_BASE_URL` (it ends in `/v1`), {_GO_ON}"
            )
        case "status":
            return _status(problem, who, offered)


def _status(problem: Problem, who: str, offered: Sequence[str]) -> str:
    words = f"{problem.code} {problem.words}".lower()
    if problem.status == 402 or "insufficient_quota" in words:
        return f"{who} is out of quota. Add credit or raise the limit at the provider, {_GO_ON}"
    match problem.status:
        case 401:
            return f"{who} refused the key. Set a valid `OPENAI_API_KEY`, restart the bot, {_GO_ON}"
        case 403:
            words = _quoted(problem.words)
            return f"{who} may not be used with this key ({words}). Set another key or `OPENAI_MODEL`, {_GO_ON}"
        case 404:
            names = ", ".join(f"`{name}`" for name in offered[:10])
            hint = f"It offers {names}: set `OPENAI_MODEL`" if names else "Check `OPENAI_MODEL` and `OPENAI_BASE_URL`"
            return f"{who} was not found. {hint}, {_GO_ON}"
        case 429:
            return f"{who} is limiting our requests. Wait a few minutes, {_GO_ON}"
        case status if status >= 500:
            return f"{who} is failing (HTTP {status}). Wait until it is well again, {_GO_ON}"
        case _ if "context" in words:
            return (
                f"The request is too long for t{who[1:]}. "
                f"Shorten the description or set a model with a larger context, {_GO_ON}"
            )
        case status:
            words = _quoted(problem.words)
            return f"{who} refused the request (HTTP {status}: {words}). Check the model's settings, {_GO_ON}"


def _host(base_url: str) -> str:
    parts = urlsplit(base_url)
    # Not netloc: it may hold a password.
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or base_url


def _quoted(words: str) -> str:
    """Return `words` in one line that cannot break out of a comment."""
    return "`" + " ".join(words.replace("`", "'").split())[:400] + "`"
