"""Pages that come in the place of GitHub's answer, with a status of success: a proxy's own, such as one to sign in."""

from __future__ import annotations

from typing import Any

from github.Requester import Requester

from bot.clients.github.errors import ForeignAnswer


def refuse_pages(requester: Requester) -> None:
    """Have a requester raise `ForeignAnswer` for what is no JSON: PyGithub takes a page for {"data": "<html>..."}."""
    ask = requester.requestJsonAndCheck

    def ask_for_json(verb: str, url: str, *more: Any, **named: Any) -> tuple[dict[str, Any], Any]:
        headers, answer = ask(verb, url, *more, **named)
        if answer is not None and "json" not in headers.get("content-type", ""):
            raise ForeignAnswer(answer)
        return headers, answer

    requester.requestJsonAndCheck = ask_for_json  # type: ignore[method-assign]
