"""Merging pull requests: whether it is possible, exactly the commit that was tested, and what to do where it is not."""

from __future__ import annotations

from typing import Any, NamedTuple

from github.Repository import Repository as Remote

from bot.clients.github.errors import HeadMoved, Rejected
from bot.clients.github.limits import GRAPHQL
from bot.clients.github.pulls import Pulls
from bot.clients.github.refusals import read_refusal
from bot.errors import TransientError
from bot.foreign import Plain
from bot.values.github import MERGE_METHODS, MergeMethod, MergeOutcome, MergeState, Obstacle

_STATE = """
query MergeState($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    databaseId
    squashMergeAllowed mergeCommitAllowed rebaseMergeAllowed autoMergeAllowed
    pullRequest(number: $number) {
      id state headRefOid mergeable mergeStateStatus reviewDecision isMergeQueueEnabled
      mergeCommit { oid }
      autoMergeRequest { mergeMethod }
      baseRef { refUpdateRule { requiredStatusCheckContexts } }
      reviewThreads(first: 100) { nodes { isResolved } }
    }
  }
}
"""
_AUTO = """
mutation AutoMerge($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}
"""
_ENQUEUE = """
mutation Enqueue($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { clientMutationId } }
"""
_NO_AUTO = """
mutation NoAutoMerge($input: DisablePullRequestAutoMergeInput!) {
  disablePullRequestAutoMerge(input: $input) { clientMutationId }
}
"""
_DEQUEUE = """
mutation Dequeue($input: DequeuePullRequestInput!) { dequeuePullRequest(input: $input) { clientMutationId } }
"""
_ALLOWED: dict[MergeMethod, str] = {
    "squash": "squashMergeAllowed",
    "merge": "mergeCommitAllowed",
    "rebase": "rebaseMergeAllowed",
}


class MergeText(NamedTuple):
    """Title and message of the merge commit; a rebase has neither."""

    title: Plain
    message: Plain


