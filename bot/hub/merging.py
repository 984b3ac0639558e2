"""Merging pull requests: by each method, as soon as it is possible, and through a queue; and bringing them up to date.

https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.hub.access import ApiError, Caller, unprocessable
from bot.hub.git import Commit
from bot.hub.issues import Issues
from bot.hub.judgement import behind, merge_state, refusal
from bot.hub.payloads import COMMITS_IN_PULL
from bot.hub.pulls import Pulls
from bot.hub.state import MERGE_METHODS, AutoMerge, Pull, Repository, User, now
from bot.hub.webhooks import Announcement, Announcer

_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? #(\d{1,9})\b", re.IGNORECASE)
"""What closes an issue on merge: https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"""
_NAMES = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}
_UNMERGEABLE = "Pull Request is not mergeable"


class MergeOrder(NamedTuple):
    """How a pull request is to be merged.

    Attributes:
        sha: what its head has to be; "" for whatever it is.
        title, message: "" stands for GitHub's own.
    """

    method: str = "merge"
    sha: str = ""
    title: str = ""
    message: str = ""


class Merging:
    """Verbs on merges. Called with the state's lock held."""

    def __init__(self, announcer: Announcer, issues: Issues, pulls: Pulls) -> None:
        self._issues = issues
        self._pulls = pulls
        announcer.listeners.append(self._hear)

    def merge(self, repo: Repository, pull: Pull, by: Caller, order: MergeOrder) -> str:
        """Merge a pull request into its base and return the sha of the base's new head.

        Raises:
            ApiError: 405 where it cannot be merged or not so, 409 where its head is not `order.sha`.
        """
        if pull.state != "open":
            raise ApiError(405, _UNMERGEABLE)
        if order.method not in MERGE_METHODS:
            raise ApiError(422, f"Invalid request.\n\n{order.method} is not a member of {list(MERGE_METHODS)}.")
        if order.method not in repo.merging.methods:
            raise ApiError(405, f"{_NAMES[order.method]} are not allowed on this repository.")
        if order.sha and order.sha != pull.head_sha:
            raise ApiError(409, "Head branch was modified. Review and try the merge again.")
        if pull.merge_sha is None:
            raise ApiError(405, _UNMERGEABLE)
        if (reason := refusal(repo, pull, person(by))) is not None:
            raise ApiError(405, reason)
        return self._merge(repo, pull, by, order)

    def update_branch(self, repo: Repository, pull: Pull, by: Caller, expected: str) -> None:
        """Merge the base into the branch of a pull request, if its head is `expected` ("" for whatever it is).

        https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch

        Raises:
            ApiError: 422.
        """
        if expected and expected != pull.head_sha:
            raise ApiError(422, "expected head sha didn’t match current head ref.")
        if repo.git.head(pull.head_ref) is None:
            raise ApiError(422, "head ref does not exist")
        if not behind(repo, pull):
            raise ApiError(422, "There are no new commits on the base branch.")
        self._pulls.guard(repo, by, pull.head_ref)
        tree = repo.git.merged_tree(pull.head_sha, pull.base_sha)
        if tree is None:
            raise ApiError(422, "merge conflict between base and head")
        before = pull.head_sha
        message = f"Merge branch '{pull.base_ref}' into {pull.head_ref}\n"
        after = repo.git.commit_tree(tree, [before, pull.base_sha], message, by.user)
        repo.git.set_refs({f"refs/heads/{pull.head_ref}": after})
        self._pulls.moved(repo, by, pull.head_ref, before, after)

    def enable_auto_merge(self, repo: Repository, pull: Pull, by: Caller, order: MergeOrder) -> None:
        """Merge a pull request as soon as its branch's rules allow it.

        https://docs.github.com/en/graphql/reference/mutations#enablepullrequestautomerge

        Raises:
            ApiError: 422, it is off in this repository, or there is nothing to wait for.
        """
        if not repo.merging.auto_merge:
            raise unprocessable("Auto merge is not allowed for this repository")
        if pull.state != "open":
            raise unprocessable("Pull request Pull request is closed")
        if order.sha and order.sha != pull.head_sha:
            raise unprocessable(f"Pull request Expected head sha {order.sha} does not match {pull.head_sha}")
        if order.method not in repo.merging.methods:
            raise unprocessable(f"Merge method {_NAMES[order.method].lower()} are not allowed on this repository")
        state = merge_state(repo, pull)
        if state in ("clean", "unstable"):
            raise unprocessable(f"Pull request Pull request is in {state} status")
        pull.auto_merge = AutoMerge(by.user, order.method, order.title, order.message)
        self._pulls.announce(repo, pull, by, "auto_merge_enabled")

    def disable_auto_merge(self, repo: Repository, pull: Pull, by: Caller) -> None:
        if pull.auto_merge is None:
            raise unprocessable("Can't disable auto-merge for this pull request.")
        pull.auto_merge = None
        self._pulls.announce(repo, pull, by, "auto_merge_disabled", reason="Auto-merge was disabled by a person")

    def enqueue(self, repo: Repository, pull: Pull, by: Caller, sha: str) -> None:
        """Put a pull request into the merge queue. The hub's queue builds nothing: it merges at once.

        https://docs.github.com/en/graphql/reference/mutations#enqueuepullrequest

        Raises:
            ApiError: 422, there is no queue, or something else is missing.
        """
        rules = repo.rulesets.get(pull.base_ref)
        if rules is None or not rules.merge_queue:
            raise unprocessable("Pull request No merge queue found for this branch")
        if pull.state != "open" or pull.merge_sha is None:
            raise unprocessable("Pull request Pull request is not mergeable")
        if sha and sha != pull.head_sha:
            raise unprocessable(f"Pull request Expected head sha {sha} does not match {pull.head_sha}")
        if (reason := refusal(repo, pull, person(by), queued=True)) is not None:
            raise unprocessable(f"Pull request {reason}")
        self._pulls.announce(repo, pull, by, "enqueued")
        self._merge(repo, pull, by, MergeOrder("squash"))

    def _hear(self, announcement: Announcement) -> None:
        """Merge what waits for being possible, whenever something has changed that could make it so."""
        action = (announcement.event, announcement.action)
        reviewed = announcement.event in ("pull_request_review", "pull_request_review_thread")
        checked = action in (("workflow_run", "completed"), ("check_run", "completed"))
        if not reviewed and not checked and action != ("pull_request", "synchronize"):
            return
        repo = announcement.repo
        for pull in repo.pulls():
            ordered = pull.auto_merge
            if ordered and pull.state == "open" and pull.merge_sha and refusal(repo, pull, None, queued=True) is None:
                order = MergeOrder(ordered.method, "", ordered.title, ordered.message)
                self._merge(repo, pull, Caller(ordered.by), order)

    def _merge(self, repo: Repository, pull: Pull, by: Caller, order: MergeOrder) -> str:
        before = pull.base_sha
        after, message = self._commit(repo, pull, by, order)
        repo.git.set_refs({f"refs/heads/{pull.base_ref}": after})
        pull.merge_sha = after
        pull.merged_at = pull.closed_at = pull.updated_at = now()
        pull.merged_by = pull.closed_by = by.user
        pull.state = "closed"
        self._pulls.announce(repo, pull, by, "closed")
        self._pulls.moved(repo, by, pull.base_ref, before, after)
        if pull.base_ref == repo.default_branch:
            self._close_issues(repo, by, f"{pull.body}\n{message}")
        if repo.merging.delete_branch and repo.git.head(pull.head_ref):
            self._pulls.delete_branch(repo, by, pull.head_ref)
        return after

    def _commit(self, repo: Repository, pull: Pull, by: Caller, order: MergeOrder) -> tuple[str, str]:
        """Make the commits of a merge; return the last one's sha, and its message."""
        tree = repo.git.merged_tree(pull.base_sha, pull.head_sha)
        if tree is None:
            raise ApiError(405, _UNMERGEABLE)
        if order.method == "rebase":
            return self._rebase(repo, pull), ""
        if order.method == "merge":
            title = f"Merge pull request #{pull.number} from {repo.owner.login}/{pull.head_ref}"
            parents, author, body = [pull.base_sha, pull.head_sha], by.user, order.message or pull.title
        else:
            title = f"{pull.title} (#{pull.number})"
            parents, author, body = [pull.base_sha], pull.author, order.message
        message = f"{order.title or title}\n\n{body}".strip() + "\n"
        return repo.git.commit_tree(tree, parents, message, author), message

    def _rebase(self, repo: Repository, pull: Pull) -> str:
        """Put the commits of a pull request on top of its base, one by one, and return the last one's sha."""
        head = pull.base_sha
        for commit in repo.git.log(f"{pull.base_sha}..{pull.head_sha}", COMMITS_IN_PULL)[::-1]:
            if len(commit.parents) != 1:
                raise ApiError(405, "This branch can't be rebased")
            # The same tree as `head`, with the commit's own parent: so git merges on the base of that parent.
            ours = repo.git.commit_tree(repo.git.log(head, 1)[0].tree, commit.parents, "base", _Author(commit))
            tree = repo.git.merged_tree(ours, commit.sha)
            if tree is None:
                raise ApiError(405, "This branch can't be rebased due to conflicts")
            head = repo.git.commit_tree(tree, [head], commit.message, _Author(commit))
        return head

    def _close_issues(self, repo: Repository, by: Caller, text: str) -> None:
        """Close the issues that the text of a merged pull request names with a closing word."""
        for number in {int(digits) for digits in _CLOSING.findall(text)}:
            issue = repo.issues.get(number)
            if issue and not issue.pull:
                self._issues.set_state(repo, issue, by, "closed")


def person(by: Caller) -> User | None:
    """Return whose role may set rules aside: a person's; an App or a workflow has none."""
    return by.user if by.permissions is None else None


class _Author:
    """The author of a commit that is made again."""

    def __init__(self, commit: Commit) -> None:
        self.login = commit.author
        self.email = commit.author_email
