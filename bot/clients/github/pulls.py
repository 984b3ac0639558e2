"""Pull requests: open, find again, merge exactly what was tested, close."""

from __future__ import annotations

from github.PullRequest import PullRequest
from github.Repository import Repository as Remote

from bot.clients.github.contents import Contents
from bot.clients.github.errors import Rejected
from bot.errors import TransientError
from bot.values.github import Pull


class Pulls(Contents):
    """Verbs on pull requests of the bot's own branches."""

    def pull(self, number: int) -> Pull:
        """Return a pull request as it is now."""
        return self._read(f"read pull request #{number}", lambda remote: _pull(remote.get_pull(number)))

    def ensure_pull(self, branch: str, title: str, body: str) -> Pull:
        """Return the pull request of a branch, in whatever state it is; open one if there never was any."""
        # A branch that was made a moment ago has none. Whatever becomes of the request, the next try has to look.
        if branch in self._new_branches:
            self._new_branches.remove(branch)
        elif existing := self.pull_of(branch):
            return existing
        base = self.default_branch()
        try:
            return self._write(
                f"open a pull request for `{branch}`",
                lambda remote: _pull(remote.create_pull(base=base, head=branch, title=title, body=body)),
            )
        except Rejected as error:
            # The list above may lag behind an earlier try whose answer was lost.
            existing = self.pull_of(branch) if "already exists" in error.reason else None
            if existing is None:
                raise
            return existing

    def close_pull(self, number: int) -> None:
        """Close a pull request without merging it; closing a closed one changes nothing."""
        self._write(f"close pull request #{number}", lambda remote: remote.get_pull(number).edit(state="closed"))

    def reopen_pull(self, number: int) -> None:
        """Open a closed pull request again; its branch has to be there."""
        self._write(f"reopen pull request #{number}", lambda remote: remote.get_pull(number).edit(state="open"))

    def merge_pull(self, number: int, sha: str, title: str, message: str) -> str:
        """Squash a pull request into its base if its head is still `sha`, and return the merge commit's sha.

        One that is merged already counts as done, with the sha it was merged as: GitHub refuses to merge it again.

        Raises:
            Rejected: GitHub will not merge it (conflicts, required reviews, a head that moved), in its own words.
            TransientError: GitHub has not found out yet whether it can.
        """

        def merge(remote: Remote) -> str:
            done = remote.get_pull(number).merge(
                commit_title=title, commit_message=message, merge_method="squash", sha=sha
            )
            return done.sha

        try:
            return self._write(f"merge pull request #{number}", merge)
        except Rejected as error:
            if error.status not in (405, 409):
                raise
            return self._after_refused_merge(number, error)

    def pulls_with_commit(self, sha: str) -> list[Pull]:
        """Return the pull requests that a commit belongs to, the merged one of a squash commit among them."""
        return self._read(
            f"find the pull requests of {sha[:7]}",
            lambda remote: [_pull(pull) for pull in remote.get_commit(sha).get_pulls()],
        )

    def _after_refused_merge(self, number: int, error: Rejected) -> str:
        """Return the merge sha if somebody else merged meanwhile; otherwise raise what the refusal amounts to."""

        def look(remote: Remote) -> tuple[Pull, bool]:
            pull = remote.get_pull(number)
            # GitHub computes this in the background after each push and says null until it knows.
            return _pull(pull), pull.state == "open" and pull.mergeable is None

        now, undecided = self._read(f"read pull request #{number}", look)
        if now.merge_sha is not None:
            return now.merge_sha
        if undecided or "base branch was modified" in error.reason.lower():
            raise TransientError(f"GitHub cannot merge #{number} yet: {error.reason}", retry_after=2) from error
        raise error

    def pull_of(self, branch: str) -> Pull | None:
        def search(remote: Remote) -> Pull | None:
            for pull in remote.get_pulls(state="all", head=f"{self.owner}:{branch}"):
                return _pull(pull)
            return None

        return self._read(f"look for the pull request of `{branch}`", search)


def _pull(pull: PullRequest) -> Pull:
    # Lists have no `merged`, and an open pull request's merge_commit_sha is that of a trial merge.
    merged = pull.merged_at is not None
    return Pull(
        number=pull.number,
        title=pull.title,
        state=pull.state,
        merged=merged,
        head_ref=pull.head.ref,
        head_sha=pull.head.sha,
        # A fork that is gone has no repository any more.
        fork=pull.head.repo is None or pull.head.repo.full_name != pull.base.repo.full_name,
        merge_sha=pull.merge_commit_sha if merged else None,
        url=pull.html_url,
    )
