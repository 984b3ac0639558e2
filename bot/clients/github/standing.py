"""What people have left of an issue and of a pull request, in one request."""

from __future__ import annotations

from bot.clients.github.calls import Calls
from bot.clients.github.errors import Rejected
from bot.errors import TransientError
from bot.values.github import Standing

_STANDING = """
query Standing(
  $owner: String!, $name: String!, $issue: Int!, $pull: Int!, $at_work: Boolean!, $with_body: Boolean!
) {
  repository(owner: $owner, name: $name) {
    databaseId
    issue(number: $issue) { state locked labels(first: 100) { nodes { name } } }
    pullRequest(number: $pull) @include(if: $at_work) {
      state headRefOid headRef { name } mergeCommit { oid } body @include(if: $with_body)
    }
  }
}
"""


class Standings(Calls):
    """The verb on what is at work."""

    def standing(self, issue: int, pull: int | None, *, with_body: bool = False) -> Standing:
        """Return what is left of an issue and of the pull request that is at work for it, if there is one.

        Args:
            with_body: also return the pull request's description.

        Raises:
            Gone: nothing is, because the repository was deleted, or the App is not installed on it any more.
            TransientError: GitHub does not know the pull request yet; there is no way to delete one.
        """
        wanted = {"issue": issue, "pull": pull or 0, "at_work": pull is not None, "with_body": with_body}
        try:
            answer = self._query(f"see what became of #{issue}", _STANDING, **wanted)
        except Rejected as error:
            # This is GitHub's answer where an issue was deleted or is in another repository now.
            if error.status == 404 and "to a pullrequest" in error.reason.lower():
                raise TransientError(f"GitHub does not show #{pull} yet: {error.reason}") from error
            if error.status != 404:
                raise
            self.must_be_there()
            return Standing(issue="gone")
        found, at_work = answer["issue"], answer.get("pullRequest")
        labels = tuple(label["name"] for label in found["labels"]["nodes"])
        standing = Standing(issue=found["state"].lower(), locked=found["locked"], labels=labels)
        if at_work is None:
            return standing
        return standing.model_copy(
            update={
                "pull": at_work["state"].lower(),
                "head_sha": at_work["headRefOid"],
                "branch": at_work["headRef"] is not None,
                "merge_sha": (at_work["mergeCommit"] or {}).get("oid"),
                "body": at_work.get("body", ""),
            }
        )
