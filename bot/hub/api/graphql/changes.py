"""Mutations that people's programs send: on issues, and on pull requests what the REST API does as well."""

from __future__ import annotations

from typing import Any

from bot.hub.api.graphql.issues import comment_of, issue_of
from bot.hub.api.graphql.pulls import PullMutations, merge_order, pull_request, review_of
from bot.hub.api.graphql.refused import Refused, refusing
from bot.hub.reviews import Submission
from bot.hub.state import Issue, Repository


class Changes(PullMutations):
    """Mutations by one caller."""

    def createIssue(self, _: Any, input: dict[str, Any]) -> Any:
        repo = next((repo for repo in self._visible() if f"R_{repo.id}" == input["repositoryId"]), None)
        if repo is None:
            raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{input['repositoryId']}'")
        may_label = self._by.may(repo, "issues:write", "triage")
        labels = [each.name for each in repo.labels if may_label and f"LA_{each.id}" in (input.get("labelIds") or ())]
        with refusing():
            issue = self._parts.issues.open(repo, self._by, input["title"], input.get("body") or "", labels)
        return self._said(input, issue=issue_of(self._parts, self._by, repo, issue.number))

    def closeIssue(self, _: Any, input: dict[str, Any]) -> Any:
        return self._set_state(input, "closed", (input.get("stateReason") or "COMPLETED").lower())

    def reopenIssue(self, _: Any, input: dict[str, Any]) -> Any:
        return self._set_state(input, "open", "reopened")

    def addComment(self, _: Any, input: dict[str, Any]) -> Any:
        repo, issue = self._subject(input["subjectId"])
        self._must(self._by.may(repo, "issues:write|pull_requests:write", "read"))
        with refusing():
            comment = self._parts.issues.comment(repo, issue, self._by, input["body"])
        node = comment_of(self._parts, self._by, repo, issue, comment)
        return self._said(input, commentEdge={"cursor": str(len(issue.comments)), "node": node})

    def addPullRequestReview(self, _: Any, input: dict[str, Any]) -> Any:
        repo, issue = self._subject(input["pullRequestId"])
        pull = issue.pull
        if pull is None:
            raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{input['pullRequestId']}'")
        self._must(self._by.may(repo, "pull_requests:write", "read"))
        with refusing():
            said = Submission(input.get("event") or "", input.get("body") or "", (), "")
            review = self._parts.reviews.create(repo, pull, self._by, said)
        return self._said(input, pullRequestReview=review_of(self._parts, repo, pull, review))

    def mergePullRequest(self, _: Any, input: dict[str, Any]) -> Any:
        repo, pull = self._find(input["pullRequestId"], "contents:write")
        with refusing():
            self._parts.merging.merge(repo, pull, self._by, merge_order(input))
        return self._said(input, pullRequest=pull_request(self._parts, self._by, repo, pull.number))

    def _set_state(self, input: dict[str, Any], state: str, reason: str) -> Any:
        repo, issue = self._subject(input["issueId"])
        self._must(self._by.may_change(repo, issue))
        with refusing():
            self._parts.issues.set_state(repo, issue, self._by, state, reason)
        return self._said(input, issue=issue_of(self._parts, self._by, repo, issue.number))

    def _subject(self, node: str) -> tuple[Repository, Issue]:
        """Return the issue or pull request with a node id."""
        for repo in self._visible():
            for issue in repo.issues.values():
                if node == (f"PR_{issue.pull.pull_id}" if issue.pull else f"I_{issue.id}"):
                    return repo, issue
        raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")

    def _must(self, allowed: bool) -> None:
        if not allowed:
            raise Refused("FORBIDDEN", f"{self._by.user.login} does not have the correct permissions")

    def _said(self, input: dict[str, Any], **answer: Any) -> Any:
        return {"clientMutationId": input.get("clientMutationId"), **answer}
