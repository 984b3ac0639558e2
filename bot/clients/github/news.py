"""What is new in a repository: for a look that costs next to nothing where nothing is.

A list that has not changed since its tag costs a request that GitHub does not count:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from github.Repository import Repository as Remote

from bot.clients.github.issues import Issues
from bot.values.news import Changed, FoundComment, FoundIssue, Labelled

PAGE = 100
"""Items in a list: where there are as many, there may be more."""


class News(Issues):
    """Verbs for looking around."""

    def labelled(self, label: str, since: float, tag: str) -> Changed[FoundIssue]:
        """Return the open issues with a label that have changed since a moment, pull requests among them, those that
        changed first at the beginning; at most 100."""
        page = self._changed("/issues", tag, labels=label, state="open", **_since(since))
        items = None if page.items is None else tuple(_issue(item) for item in page.items)
        return Changed[FoundIssue](items=items, tag=page.tag)

    def comments_since(self, since: float, tag: str) -> Changed[FoundComment]:
        """Return the comments that were made or edited since a moment, on all issues and pull requests; at most 100."""
        page = self._changed("/issues/comments", tag, **_since(since))
        items = None if page.items is None else tuple(_comment(item) for item in page.items)
        return Changed[FoundComment](items=items, tag=page.tag)

    def who_labelled(self, number: int, label: str) -> Labelled | None:
        """Return who has put a label on an issue last; None where GitHub does not tell."""

        def read(remote: Remote) -> list[Any]:
            return self._list(remote, f"/issues/{number}/events")

        found = [
            Labelled(id=event["id"], actor=event["actor"]["login"], at=_seconds(event["created_at"]))
            for event in self._read(f"read the history of #{number}", read)
            if event["event"] == "labeled" and event["actor"] and event["label"]["name"].casefold() == label.casefold()
        ]
        return found[-1] if found else None

    def has_answered(self, number: int) -> bool:
        """Return whether the bot has said or shown something on an issue."""
        login = self.credentials.login()
        if any(comment.author == login for comment in self.bot_comments(number)):
            return True
        return self._has_reacted(f"/issues/{number}/reactions")

    def has_seen(self, comment: int) -> bool:
        """Return whether the bot has reacted to a comment."""
        return self._has_reacted(f"/issues/comments/{comment}/reactions")

    def _has_reacted(self, path: str) -> bool:
        login = self.credentials.login()
        found = self._read("read reactions", lambda remote: self._json(remote, "GET", path, content="eyes"))
        return any(reaction["user"] and reaction["user"]["login"] == login for reaction in found)

    def _changed(self, path: str, tag: str, **parameters: Any) -> Changed[Any]:
        def read(remote: Remote) -> Changed[Any]:
            headers, items = remote.requester.requestJsonAndCheck(
                "GET",
                f"/repos/{self.current}{path}",
                parameters={**parameters, "per_page": PAGE},
                headers={"If-None-Match": tag} if tag else None,
            )
            # GitHub answers 304 without a body where the tag still holds.
            return Changed[Any](items=None if items is None else tuple(items), tag=headers.get("etag") or tag)

        return self._read("look what is new", read)


def _since(seconds: float) -> dict[str, str]:
    return {"sort": "updated", "direction": "asc", "since": _stamp(seconds)}


def _issue(item: dict[str, Any]) -> FoundIssue:
    return FoundIssue(number=item["number"], changed_at=_seconds(item["updated_at"]))


def _comment(item: dict[str, Any]) -> FoundComment:
    user = item["user"] or {"login": "ghost", "id": 0, "type": "User"}
    return FoundComment(
        id=item["id"],
        number=int(item["issue_url"].rpartition("/")[2]),
        is_pull="/pull/" in item["html_url"],
        body=item["body"] or "",
        actor=user["login"],
        bot=user["id"] if user["type"] == "Bot" else None,
        seen=bool((item.get("reactions") or {}).get("eyes")),
        at=_seconds(item["created_at"]),
        changed_at=_seconds(item["updated_at"]),
    )


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
