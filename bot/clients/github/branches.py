"""Branches: which there are, whose commits they hold, and deleting one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from github.Repository import Repository as Remote

from bot.clients.github.contents import Contents
from bot.clients.github.errors import Rejected
from bot.clients.github.limits import GRAPHQL

_ID = "query Id($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id databaseId } }"
_DELETE = "mutation Delete($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"
_NO_COMMIT = "0" * 40
"""Where a ref goes that is deleted."""
GITHUB_ITSELF = "web-flow"
"""Who commits what is changed through the API or on GitHub's pages."""


class Branches(Contents):
    """Verbs on branches."""

    def branches(self, prefix: str) -> list[str]:
        """Return the names of the branches that begin with `prefix`."""
        return list(self.heads(prefix))

    def heads(self, prefix: str) -> dict[str, str]:
        """Return the heads of the branches that begin with `prefix`, by their names."""

        def read(remote: Remote) -> dict[str, str]:
            # All at once: it knows no pages.
            refs = self._json(remote, "GET", f"/git/matching-refs/heads/{prefix}")
            return {ref["ref"].removeprefix("refs/heads/"): ref["object"]["sha"] for ref in refs}

        return self._read("list the branches", read)

    def delete_branch(self, name: str, head: str) -> bool:
        """Delete a branch whose head is `head`, and return whether it is gone; if there is none, nothing happens.

        A branch that somebody has pushed to meanwhile stays: only this request names the head that a ref must have.

        https://docs.github.com/en/graphql/reference/git#updaterefs
        """
        if not self._node_id:
            self._node_id = self._query("read the repository", _ID)["id"]
        update = {"name": f"refs/heads/{name}", "beforeOid": head, "afterOid": _NO_COMMIT}
        order = {"repositoryId": self._node_id, "refUpdates": [update]}
        try:
            self._write(
                f"delete the branch `{name}`",
                lambda remote: remote.requester.graphql_query(_DELETE, {"input": order}),
                GRAPHQL,
            )
        except Rejected:
            now = self.head(name)
            if now == head:
                raise
            return now is None
        return True

    def is_own(self, sha: str) -> bool:
        """Return whether the bot alone has made what a commit has and the default branch has not.

        A commit that somebody has amended, or put elsewhere, keeps its author; who did that is its committer. What the
        bot commits through the API, GitHub commits for it. Of more than 100 commits nobody says that they are its own.
        """
        path, login = f"/compare/{quote(self.default_branch())}...{sha}", self.credentials.login()

        def read(remote: Remote) -> bool:
            compared = self._json(remote, "GET", path, per_page=100)
            commits = compared["commits"]
            return len(commits) == compared["total_commits"] and all(_made_by(commit, login) for commit in commits)

        return self._read(f"see who has made {sha[:7]}", read)

    def is_own_commit(self, sha: str) -> bool:
        """Return whether the bot alone has made a commit; see `is_own`."""
        login = self.credentials.login()
        return self._read(
            f"read the commit {sha[:7]}",
            lambda remote: _made_by(self._json(remote, "GET", f"/commits/{sha}"), login),
        )


def _made_by(commit: dict[str, Any], login: str) -> bool:
    # Both are null where GitHub knows no account with the commit's address.
    author, committer = ((commit[role] or {}).get("login") for role in ("author", "committer"))
    return author == login and committer in (login, GITHUB_ITSELF)