class Merging(Pulls):
    """Verbs on merges."""

    def merge_state(self, number: int) -> MergeState:
        """Return whether and how a pull request may be merged now, in one request."""
        doing = f"read whether pull request #{number} may be merged"
        answer = self._query(doing, _STATE, number=number)
        return _merge_state(answer)

    def try_merge(self, number: int, sha: str, text: MergeText, method: MergeMethod | None = None) -> MergeOutcome:
        """Merge a pull request into its base if its head is still `sha`.

        For a pull request that is merged already, its merge commit is returned: GitHub refuses to merge it again.

        Args:
            method: None squashes, or takes the next of `MERGE_METHODS` that is allowed where squashing is not.

        Returns:
            The merge commit's sha, or why GitHub refused.

        Raises:
            TransientError: GitHub does not know yet whether it can be merged.
            Rejected: the refusal was not about the merge (no access, no such pull request).
        """
        outcome = self._merge(number, sha, text, method or MERGE_METHODS[0])
        refusal = outcome.refusal
        if method is None and refusal is not None and refusal.obstacles == (Obstacle.METHOD,) and refusal.methods:
            outcome = self._merge(number, sha, text, refusal.methods[0])
        return outcome

    def update_branch(self, number: int, sha: str) -> None:
        """Merge the base into the branch of a pull request whose head is `sha`; GitHub does it in the background.

        Where the branch has all of the base, nothing happens. The new head shows in `pull` a moment later.

        https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch

        Raises:
            HeadMoved: the head is another commit.
            Rejected: there are conflicts.
        """
        path = f"/pulls/{number}/update-branch"
        try:
            self._write(
                f"update the branch of pull request #{number}",
                lambda remote: self._send(remote, "PUT", path, {"expected_head_sha": sha}),
            )
        except Rejected as error:
            if "no new commits" in error.reason.lower():
                return
            if "expected head sha" in error.reason.lower():
                raise HeadMoved(self.pull(number).head_ref) from error
            raise

    def enable_auto_merge(self, number: int, sha: str, text: MergeText) -> bool:
        """Let GitHub merge a pull request whose head is `sha` as soon as its rules are met.

        Returns:
            Whether it waits now, or did already. False: there is nothing to wait for, so merge it.

        Raises:
            Rejected: auto-merge is off in the repository, or the head is another commit.
        """
        state = self.merge_state(number)
        if state.auto_merge:
            return True
        method = next(iter(state.methods), MERGE_METHODS[0])
        order = {
            "pullRequestId": state.node_id,
            "expectedHeadOid": sha,
            "mergeMethod": method.upper(),
            # A rebase takes the commits as they are.
            **({} if method == "rebase" else {"commitHeadline": text.title, "commitBody": text.message}),
        }
        try:
            self._mutate(f"let pull request #{number} merge by itself", _AUTO, order)
        except Rejected as error:
            if _mergeable_now(error.reason):
                return False
            raise
        return True

    def call_off(self, number: int) -> None:
        """Have a pull request neither merge by itself nor wait in the merge queue; where it does not, nothing happens.

        https://docs.github.com/en/graphql/reference/pulls#disablepullrequestautomerge
        """
        state = self.merge_state(number)
        try:
            if state.auto_merge:
                self._mutate(f"keep #{number} from merging by itself", _NO_AUTO, {"pullRequestId": state.node_id})
            elif state.queue:
                self._mutate(f"take #{number} out of the merge queue", _DEQUEUE, {"id": state.node_id})
        except Rejected:
            # It is closed or merged, or in no queue.
            if self.merge_state(number).auto_merge:
                raise

    def enqueue(self, number: int, sha: str) -> None:
        """Put a pull request whose head is `sha` into the merge queue of its base.

        Raises:
            Rejected: there is no queue, something that the rules ask for is missing, or the head is another commit.
        """
        state = self.merge_state(number)
        order = {"pullRequestId": state.node_id, "expectedHeadOid": sha}
        try:
            self._mutate(f"put pull request #{number} into the merge queue", _ENQUEUE, order)
        except Rejected as error:
            if "already" not in error.reason.lower():
                raise

    def _merge(self, number: int, sha: str, text: MergeText, method: MergeMethod) -> MergeOutcome:
        def merge(remote: Remote) -> str:
            status = remote.get_pull(number).merge(
                commit_title=text.title, commit_message=text.message, merge_method=method, sha=sha
            )
            return status.sha

        try:
            return MergeOutcome(sha=self._write(f"merge pull request #{number}", merge))
        except Rejected as error:
            if error.status not in (405, 409):
                raise
            return self._refused(number, error)

    def _refused(self, number: int, error: Rejected) -> MergeOutcome:
        """Return how a pull request stands whose merge was refused."""
        state = self.merge_state(number)
        if state.merge_sha is not None:
            return MergeOutcome(sha=state.merge_sha)
        # GitHub computes `mergeable` in the background after each push; it is unknown until then.
        undecided = state.state == "open" and state.mergeable is None
        if undecided or "base branch was modified" in error.reason.lower():
            raise TransientError(f"GitHub cannot merge #{number} yet: {error.reason}", retry_after=2) from error
        return MergeOutcome(refusal=read_refusal(error.reason, state))

    def _mutate(self, doing: str, document: str, order: dict[str, Any]) -> None:
        self._write(doing, lambda remote: remote.requester.graphql_query(document, {"input": order}), GRAPHQL)


def _mergeable_now(reason: str) -> bool:
    """Return whether GitHub refuses auto-merge because a pull request can be merged right away."""
    return any(f"is in {status} status" in reason.lower() for status in ("clean", "unstable"))


def _merge_state(answer: dict[str, Any]) -> MergeState:
    pull = answer["pullRequest"]
    decision = pull["reviewDecision"]
    rule = (pull["baseRef"] or {}).get("refUpdateRule") or {}
    return MergeState(
        node_id=pull["id"],
        state=pull["state"].lower(),
        head_sha=pull["headRefOid"],
        merge_sha=(pull["mergeCommit"] or {}).get("oid"),
        mergeable={"MERGEABLE": True, "CONFLICTING": False}.get(pull["mergeable"]),
        status=pull["mergeStateStatus"].lower(),
        decision=decision.lower() if decision else None,
        methods=tuple(method for method in MERGE_METHODS if answer[_ALLOWED[method]]),
        auto_merge_allowed=answer["autoMergeAllowed"],
        auto_merge=pull["autoMergeRequest"] is not None,
        queue=pull["isMergeQueueEnabled"],
        checks=tuple(name for name in rule.get("requiredStatusCheckContexts") or () if name),
        unresolved=sum(not thread["isResolved"] for thread in pull["reviewThreads"]["nodes"]),
    )
