"""What a GraphQL request may ask of a pull request: its reviews, its conversations, and whether it may be merged."""

from __future__ import annotations

from typing import Any

from bot.hub.access import Caller, check_not_archived
from bot.hub.api.graphql.connection import page
from bot.hub.api.graphql.issues import reaction_groups, written
from bot.hub.api.graphql.nodes import author, commit, ref, repository
from bot.hub.api.graphql.refused import Refused, refusing
from bot.hub.api.graphql.rollups import rollup
from bot.hub.judgement import behind, merge_state, review_decision, rules_of
from bot.hub.merging import MergeOrder
from bot.hub.parts import Parts
from bot.hub.payloads import COMMITS_IN_PULL, review_comment_event_json, review_json, stamp
from bot.hub.places import changes
from bot.hub.pulls import find_pull
from bot.hub.reviews import Conversation, visible_reviews
from bot.hub.state import Pull, Repository, Review, ReviewComment, ReviewThread


def merge_order(input: dict[str, Any]) -> MergeOrder:
    """Return how a mutation's input asks for a merge."""
    return MergeOrder(
        input["mergeMethod"].lower(),
        input.get("expectedHeadOid") or "",
        input.get("commitHeadline") or "",
        input.get("commitBody") or "",
    )


class PullMutations:
    """Mutations on pull requests, by one caller."""

    def __init__(self, parts: Parts, by: Caller) -> None:
        self._parts = parts
        self._by = by

    def enablePullRequestAutoMerge(self, _: Any, input: dict[str, Any]) -> Any:
        repo, pull = self._find(input["pullRequestId"], "contents:write")
        with refusing():
            self._parts.merging.enable_auto_merge(repo, pull, self._by, merge_order(input))
        return self._changed(input, repo, pull)

    def disablePullRequestAutoMerge(self, _: Any, input: dict[str, Any]) -> Any:
        repo, pull = self._find(input["pullRequestId"], "contents:write")
        with refusing():
            self._parts.merging.disable_auto_merge(repo, pull, self._by)
        return self._changed(input, repo, pull)

    def enqueuePullRequest(self, _: Any, input: dict[str, Any]) -> Any:
        repo, pull = self._find(input["pullRequestId"], "contents:write")
        with refusing():
            self._parts.merging.enqueue(repo, pull, self._by, input.get("expectedHeadOid") or "")
        entry = {"id": f"MQE_{pull.pull_id}", "pullRequest": pull_request(self._parts, self._by, repo, pull.number)}
        return {"clientMutationId": input.get("clientMutationId"), "mergeQueueEntry": entry}

    def dequeuePullRequest(self, _: Any, input: dict[str, Any]) -> Any:
        # The hub's queue merges at once what it takes, so that nothing waits in it.
        self._find(input["id"], "contents:write")
        raise Refused("UNPROCESSABLE", "Pull request is not in the merge queue")

    def resolveReviewThread(self, _: Any, input: dict[str, Any]) -> Any:
        return self._resolve(input, resolved=True)

    def unresolveReviewThread(self, _: Any, input: dict[str, Any]) -> Any:
        return self._resolve(input, resolved=False)

    def _resolve(self, input: dict[str, Any], *, resolved: bool) -> Any:
        for repo in self._visible():
            for pull in repo.pulls():
                for thread in pull.threads:
                    if f"PRRT_{thread.id}" == input["threadId"]:
                        talk = Conversation(repo, pull, thread)
                        with refusing():
                            self._parts.threads.resolve(talk, self._by, resolved=resolved)
                        answer = _thread(self._parts, self._by, repo, pull, thread)
                        return {"clientMutationId": input.get("clientMutationId"), "thread": answer}
        raise _unknown(input["threadId"])

    def _find(self, node: str, permission: str) -> tuple[Repository, Pull]:
        for repo in self._visible():
            for pull in repo.pulls():
                if f"PR_{pull.pull_id}" == node:
                    if not self._by.may(repo, permission, "write"):
                        raise Refused("FORBIDDEN", "Resource not accessible by integration")
                    with refusing():
                        check_not_archived(repo)
                    return repo, pull
        raise _unknown(node)

    def _visible(self) -> list[Repository]:
        return [repo for repo in self._parts.state.repositories.values() if self._by.sees(repo)]

    def _changed(self, input: dict[str, Any], repo: Repository, pull: Pull) -> Any:
        answer = pull_request(self._parts, self._by, repo, pull.number)
        return {
            "clientMutationId": input.get("clientMutationId"),
            "actor": author(self._by.user),
            "pullRequest": answer,
        }


