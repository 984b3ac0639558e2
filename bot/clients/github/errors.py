"""What GitHub's refusals mean: which of them pass by themselves, and what a person can do about the others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from github import GithubException

from bot.errors import Hindrance, Unavailable, UserError
from bot.sentence import Sentence, sentence

_UNNAMED_WAIT = 60.0
"""Seconds to wait after a rate limit that names no time.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

_BLOCKED = (
    (Hindrance.ARCHIVED, "was archived so is read-only"),
    (Hindrance.SUSPENDED, "installation has been suspended"),
    (Hindrance.PERMISSION, "not accessible by integration"),
    (Hindrance.PERMISSION, "permissions requested are not granted"),
)
"""What GitHub says where nothing can be done before somebody has changed it.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
"""

_TRANSIENT_REASONS = ("something went wrong", "timeout", "timed out", "was submitted too quickly")


class Rejected(UserError):
    """GitHub understood the request and refused it.

    Attributes:
        status: the HTTP status; 422 for an error in a GraphQL answer, 404 for one of type NOT_FOUND.
        reason: GitHub's own words.
    """

    def __init__(self, text: Sentence, status: int, reason: str) -> None:
        super().__init__(text)
        self.status = status
        self.reason = reason


class NoLog(Rejected):
    """GitHub has no log of a job: not yet (404), or no more (410)."""

    def __init__(self, doing: str, status: int) -> None:
        text = sentence("I could not %(doing)s. GitHub says: %(status)s.", doing=doing, status=status)
        super().__init__(text, status, "")


class HeadMoved(UserError):
    """The branch is not where the bot left it: somebody else pushed."""

    def __init__(self, branch: str) -> None:
        super().__init__(
            sentence(
                "Somebody pushed to `%(branch)s` in the meantime, so I stand back and leave it as it is. "
                "Comment `/retry` on the pull request and I go on from there.",
                branch=branch,
            )
        )


