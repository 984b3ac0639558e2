"""What is new in a repository: for a look that costs next to nothing where nothing is.

A list that has not changed since its tag costs a request that GitHub does not count:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from github.Repository import Repository as Remote

from bot.clients.github.branches import GITHUB_ITSELF
from bot.clients.github.issues import Issues
from bot.values.form import is_by_form
from bot.values.news import Changed, FoundComment, FoundIssue, FoundPull, FoundSuite, Labelled, Person, Reopened

PAGE = 100
"""Items in a list: where there are as many, there may be more."""


class News(Issues):
    """Verbs for looking around."""

    def open_issues_since(self, since: float, tag: str) -> Changed[FoundIssue]:
        """Return the open issues that have changed since a moment, pull requests among them, those that changed first
        at the beginning; at most 100."""
        page = self._changed("/issues", tag, state="open", **_since(since))
        items = None if page.items is None else tuple(_issue(item) for item in page.items)
        return Changed[FoundIssue](items=items, tag=page.tag)

    def comments_since(self, since: float, tag: str) -> Changed[FoundComment]:
        """Return the comments that were made or edited since a moment, on all issues and pull requests; at most 100."""
        page = self._changed("/issues/comments", tag, **_since(since))
        items = None if page.items is None else tuple(_comment(item) for item in page.items)
        return Changed[FoundComment](items=items, tag=page.tag)

    def newest_pulls(self, tag: str) -> Changed[FoundPull]:
        """Return the 100 pull requests, open or closed, that have changed last, as a review or a push changes them."""
        page = self._changed("/pulls", tag, state="all", sort="updated", direction="desc")
        return Changed[FoundPull](items=None if page.items is None else tuple(map(_pull, page.items)), tag=page.tag)

    def suites(self, sha: str, tag: str) -> Changed[FoundSuite]:
        """Return the check suite of the bot's check runs on a commit; there is none before the first of them.

        GitHub makes one without check runs at each push. It does not tell who has pressed "Re-run":
        https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run
        """
        page = self._changed(f"/commits/{sha}/check-suites", tag, "check_suites")
        login = self.credentials.login()
        own = [
            FoundSuite(
                id=suite["id"], asked_again=suite["status"] == "queued", changed_at=_seconds(suite["updated_at"])
            )
            for suite in page.items or ()
            if f"{(suite['app'] or {}).get('slug')}[bot]" == login and suite["latest_check_runs_count"]
        ]
        return Changed[FoundSuite](items=None if page.items is None else tuple(own), tag=page.tag)

    def who_labelled(self, number: int, label: str) -> Labelled | None:
        """Return who has put a label on an issue last; None where GitHub does not tell."""
        found = [
            Labelled(id=event["id"], actor=event["actor"]["login"], at=_seconds(event["created_at"]))
            for event in self._history(number)
            if event["event"] == "labeled" and event["actor"] and event["label"]["name"].casefold() == label.casefold()
        ]
        return found[-1] if found else None

    def who_reopened(self, number: int) -> Reopened | None:
        """Return who has opened an issue or a pull request again last; None where nobody has."""
        found = [event for event in self._history(number) if event["event"] == "reopened"]
        if not found:
            return None
        return Reopened(id=found[-1]["id"], by=_person(found[-1]["actor"]), at=_seconds(found[-1]["created_at"]))

    def who_committed(self, sha: str) -> Person:
        """Return who has made a commit what it is: its committer, and where that is GitHub itself its author."""
        commit = self._read(f"read the commit {sha[:7]}", lambda remote: self._json(remote, "GET", f"/commits/{sha}"))
        committer = commit["committer"]
        return _person(commit["author"] if committer and committer["login"] == GITHUB_ITSELF else committer)

    def who_closed(self, number: int) -> str:
        """Return who has closed or merged an issue or a pull request last; "ghost" where GitHub does not tell."""
        closed = self._read(f"read #{number}", lambda remote: self._json(remote, "GET", f"/issues/{number}"))
        return str((closed.get("closed_by") or {"login": "ghost"})["login"])

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

    def _history(self, number: int) -> list[Any]:
        return self._read(
            f"read the history of #{number}", lambda remote: self._list(remote, f"/issues/{number}/events")
        )

    def _changed(self, path: str, tag: str, within: str = "", **parameters: Any) -> Changed[Any]:
        """Return what a list holds now; `within` names it where the answer holds more than the list."""

        def read(remote: Remote) -> Changed[Any]:
            headers, items = remote.requester.requestJsonAndCheck(
                "GET",
                f"{remote.url}{path}",
                parameters={**parameters, "per_page": PAGE},
                headers={"If-None-Match": tag} if tag else None,
            )
            # GitHub answers 304 without a body where the tag still holds.
            found = None if items is None else tuple(items[within] if within else items)
            return Changed[Any](items=found, tag=headers.get("etag") or tag)

        return self._read("look what is new", read)


def _since(seconds: float) -> dict[str, str]:
    return {"sort": "updated", "direction": "asc", "since": _stamp(seconds)}


def _person(user: dict[str, Any] | None) -> Person:
    known = user or {"login": "ghost", "id": 0, "type": "User"}
    return Person(login=known["login"], bot=known["id"] if known["type"] == "Bot" else None)


def _issue(item: dict[str, Any]) -> FoundIssue:
    author = _person(item["user"])
    return FoundIssue(
        number=item["number"],
        is_pull="pull_request" in item,
        labels=tuple(label["name"] for label in item["labels"]),
        by_form=is_by_form(item["body"] or ""),
        author=author.login,
        by_bot=author.bot is not None,
        at=_seconds(item["created_at"]),
        changed_at=_seconds(item["updated_at"]),
    )


def _pull(item: dict[str, Any]) -> FoundPull:
    head, base = item["head"], item["base"]
    return FoundPull(
        number=item["number"],
        head_ref=head["ref"],
        head_sha=head["sha"],
        # The repository of a fork may be deleted.
        fork=not head["repo"] or head["repo"]["id"] != base["repo"]["id"],
        changed_at=_seconds(item["updated_at"]),
        closed_at=_seconds(item["closed_at"]) if item["closed_at"] else None,
        merged=item["merged_at"] is not None,
    )


def _comment(item: dict[str, Any]) -> FoundComment:
    person = _person(item["user"])
    return FoundComment(
        id=item["id"],
        number=int(item["issue_url"].rpartition("/")[2]),
        is_pull="/pull/" in item["html_url"],
        body=item["body"] or "",
        actor=person.login,
        bot=person.bot,
        seen=bool((item.get("reactions") or {}).get("eyes")),
        at=_seconds(item["created_at"]),
        changed_at=_seconds(item["updated_at"]),
    )


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
