"""Branches and pull requests: whoever moves a branch does it here, so that everything that follows from it happens."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from bot.hub.access import ApiError, Caller
from bot.hub.git.diff import FileDiff
from bot.hub.git.repository import NO_COMMIT, Committer, GitError
from bot.hub.issues import Issues, check_body, invalid
from bot.hub.payloads.git import GitPayloads
from bot.hub.payloads.issues import Json
from bot.hub.state.store import Issue, Pull, Repository, State, now
from bot.hub.webhooks import Announcer

_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? #(\d{1,9})\b", re.IGNORECASE)
"""What closes an issue on merge: https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"""
_COMMITS_IN_PUSH = 20


class Pulls:
    """Verbs on branches and pull requests. Called with the state's lock held."""

    def __init__(self, state: State, payloads: GitPayloads, announcer: Announcer, issues: Issues) -> None:
        self._state = state
        self._payloads = payloads
        self._announcer = announcer
        self._issues = issues

    def commit(
        self,
        repo: Repository,
        by: Caller,
        branch: str,
        parent: str,
        message: str,
        additions: Mapping[str, bytes],
        deletions: Collection[str] = (),
    ) -> str:
        """Put one commit on a branch whose head is `parent` and return its sha."""
        try:
            sha = repo.git.commit(branch, parent, message, by.user, additions, deletions)
        except GitError as error:
            raise ApiError(422, str(error)) from error
        self.moved(repo, by, branch, parent, sha)
        return sha

    def create_branch(self, repo: Repository, by: Caller, branch: str, sha: str) -> None:
        if not repo.git.valid_branch(branch):
            raise ApiError(422, f"refs/heads/{branch} is not a valid ref name.")
        if repo.git.head(branch):
            raise ApiError(422, "Reference already exists")
        if repo.git.resolve(sha) != sha:
            raise ApiError(422, "Object does not exist")
        repo.git.set_refs({f"refs/heads/{branch}": sha})
        self.moved(repo, by, branch, NO_COMMIT, sha)

    def delete_branch(self, repo: Repository, by: Caller, branch: str) -> None:
        sha = repo.git.head(branch)
        if sha is None:
            raise ApiError(422, "Reference does not exist")
        repo.git.delete_ref(f"refs/heads/{branch}")
        self.moved(repo, by, branch, sha, NO_COMMIT)

    def moved(self, repo: Repository, by: Caller, branch: str, before: str, after: str) -> None:
        """Announce that a branch went from `before` to `after`, and bring its pull requests up to date."""
        self._announcer.say("push", repo, by.user, **self._push(repo, by, branch, before, after))
        for issue, pull in repo.pulls():
            if issue.state != "open":
                continue
            if pull.head_ref == branch and after == NO_COMMIT:
                self.set_state(repo, issue, pull, by, "closed")
            elif pull.head_ref == branch:
                self._refresh(repo, issue, pull)
                self._say(repo, issue, pull, by, "synchronize", before=before, after=after)
            elif pull.base_ref == branch and after != NO_COMMIT:
                self._refresh(repo, issue, pull)

    def open(self, repo: Repository, by: Caller, title: str, body: str, head: str, base: str) -> Issue:
        """Open a pull request between two branches."""
        head = head.removeprefix(f"{repo.owner.login}:")
        if not title.strip():
            raise invalid("PullRequest", "title", "missing_field")
        check_body("PullRequest", body)
        shas = {}
        for field, branch in (("head", head), ("base", base)):
            sha = repo.git.head(branch)
            if sha is None:
                raise invalid("PullRequest", field, "invalid")
            shas[field] = sha
        name = f"{repo.owner.login}:{head}"
        if any(i.state == "open" and (p.head_ref, p.base_ref) == (head, base) for i, p in repo.pulls()):
            raise _refused(f"A pull request already exists for {name}.")
        if not repo.git.log(f"{shas['base']}..{shas['head']}", 1):
            raise _refused(f"No commits between {base} and {head}")
        pull = Pull(self._state.new_id(), head, base, shas["head"], shas["base"])
        issue = Issue(self._state.new_id(), self._issues.next_number(repo), title, body, by.user, by.app is not None)
        issue.pull = pull
        repo.issues[issue.number] = issue
        self._refresh(repo, issue, pull)
        self._say(repo, issue, pull, by, "opened")
        return issue

    def set_state(self, repo: Repository, issue: Issue, pull: Pull, by: Caller, state: str) -> None:
        """Close a pull request without merging it, or open it again."""
        if state not in ("open", "closed"):
            raise invalid("PullRequest", "state", "invalid")
        if state == issue.state:
            return
        if state == "open":
            if pull.merged_at or repo.git.head(pull.head_ref) is None:
                raise invalid("PullRequest", "state", "invalid", "state cannot be changed. The branch was deleted.")
            self._refresh(repo, issue, pull)
        issue.state, issue.updated_at = state, now()
        issue.closed_at = issue.updated_at if state == "closed" else None
        self._say(repo, issue, pull, by, "closed" if state == "closed" else "reopened")

    def merge(
        self, repo: Repository, issue: Issue, pull: Pull, by: Caller, sha: str | None, title: str, message: str
    ) -> str:
        """Squash a pull request into its base and return the commit's sha.

        Raises:
            ApiError: 405 where it cannot be merged, 409 where its head is not `sha`.
        """
        if issue.state != "open" or pull.merge_sha is None:
            raise ApiError(405, "Pull Request is not mergeable")
        if sha and sha != pull.head_sha:
            raise ApiError(409, "Head branch was modified. Review and try the merge again.")
        tree = repo.git.merged_tree(pull.base_sha, pull.head_sha)
        if tree is None:
            raise ApiError(405, "Pull Request is not mergeable")
        text = f"{title or f'{issue.title} (#{issue.number})'}\n\n{message}".strip() + "\n"
        before = pull.base_sha
        pull.merge_sha = repo.git.commit_tree(tree, [before], text, issue.author)
        repo.git.set_refs({f"refs/heads/{pull.base_ref}": pull.merge_sha})
        pull.merged_at = issue.closed_at = issue.updated_at = now()
        pull.merged_by = by.user
        issue.state = "closed"
        self._say(repo, issue, pull, by, "closed")
        self.moved(repo, by, pull.base_ref, before, pull.merge_sha)
        if pull.base_ref == repo.default_branch:
            for number in {int(found) for found in _CLOSING.findall(f"{issue.body}\n{text}")}:
                closed = repo.issues.get(number)
                if closed and not closed.pull:
                    self._issues.set_state(repo, closed, by, "closed")
        return pull.merge_sha

    def payload(self, repo: Repository, issue: Issue, pull: Pull) -> Json:
        """Return a pull request as REST and webhooks have it."""
        # Its own head and base shas, not the branches': those may be gone or have moved on since it was closed.
        commits = len(repo.git.log(f"{pull.base_sha}..{pull.head_sha}", 250))
        return self._payloads.pull(repo, issue, pull, self.diff(repo, pull), commits)

    def diff(self, repo: Repository, pull: Pull) -> list[FileDiff]:
        return repo.git.diff(pull.base_sha, pull.head_sha, since_fork=True)

    def _refresh(self, repo: Repository, issue: Issue, pull: Pull) -> None:
        """Look at both branches again and make the test merge commit, as GitHub does:
        https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-your-git-database#checking-mergeability-of-pull-requests
        """
        pull.head_sha = repo.git.head(pull.head_ref) or pull.head_sha
        pull.base_sha = repo.git.head(pull.base_ref) or pull.base_sha
        refs = {f"refs/pull/{issue.number}/head": pull.head_sha}
        tree = repo.git.merged_tree(pull.base_sha, pull.head_sha)
        pull.merge_sha = None
        if tree:
            message = f"Merge {pull.head_sha} into {pull.base_sha}"
            pull.merge_sha = repo.git.commit_tree(tree, [pull.base_sha, pull.head_sha], message, Committer())
            refs[f"refs/pull/{issue.number}/merge"] = pull.merge_sha
        repo.git.set_refs(refs)

    def _say(self, repo: Repository, issue: Issue, pull: Pull, by: Caller, action: str, **more: Any) -> None:
        payload = self.payload(repo, issue, pull)
        self._announcer.say("pull_request", repo, by.user, action, number=issue.number, pull_request=payload, **more)

    def _push(self, repo: Repository, by: Caller, branch: str, before: str, after: str) -> Json:
        ref = f"refs/heads/{branch}"
        if after == NO_COMMIT:
            return self._payloads.push(repo, ref, before, after, by.user, [], None)
        known = repo.git.head(repo.default_branch) if before == NO_COMMIT else before
        commits = repo.git.log(f"{known}..{after}" if known else after, _COMMITS_IN_PUSH)
        pushed = [
            self._payloads.push_commit(repo, commit, repo.git.diff(commit.parents[0], commit.sha))
            for commit in reversed(commits)
            if commit.parents
        ]
        head = pushed[-1] if pushed else self._payloads.push_commit(repo, repo.git.log(after, 1)[0], [])
        return self._payloads.push(repo, ref, before, after, by.user, pushed, head)


def _refused(message: str) -> ApiError:
    return ApiError(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}])
