"""Any OpenAI-compatible endpoint, through the `openai` SDK; its errors become ours."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ssl import SSLContext
from typing import Any, cast

import httpx
import openai

from bot.clients.llm.adapting import culprit, request_messages, request_settings
from bot.clients.llm.answers import decoded, read_completion, read_error, read_hidden_error, read_models
from bot.clients.llm.completions import Completion, CompletionRequest
from bot.clients.llm.errors import CallFailed, Problem
from bot.clients.llm.waits import wait_in
from bot.foreign import without_keys

CALLS = 4
"""How many calls an endpoint gets at a time: it serves a few well. Others wait: first come, first served."""
_LIST_SECONDS = 30
_WAIT_HEADERS = {"retry-after-ms", "retry-after"}
_HIDDEN = "hidden error"


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
            http_client=openai.DefaultHttpxClient(verify=_tls(), event_hooks={"response": [_show_error]}),
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
            page = client.models.with_raw_response.list(timeout=min(self.timeout, _LIST_SECONDS))
            return read_models(decoded(page.http_response.content))
        except openai.NotFoundError:
            return {}
        except (openai.OpenAIError, ValueError) as error:
            raise CallFailed(_problem(error)) from error

    def complete(
        self, model: str, request: CompletionRequest, unsupported: frozenset[str]
    ) -> tuple[Completion, frozenset[str]]:
        """Have a model reply, leaving out what it does not take.

        Returns:
            The reply, and what the model is known not to take: `unsupported` and what was found out now.

        Raises:
            CallFailed: no reply.
        """
        while True:
            try:
                answer = self._calls.submit(self._post, model, request, unsupported).result()
                # Only a reply shows that what was left out was the fault.
                return read_completion(decoded(answer)), unsupported
            except openai.APIStatusError as error:
                problem = _problem(error)
                feature = culprit(problem, request, unsupported)
                if feature is None:
                    raise CallFailed(problem) from error
                unsupported |= {feature}
            except (openai.OpenAIError, ValueError) as error:
                raise CallFailed(_problem(error)) from error

    def close(self) -> None:
        """Drop the connections; no call may be under way."""
        self._calls.shutdown()
        self._client.close()

    def _post(self, model: str, request: CompletionRequest, unsupported: frozenset[str]) -> bytes:
        """Return the body of an answer, unread: the SDK fails on fields of another type than documented."""
        messages = cast(Any, request_messages(request, unsupported))
        settings = request_settings(request, unsupported)
        answer = self._client.chat.completions.with_raw_response.create(model=model, messages=messages, **settings)
        return answer.http_response.content


@cache
def _tls() -> SSLContext:
    # To make one takes ten times as long as all else of a client.
    return httpx.create_ssl_context()


def _show_error(response: Any) -> None:
    """Give an answer the status of the error that HTTP 200 hides, so that the SDK tries again where that may help.

    Where a refusal says only in words how long to wait, the SDK would ask again too early, so it must not.
    """
    if response.status_code != 200 and response.status_code < 400:
        return
    response.read()
    if response.status_code == 200 and (report := read_hidden_error(decoded(response.content))):
        response.status_code = report.status
        response.extensions[_HIDDEN] = True
    if response.status_code in (429, 503) and _WAIT_HEADERS.isdisjoint(response.headers) and wait_in(response.text):
        response.headers["x-should-retry"] = "false"


def _problem(error: Exception) -> Problem:
    match error:
        case openai.APITimeoutError():
            return Problem("timeout", str(error))
        case openai.APIConnectionError():
            return Problem("unreachable", str(error))
        case openai.APIStatusError():
            return _status_problem(error)
        case _:
            return Problem("nonsense", str(error) or type(error).__name__)


def _status_problem(error: openai.APIStatusError) -> Problem:
    response = error.response
    hidden = _HIDDEN in response.extensions
    report = (read_hidden_error if hidden else read_error)(decoded(response.content))
    return Problem(
        "status",
        # Some repeat the key that they refuse, and what is said of a failure is stored.
        without_keys(report.words if report else error.message),
        error.status_code,
        code=report.code if report else "",
        param=report.param if report else "",
        hidden=hidden,
        retry_after=_wait(response),
    )


def _wait(response: Any) -> float | None:
    """Return the seconds that a refusal asks to wait, in a header or in its words, or None."""
    header = response.headers.get("retry-after", "")
    return float(header) if header.isdecimal() else wait_in(response.text)