class ForeignAnswer(Exception):
    """Something else than GitHub has answered; the text is the beginning of what is known of it."""

    def __init__(self, answer: Any) -> None:
        super().__init__(" ".join(str(answer).split())[:200])


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what PyGithub and requests raise into our kinds of failure.

    Args:
        doing: what the request was for, as in "I could not <doing>".

    Raises:
        Unavailable: no connection, a 5xx answer, one that is not GitHub's, a rate limit; the repository is archived,
            the App's installation is suspended or lacks a permission, or its credentials are refused.
        Rejected: every other refusal.
    """
    try:
        yield
    except GithubException as error:
        raise failure(doing, error.status, error.headers or {}, error.data) from error
    except ForeignAnswer as error:
        raise Unavailable(f"This is not GitHub's answer (trying to {doing}): {error}", Hindrance.OUTAGE) from error
    except (requests.RequestException, json.JSONDecodeError) as error:
        text = f"GitHub did not answer (trying to {doing}): {type(error).__name__}"
        raise Unavailable(text, Hindrance.OUTAGE) from error


def failure(doing: str, status: int, headers: Mapping[str, Any], data: Any) -> Unavailable | Rejected:
    """Return our kind of failure for an answer that is an error.

    Args:
        headers: the answer's headers, names in lower case.
        data: the decoded body.
    """
    reason = _reason(data)
    wait = _wait(headers)
    if _is_rate_limit(status, headers, data, reason):
        limited = f"GitHub's rate limit (trying to {doing}): {reason}"
        return Unavailable(limited, Hindrance.LIMIT, _UNNAMED_WAIT if wait is None else wait)
    graphql = isinstance(data, dict) and "errors" in data and "message" not in data
    if status >= 500 or (graphql and any(word in reason.lower() for word in _TRANSIENT_REASONS)):
        return Unavailable(f"GitHub answered {status} (trying to {doing}): {reason}", Hindrance.OUTAGE, wait)
    if graphql and status == 400:
        status = 422
    text = sentence(
        "I could not %(doing)s. GitHub says: %(reason)s. %(advice)s",
        doing=doing,
        reason=reason or status,
        advice=_advice(status, reason),
    )
    if hindrance := _hindrance(status, reason):
        return Unavailable(str(text), hindrance, permissions=_accepted(headers))
    return Rejected(text, status, reason)


def without_errors_of(part: str, error: GithubException) -> dict[str, Any]:
    """Return a GraphQL answer, which came with errors, where all that is wrong is one part that is not there for us.

    Args:
        part: its name in the answer.

    Raises:
        GithubException: more is wrong than that; it has the other errors alone.
    """
    answer = error.data
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
        raise error
    # A part that did not come for another reason, such as a timeout, may be there.
    others = [
        each
        for each in _errors(answer)
        if (each.get("path") or [""])[0] != part or each.get("type") not in ("NOT_FOUND", "FORBIDDEN")
    ]
    if not others:
        return answer
    if len(others) == len(_errors(answer)):
        raise error
    status = 404 if others[0].get("type") == "NOT_FOUND" else error.status
    raise GithubException(status, {**answer, "errors": others}, error.headers) from error


def _is_rate_limit(status: int, headers: Mapping[str, Any], data: Any, reason: str) -> bool:
    if isinstance(data, dict) and any(error.get("type") == "RATE_LIMITED" for error in _errors(data)):
        return True
    if status not in (403, 429):
        return False
    exhausted = str(headers.get("x-ratelimit-remaining", "")) == "0"
    return status == 429 or exhausted or "retry-after" in headers or "rate limit" in reason.lower()


def _hindrance(status: int, reason: str) -> Hindrance | None:
    """Return what keeps the bot from all it could do here, or None where only this request is refused."""
    if status == 401:
        return Hindrance.CREDENTIALS
    return next((hindrance for hindrance, words in _BLOCKED if words in reason), None)


def _accepted(headers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the permissions that a request takes, e.g. ("issues: write",); () where GitHub does not say it.

    GitHub names several sets where one of them is enough; the first one counts.
    https://github.blog/changelog/2023-08-10-x-accepted-github-permissions-header-for-fine-grained-permission-actors
    """
    first = str(headers.get("x-accepted-github-permissions", "")).partition(";")[0]
    return tuple(one.strip().replace("=", ": ") for one in first.split(",") if "=" in one)


def _wait(headers: Mapping[str, Any]) -> float | None:
    """Return the seconds that the answer asks to wait, or None if it names no time."""
    try:
        if "retry-after" in headers:
            return max(0.0, float(headers["retry-after"]))
        if str(headers.get("x-ratelimit-remaining", "")) == "0" and "x-ratelimit-reset" in headers:
            return max(1.0, float(headers["x-ratelimit-reset"]) - time.time() + 1)
    except ValueError:
        return None
    return None


def _errors(data: dict[str, Any]) -> list[dict[str, Any]]:
    errors = data.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _reason(data: Any) -> str:
    """Return GitHub's words on one line, at most 300 characters; empty for a page of HTML."""
    if not isinstance(data, dict):
        return ""
    words = [str(data["message"])] if data.get("message") else []
    for error in _errors(data):
        text = str(error.get("message") or " ".join(str(error[key]) for key in ("field", "code") if error.get(key)))
        if text and text not in words:
            words.append(text)
    return " ".join("; ".join(words).split())[:300].rstrip(".")


def _advice(status: int, reason: str) -> Sentence:
    if status == 401:
        return sentence("The credentials are refused: check `GITHUB_APP_ID` and `GITHUB_PRIVATE_KEY`.")
    if "not accessible by integration" in reason or "permissions requested are not granted" in reason:
        return sentence(
            "Accept the permissions the GitHub App asks for in the repository's settings, then comment `/retry`."
        )
    if status == 404:
        return sentence("Check that the GitHub App is installed on this repository, then comment `/retry`.")
    return sentence("Mend that, then comment `/retry`.")
