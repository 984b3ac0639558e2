"""Pull requests and their branches: open one, find it again, close it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from github.GithubObject import NotSet
from github.PullRequest import PullRequest
from github.Repository import Repository as Remote

from bot.clients.github.branches import Branches
from bot.clients.github.contents import NewCommit
from bot.clients.github.errors import Rejected
from bot.errors import TransientError
from bot.foreign import Markdown, Plain
from bot.values.github import Pull

_UNSEEN = re.compile(r"\bhead invalid\b|\bno commits between\b", re.IGNORECASE)
"""What GitHub says of a branch, or of its commits, that it does not see yet."""


class Pulls(Branches):
    """Verbs on pull requests of the bot's own branches."""

    def pull(self, number: int) -> Pull:
        """Return a pull request as it is now."""
        return self._read(f"read pull request #{number}", lambda remote: _pull(remote.get_pull(number)))

    def ensure_pull(self, branch: str, title: Plain, body: Markdown) -> Pull:
        """Return the pull request of a branch, whether open, closed or merged; open one if there is none.

        Raises:
            TransientError: GitHub does not see yet what has just been pushed.
        """
        # A new branch has no pull request. The next try has to look for one, whether this one succeeds or fails.
        if branch in self._new_branches:
            self._new_branches.remove(branch)
        elif existing := self.find_pull(branch):
            return existing
        base = self.default_branch()
        try:
            return self._write(
                f"open a pull request for `{branch}`",
                lambda remote: _pull(remote.create_pull(base=base, head=branch, title=title, body=body)),
            )
        except Rejected as error:
            # An earlier try has opened it and lost the answer, and GitHub's list did not show it yet.
            if "already exists" in error.reason and (existing := self.find_pull(branch)) is not None:
                return existing
            if error.status == 422 and _UNSEEN.search(error.reason):
                raise TransientError(f"GitHub does not see `{branch}` yet: {error.reason}") from error
            raise

    def propose_removal(self, path: str, branch: str, message: Plain, title: Plain, body: Markdown) -> Pull:
        """Return a pull request that removes a folder with all that is in it; open one if there is none.

        Args:
            branch: its branch; created if there is none.
            message: the commit's.
        """
        gone = tuple(self._paths(path, self.default_branch()))
        self.start_branch(branch, NewCommit(message, {}, branch, gone))
        return self.ensure_pull(branch, title, body)

    def _paths(self, folder: str, ref: str) -> Iterator[str]:
        """Yield the paths of all files below a folder."""
        for item in self._folder_items(folder, ref):
            if item.type == "dir":
                yield from self._paths(item.path, ref)
            else:
                yield item.path

    def describe_pull(self, number: int, body: Markdown) -> None:
        """Put `body` in the place of a pull request's description."""
        self._write(f"edit pull request #{number}", lambda remote: remote.get_pull(number).edit(body=body))

    def retitle_pull(self, number: int, title: Plain) -> None:
        """Give a pull request another title."""
        self._write(f"edit pull request #{number}", lambda remote: remote.get_pull(number).edit(title=title))

    def close_pull(self, number: int, body: Markdown | None = None) -> None:
        """Close a pull request without merging it, and put `body`, if any, in the place of its description.

        Done again, it changes nothing.
        """
        new = NotSet if body is None else body
        self._write(
            f"close pull request #{number}", lambda remote: remote.get_pull(number).edit(state="closed", body=new)
        )

    def reopen_pull(self, number: int) -> None:
        """Open a closed pull request again; its branch has to be there."""
        self._write(f"reopen pull request #{number}", lambda remote: remote.get_pull(number).edit(state="open"))

    def pulls_with_commit(self, sha: str) -> list[Pull]:
        """Return the pull requests that a commit belongs to; for a squash commit that is the merged one."""
        return self._read(
            f"find the pull requests of {sha[:7]}",
            lambda remote: [_pull(pull) for pull in remote.get_commit(sha).get_pulls()],
        )

    def find_pull(self, branch: str) -> Pull | None:
        """Return the newest pull request of a branch, whether open, closed or merged, or None if there is none."""

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
        # The repository of a deleted fork is null.
        fork=pull.head.repo is None or pull.head.repo.full_name != pull.base.repo.full_name,
        merge_sha=pull.merge_commit_sha if merged else None,
        author=pull.user.login if pull.user else "ghost",
        base_ref=pull.base.ref,
        url=pull.html_url,
        labels=tuple(label.name for label in pull.labels),
        body=pull.body or "",
    )