def pull_request(parts: Parts, by: Caller, repo: Repository, number: int) -> Any:
    """Return a pull request; what costs git commands is found out when it is asked for."""
    issue = repo.issues.get(number)
    if issue is None or issue.pull is None:
        raise Refused("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    pull = find_pull(repo, number)
    merged = pull.merged_at is not None
    may_write = by.may(repo, "contents:write", "write")
    ordered = pull.auto_merge
    return {
        **written(parts, by, repo, pull),
        "__typename": "PullRequest",
        "id": f"PR_{pull.pull_id}",
        "state": "MERGED" if merged else pull.state.upper(),
        "url": f"{parts.state.html_url(repo)}/pull/{number}",
        "isDraft": False,
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "headRepository": repository(repo),
        "headRepositoryOwner": author(repo.owner),
        "isCrossRepository": False,
        "maintainerCanModify": False,
        "additions": lambda _: sum(file.additions for file in changes(repo, pull)),
        "deletions": lambda _: sum(file.deletions for file in changes(repo, pull)),
        "changedFiles": lambda _: len(changes(repo, pull)),
        "commits": lambda _, **wanted: page(_commits(parts, repo, pull), **wanted),
        "headRef": lambda _: ref(parts, by, repo, pull.head_ref),
        "baseRefName": pull.base_ref,
        "baseRef": lambda _: ref(parts, by, repo, pull.base_ref),
        "merged": merged,
        "mergedBy": author(pull.merged_by) if pull.merged_by else None,
        "mergeCommit": commit(parts, repo, pull.merge_sha) if merged and pull.merge_sha else None,
        "mergeable": "UNKNOWN" if pull.state != "open" else "MERGEABLE" if pull.merge_sha else "CONFLICTING",
        "mergeStateStatus": lambda _: merge_state(repo, pull).upper(),
        "statusCheckRollup": lambda _: rollup(parts, repo, pull.head_sha),
        "reviewDecision": lambda _: review_decision(repo, pull),
        "autoMergeRequest": ordered and {"enabledBy": author(ordered.by), "mergeMethod": ordered.method.upper()},
        "isMergeQueueEnabled": any(rules.merge_queue for rules in rules_of(repo, pull.base_ref)),
        "isInMergeQueue": False,
        "viewerCanEnableAutoMerge": lambda _: (
            may_write and repo.merging.auto_merge and merge_state(repo, pull) in ("blocked", "behind")
        ),
        "viewerCanUpdateBranch": lambda _: may_write and pull.state == "open" and behind(repo, pull),
        "reviewRequests": lambda _, **__: {
            "nodes": [{"requestedReviewer": author(user)} for user in pull.requested],
            "totalCount": len(pull.requested),
        },
        "reviews": lambda _, **wanted: _reviews(parts, by, repo, pull, **wanted),
        "reviewThreads": lambda _, **wanted: page(
            [_thread(parts, by, repo, pull, thread) for thread in pull.threads], **wanted
        ),
    }


def _commits(parts: Parts, repo: Repository, pull: Pull) -> list[Any]:
    """Return a pull request's commits, the oldest first."""
    commits = repo.git.log(f"{pull.base_sha}..{pull.head_sha}", COMMITS_IN_PULL)[::-1]
    return [{"id": f"PRC_{each.sha}", "commit": commit(parts, repo, each.sha)} for each in commits]


def _reviews(parts: Parts, by: Caller, repo: Repository, pull: Pull, **wanted: Any) -> Any:
    states, login = wanted.pop("states", None), wanted.pop("author", None)
    reviews = [
        review_of(parts, repo, pull, review)
        for review in visible_reviews(pull, by)
        if (states is None or review.state in states) and login in (None, review.author.login)
    ]
    return page(reviews, **wanted)


def review_of(parts: Parts, repo: Repository, pull: Pull, review: Review) -> Any:
    as_rest = review_json(parts.state, repo, pull, review)
    threads = review.threads if review.state == "PENDING" else pull.threads
    return {
        "id": as_rest["node_id"],
        "fullDatabaseId": str(review.id),
        "author": author(review.author),
        "authorAssociation": as_rest["author_association"],
        "body": review.body,
        "state": review.state,
        "commit": commit(parts, repo, review.commit),
        "submittedAt": as_rest.get("submitted_at"),
        "url": as_rest["html_url"],
        "reactionGroups": reaction_groups(()),
        "comments": lambda _, **wanted: page(
            [
                _comment(parts, repo, pull, thread, comment)
                for thread in threads
                for comment in thread.comments
                if comment.review == review.id
            ],
            **wanted,
        ),
    }


def _comment(parts: Parts, repo: Repository, pull: Pull, thread: ReviewThread, comment: ReviewComment) -> Any:
    as_event = review_comment_event_json(parts.state, repo, pull, thread, comment)
    first = thread.comments[0]
    return {
        "id": as_event["node_id"],
        "fullDatabaseId": str(comment.id),
        "author": author(comment.author),
        "authorAssociation": as_event["author_association"],
        "body": comment.body,
        "path": as_event["path"],
        "diffHunk": thread.hunk,
        "line": as_event["line"],
        "originalLine": as_event["original_line"],
        "startLine": as_event["start_line"],
        "originalStartLine": as_event["original_start_line"],
        "outdated": as_event["position"] is None,
        "commit": commit(parts, repo, as_event["commit_id"]),
        "originalCommit": commit(parts, repo, thread.commit),
        "replyTo": None if comment is first else lambda _: _comment(parts, repo, pull, thread, first),
        "pullRequestReview": lambda _: next(
            review_of(parts, repo, pull, review) for review in pull.reviews if review.id == comment.review
        ),
        "createdAt": stamp(comment.created_at),
        "url": as_event["html_url"],
    }


def _thread(parts: Parts, by: Caller, repo: Repository, pull: Pull, thread: ReviewThread) -> Any:
    comments = [_comment(parts, repo, pull, thread, comment) for comment in thread.comments]
    first = comments[0]
    may_resolve = by.may(repo, "pull_requests:write", "write") or by.user == pull.author
    return {
        "id": f"PRRT_{thread.id}",
        "isResolved": thread.resolved_by is not None,
        "isOutdated": first["outdated"],
        **{name: first[name] for name in ("path", "line", "originalLine", "startLine", "originalStartLine")},
        "diffSide": thread.place.side,
        "resolvedBy": author(thread.resolved_by) if thread.resolved_by else None,
        "viewerCanResolve": may_resolve,
        "viewerCanReply": True,
        "comments": lambda _, **wanted: page(comments, **wanted),
    }


def _unknown(node: str) -> Refused:
    return Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
