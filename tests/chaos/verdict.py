"""What was lost and what happened twice, read from GitHub as a person would."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.hub.state import Issue
from tests.chaos.outside import Outside

BOT = "gptdeploy[bot]"
COMMAND = "/help"
_LIVE = "### ✅ Upper case is live"
_HELP = re.compile(r"^\| `/retry", re.MULTILINE)


def finished(outside: Outside, name: str) -> bool:
    """Return whether a repository's issue has come to its end, and its command was answered."""
    return not list(lost(outside, name))


def lost(outside: Outside, name: str) -> Iterator[str]:
    """Yield what somebody asked for in a repository and has not got."""
    repository = outside.hub.repository(name)
    with outside.hub.parts.state.lock:
        issue = repository.issues[1]
        if issue.state != "closed" or not any(body.startswith(_LIVE) for body in _said(issue)):
            yield f"{name}: the service is not live"
        asked = sum(comment.body == COMMAND for comment in issue.comments)
        if len(_helped(issue)) < asked:
            yield f"{name}: {COMMAND} was not answered"


def doubled(outside: Outside, name: str) -> Iterator[str]:
    """Yield what happened in a repository more often than it should."""
    repository = outside.hub.repository(name)
    with outside.hub.parts.state.lock:
        issue, pulls = repository.issues[1], repository.pulls()
        if len(pulls) != 1:
            yield f"{name}: {len(pulls)} pull requests"
        commits = [commit.headline for commit in repository.git.log("main")]
        if len(commits) > 2:
            yield f"{name}: {len(commits) - 1} commits on the default branch: {commits[:-1]}"
        asked = sum(comment.body == COMMAND for comment in issue.comments)
        if len(_helped(issue)) > asked:
            yield f"{name}: {COMMAND} was answered {len(_helped(issue))} times"
        for body, times in Counter(body for each in repository.issues.values() for body in _said(each)).items():
            if times > 1 and body not in _helped(issue):
                yield f"{name}: {times} comments {body[:60]!r}"
        if (statuses := sum(body.startswith("### ") for body in _said(issue)) - len(_helped(issue))) > 1:
            yield f"{name}: {statuses} status comments"
        if branches := repository.git.branches().keys() - {"main"}:
            yield f"{name}: branches left over: {sorted(branches)}"
    for (repo, workflow, sha), times in outside.orders.items():
        if repo == name and times > 1:
            yield f"{name}: {workflow} ran {times} times for {sha[:7]}"


def _said(issue: Issue) -> list[str]:
    return [comment.body for comment in issue.comments if comment.author.login == BOT]


def _helped(issue: Issue) -> list[str]:
    return [body for body in _said(issue) if _HELP.search(body) and not body.startswith("### ")]
