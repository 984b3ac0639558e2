"""Lists of issues and pull requests as GraphQL answers them: those of a repository, and those that are searched for.

https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from bot.hub.access import Caller
from bot.hub.api.graphql.connection import page
from bot.hub.api.graphql.issues import issue_of
from bot.hub.api.graphql.pulls import pull_request
from bot.hub.api.graphql.refused import Refused
from bot.hub.parts import Parts
from bot.hub.state import Issue, Repository

_ORDERS = {
    "CREATED_AT": lambda issue: (issue.created_at, issue.number),
    "UPDATED_AT": lambda issue: (issue.updated_at, issue.number),
    "COMMENTS": lambda issue: (len(issue.comments), issue.number),
}


class Lists:
    """Lists for one caller."""

    def __init__(self, parts: Parts, by: Caller) -> None:
        self._parts = parts
        self._by = by

    def issues(self, repo: Repository, filterBy: Mapping[str, Any] | None = None, **wanted: Any) -> Any:
        asked = {name: value for name, value in (filterBy or {}).items() if value is not None}
        if unknown := asked.keys() & {"assignee", "mentioned"}:
            # Nobody is assigned to anything on the hub, and it does not read who is mentioned.
            raise Refused("UNPROCESSABLE", f"The hub cannot look for issues by {', '.join(sorted(unknown))}.")
        found = [
            issue
            for issue in repo.issues.values()
            if not issue.pull and asked.get("createdBy") in (None, issue.author.login)
        ]
        return self._listed(repo, found, asked | {name: value for name, value in wanted.items() if value is not None})

    def pull_requests(
        self, repo: Repository, baseRefName: str | None = None, headRefName: str | None = None, **wanted: Any
    ) -> Any:
        found = [
            pull
            for pull in repo.pulls()
            if baseRefName in (None, pull.base_ref) and headRefName in (None, pull.head_ref)
        ]
        return self._listed(repo, found, wanted)

    def search(self, query: str, wanted: Mapping[str, Any]) -> Any:
        """Return the issues and pull requests that fit all qualifiers and hold all other words, the newest first."""
        words = shlex.split(query)
        # A word without ":" is a qualifier of its own: "text".
        asked = [tuple(word.split(":", 1)) if ":" in word else ("text", word) for word in words]
        found = [
            (repo, issue)
            for repo in self._parts.state.repositories.values()
            for issue in repo.issues.values()
            if self._by.sees(repo) and all(_fits(repo, issue, kind, value) for kind, value in asked)
        ]
        found.sort(key=lambda pair: pair[1].created_at, reverse=True)
        nodes = [self.one(repo, issue) for repo, issue in found]
        # The newest come first, and the last of all that were found are never meant.
        first = wanted.get("first") or wanted.get("last")
        return {**page(nodes, first, after=wanted.get("after")), "issueCount": len(nodes)}

    def one(self, repo: Repository, issue: Issue) -> Any:
        """Return an issue or a pull request."""
        make = pull_request if issue.pull else issue_of
        return make(self._parts, self._by, repo, issue.number)

    def _listed(self, repo: Repository, found: list[Any], wanted: Mapping[str, Any]) -> Any:
        states, labels = wanted.get("states"), wanted.get("labels")
        order = wanted.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
        shown = sorted(
            (
                issue
                for issue in found
                if (not states or _state(issue) in states)
                and (not labels or {label.name for label in issue.labels} & set(labels))
            ),
            key=_ORDERS[order["field"]],
            reverse=order["direction"] == "DESC",
        )
        bounds = {name: wanted.get(name) for name in ("first", "last", "after")}
        return page([self.one(repo, issue) for issue in shown], **bounds)


def _state(issue: Issue) -> str:
    return "MERGED" if issue.pull and issue.pull.merged_at else issue.state.upper()


def _fits(repo: Repository, issue: Issue, kind: str, value: str) -> bool:
    state = _state(issue)
    match kind:
        case "text":
            return value.casefold() in f"{issue.title}\n{issue.body}".casefold()
        case "repo":
            return repo.full_name.casefold() == value.casefold()
        case "label":
            return value.casefold() in {label.name.casefold() for label in issue.labels}
        case "author":
            return issue.author.login == value
        case "head" | "base":
            return issue.pull is not None and value == (issue.pull.head_ref if kind == "head" else issue.pull.base_ref)
        case "type" | "is" | "state":
            kinds = {"pr", "pull-request"} if issue.pull else {"issue"}
            return value in kinds | {state.lower()} | ({"closed"} if state == "MERGED" else set())
        case _:
            raise Refused("UNPROCESSABLE", f"The hub cannot search by `{kind}:`.")
