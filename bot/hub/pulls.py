"""Branches and pull requests. Every move of a branch passes here, updates pull requests and is announced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.hub.access import ApiError, Caller, invalid
from bot.hub.git import NO_COMMIT, Committer, GitError
from bot.hub.issues import Issues, check_body
from bot.hub.judgement import refused_deletion, refused_push
from bot.hub.payloads import pull_json, push_json
from bot.hub.state import Pull, Reopened, Repository, State, now
from bot.hub.webhooks import Announcer


class Branches(NamedTuple):
    """The branch that a pull request brings, and the one that it is for."""

    head: str
    base: str


class Pulls:
    """Verbs on branches and pull requests. Called with the state's lock held."""

    def __init__(self, state: State, announcer: Announcer, issues: Issues) -> None:
        self._state = state
        self._announcer = announcer
        self._issues = issues

    def guard(self, repo: Repository, by: Caller, branch: str) -> None:
        """Refuse a change of a branch whose rules ask for a pull request.

        Raises:
            ApiError: 422.
        """
        if (reason := refused_push(repo, branch, None if by.permissions is not None else by.user)) is not None:
            raise ApiError(422, reason)

    def commit(self, repo: Repository, by: Caller, branch: str, message: str, files: Mapping[str, bytes | None]) -> str:
        """Put one commit on a branch and return its sha; `files` is as in `BareRepository.commit`."""
        parent = repo.git.head(branch)
        if parent is None:
            raise ApiError(422, "Reference does not exist")
        self.guard(repo, by, branch)
        try:
            sha = repo.git.commit(branch, parent, message, by.user, files)
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
        if branch == repo.default_branch or refused_deletion(repo, branch):
            raise ApiError(422, "Cannot delete this branch")
        repo.git.delete_ref(f"refs/heads/{branch}")
        self.moved(repo, by, branch, sha, NO_COMMIT)

    def moved(self, repo: Repository, by: Caller, branch: str, before: str, after: str) -> None:
        """Announce that a branch went from `before` to `after`, and bring its pull requests up to date."""
        payload = push_json(self._state, repo, branch, before, after)
        pusher = {"name": by.user.login, "email": by.user.email}
        self._announcer.announce("push", repo, by.user, **payload, pusher=pusher)
        for pull in repo.pulls():
            if pull.state != "open":
                continue
            if pull.head_ref == branch and after == NO_COMMIT:
                self.set_state(repo, pull, by, "closed")
            elif pull.head_ref == branch:
                self.refresh(repo, pull)
                self.announce(repo, pull, by, "synchronize", before=before, after=after)
            elif pull.base_ref == branch and after != NO_COMMIT:
                self.refresh(repo, pull)

    def open(self, repo: Repository, by: Caller, title: str, body: str, branches: Branches) -> Pull:
        """Open a pull request."""
        head, base = branches.head.removeprefix(f"{repo.owner.login}:"), branches.base
        if not title.strip():
            raise invalid("PullRequest", "title", "missing_field")
        check_body("PullRequest", body)
        shas = {}
        for field, branch in (("head", head), ("base", base)):
            sha = repo.git.head(branch)
            if sha is None:
                raise invalid("PullRequest", field, "invalid")
            shas[field] = sha
        if any(p.state == "open" and (p.head_ref, p.base_ref) == (head, base) for p in repo.pulls()):
            raise _refused(f"A pull request already exists for {repo.owner.login}:{head}.")
        if not repo.git.log(f"{shas['base']}..{shas['head']}", 1):
            raise _refused(f"No commits between {base} and {head}")
        pull = Pull(
            id=self._state.new_id(),
            number=self._issues.next_number(repo),
            title=title,
            body=body,
            author=by.user,
            by_app=by.app is not None,
            pull_id=self._state.new_id(),
            head_ref=head,
            base_ref=base,
            head_sha=shas["head"],
            base_sha=shas["base"],
        )
        repo.issues[pull.number] = pull
        self.refresh(repo, pull)
        self.announce(repo, pull, by, "opened")
        return pull

    def set_state(self, repo: Repository, pull: Pull, by: Caller, state: str) -> None:
        """Close a pull request without merging it, or open it again."""
        if state not in ("open", "closed"):
            raise invalid("PullRequest", "state", "invalid")
        if state == pull.state:
            return
        if state == "open":
            if pull.merged_at or repo.git.head(pull.head_ref) is None:
                raise invalid("PullRequest", "state", "invalid", "state cannot be changed. The branch was deleted.")
            self.refresh(repo, pull)
        pull.state, pull.updated_at = state, now()
        pull.closed_at, pull.closed_by = (pull.updated_at, by.user) if state == "closed" else (None, None)
        if state == "open":
            pull.history.append(Reopened(self._state.new_id(), by.user))
        self.announce(repo, pull, by, "closed" if state == "closed" else "reopened")

    def refresh(self, repo: Repository, pull: Pull) -> None:
        """Read both branches again and make the test merge commit, as GitHub does:
        https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-your-git-database#checking-mergeability-of-pull-requests
        """
        pull.head_sha = repo.git.head(pull.head_ref) or pull.head_sha
        pull.base_sha = repo.git.head(pull.base_ref) or pull.base_sha
        refs = {f"refs/pull/{pull.number}/head": pull.head_sha}
        tree = repo.git.merged_tree(pull.base_sha, pull.head_sha)
        pull.merge_sha = None
        if tree:
            message = f"Merge {pull.head_sha} into {pull.base_sha}"
            pull.merge_sha = repo.git.commit_tree(tree, [pull.base_sha, pull.head_sha], message, Committer())
            refs[f"refs/pull/{pull.number}/merge"] = pull.merge_sha
        repo.git.set_refs(refs)

    def announce(self, repo: Repository, pull: Pull, by: Caller, action: str, **more: Any) -> None:
        payload = pull_json(self._state, repo, pull)
        self._announcer.announce(
            "pull_request", repo, by.user, action, number=pull.number, pull_request=payload, **more
        )


def find_pull(repo: Repository, number: int) -> Pull:
    """Return a pull request, or refuse with a 404."""
    issue = repo.issues.get(number)
    if issue is None or issue.pull is None:
        raise ApiError(404, "Not Found")
    return issue.pull


def _refused(message: str) -> ApiError:
    return ApiError(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}])
