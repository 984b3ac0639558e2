"""What people and the bot do to issues: open, comment, label, react, close. Every change is announced."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from bot.hub.access import ApiError, Caller, invalid
from bot.hub.payloads import REACTIONS, comment_json, issue_json, label_json, pull_json, repository_json
from bot.hub.state import Comment, Issue, Label, Labelled, Reaction, Rename, Reopened, Repository, State, now
from bot.hub.webhooks import Announcer

_COLOR = re.compile(r"[0-9a-fA-F]{6}")
_DESCRIPTION_LIMIT = 100
"""Characters of a label's description: https://docs.github.com/en/rest/issues/labels#create-a-label"""
BODY_LIMIT = 65_536
"""Characters GitHub takes in a comment or description."""


class Issues:
    """Verbs on issues; a pull request counts as one. Called with the state's lock held."""

    def __init__(self, state: State, announcer: Announcer) -> None:
        self._state = state
        self._announcer = announcer

    def open(self, repo: Repository, by: Caller, title: str, body: str, labels: Collection[str]) -> Issue:
        """Open an issue with labels, which are made where the repository has none of that name.

        The API does that for who may label; see `existing` for forms.
        """
        if not title.strip():
            raise invalid("Issue", "title", "missing_field")
        check_body("Issue", body)
        number = self.next_number(repo)
        issue = Issue(self._state.new_id(), number, title, body, by.user, by.app is not None)
        issue.labels = [self._label(repo, name) for name in labels]
        repo.issues[number] = issue
        self._announce(repo, issue, by, "opened")
        for label in issue.labels:
            self._announce_label(repo, issue, by, label)
        return issue

    def next_number(self, repo: Repository) -> int:
        return max([*repo.issues, *repo.deleted, *repo.moved], default=0) + 1

    def comment(self, repo: Repository, issue: Issue, by: Caller, body: str) -> Comment:
        if not body.strip():
            raise invalid("IssueComment", "body", "missing_field")
        if issue.locked and not by.may(repo, "issues:write|pull_requests:write", "write"):
            raise ApiError(403, "Unable to create comment because issue is locked.")
        check_body("IssueComment", body)
        comment = Comment(self._state.new_id(), by.user, body, by.app is not None)
        issue.comments.append(comment)
        issue.updated_at = now()
        self._announce_comment(repo, issue, comment, by, "created")
        return comment

    def edit_comment(self, comment: Comment, by: Caller, body: str) -> None:
        check_body("IssueComment", body)
        comment.body, comment.updated_at = body, now()
        comment.editor, comment.edited_at = by.user, comment.updated_at
        self._state.lock.notify_all()

    def delete_comment(self, repo: Repository, issue: Issue, comment: Comment, by: Caller) -> None:
        issue.comments.remove(comment)
        self._announce_comment(repo, issue, comment, by, "deleted")

    def add_labels(self, repo: Repository, issue: Issue, by: Caller, names: Collection[str]) -> None:
        for name in names:
            label = self._label(repo, name)
            if label not in issue.labels:
                issue.labels.append(label)
                issue.updated_at = now()
                self._announce_label(repo, issue, by, label)

    def remove_label(self, repo: Repository, issue: Issue, by: Caller, name: str) -> None:
        label = next((label for label in issue.labels if label.name.lower() == name.lower()), None)
        if label is None:
            raise ApiError(404, "Label does not exist")
        issue.labels.remove(label)
        issue.updated_at = now()
        self._announce_label(repo, issue, by, label, "unlabeled")

    def edit(self, repo: Repository, issue: Issue, by: Caller, title: str, body: str) -> None:
        """Change an issue's title and body; what stays the same is not announced."""
        if not title.strip():
            raise invalid("Issue", "title", "missing_field")
        check_body("Issue", body)
        before = {"title": issue.title, "body": issue.body}
        after = {"title": title, "body": body}
        if before == after:
            return
        if body != issue.body:
            issue.editor, issue.edited_at = by.user, now()
        if title != issue.title:
            issue.renames.append(Rename(by.user, issue.title, title))
        issue.title, issue.body, issue.updated_at = title, body, now()
        # https://docs.github.com/en/webhooks/webhook-events-and-payloads?actionType=edited#issues
        changes = {name: {"from": text} for name, text in before.items() if text != after[name]}
        self._announce(repo, issue, by, "edited", changes=changes)

    def set_state(self, repo: Repository, issue: Issue, by: Caller, state: str, reason: str | None = None) -> None:
        """Close or reopen an issue that is no pull request."""
        if state not in ("open", "closed"):
            raise invalid("Issue", "state", "invalid")
        if state == issue.state:
            return
        issue.state = state
        issue.state_reason = (reason or "completed") if state == "closed" else "reopened"
        issue.updated_at = now()
        issue.closed_at, issue.closed_by = (issue.updated_at, by.user) if state == "closed" else (None, None)
        if state == "open":
            issue.history.append(Reopened(self._state.new_id(), by.user))
        self._announce(repo, issue, by, "closed" if state == "closed" else "reopened")

    def lock(self, repo: Repository, issue: Issue, by: Caller, *, locked: bool) -> None:
        """Keep everybody without write access from commenting, or let them again."""
        if locked != issue.locked:
            issue.locked = locked
            self._announce(repo, issue, by, "locked" if locked else "unlocked")

    def delete(self, repo: Repository, issue: Issue, by: Caller) -> None:
        """Delete an issue that is no pull request: it is gone for good, and its number is not given again."""
        self._announce(repo, issue, by, "deleted")
        del repo.issues[issue.number]
        repo.deleted.add(issue.number)

    def transfer(self, repo: Repository, issue: Issue, by: Caller, to: Repository) -> Issue:
        """Move an issue with its comments to another repository, and return it as it is there.

        Labels come with it where that repository has some of the same name; the old number leads to the new one.
        https://docs.github.com/en/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository
        """
        new = Issue(self._state.new_id(), self.next_number(to), issue.title, issue.body, issue.author, issue.by_app)
        names = {label.name.lower() for label in issue.labels}
        new.labels = [label for label in to.labels if label.name.lower() in names]
        new.comments, issue.comments = issue.comments, []
        to.issues[new.number] = new
        there = {"new_issue": issue_json(self._state, to, new), "new_repository": repository_json(self._state, to)}
        here = {"old_issue": issue_json(self._state, repo, issue), "old_repository": repository_json(self._state, repo)}
        self._announce(repo, issue, by, "transferred", changes=there)
        del repo.issues[issue.number]
        repo.moved[issue.number] = f"{self._state.api}/repositories/{to.id}/issues/{new.number}"
        self._announce(to, new, by, "opened", changes=here)
        return new

    def react(self, target: Issue | Comment, by: Caller, content: str) -> tuple[Reaction, bool]:
        """Add the caller's reaction, once of each kind; return it and whether it is new."""
        if content not in REACTIONS:
            raise invalid("Reaction", "content", "invalid")
        for reaction in target.reactions:
            if (reaction.user, reaction.content) == (by.user, content):
                return reaction, False
        reaction = Reaction(self._state.new_id(), by.user, content)
        target.reactions.append(reaction)
        self._state.lock.notify_all()
        return reaction, True

    def existing(self, repo: Repository, names: Collection[str]) -> list[str]:
        """Return the labels that a form gives an issue: those of its labels that the repository has.

        https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms#top-level-syntax
        """
        there = {label.name.lower() for label in repo.labels}
        return [name for name in names if name.lower() in there]

    def make_label(self, repo: Repository, name: str, color: str, description: str) -> Label:
        """Make a label that the repository does not have.

        Raises:
            ApiError: 422, there is one of that name, or a value is wrong.
        """
        if any(label.name.lower() == name.lower() for label in repo.labels):
            raise invalid("Label", "name", "already_exists")
        if not name.strip():
            raise invalid("Label", "name", "missing_field")
        if not _COLOR.fullmatch(color):
            raise invalid("Label", "color", "invalid")
        if len(description) > _DESCRIPTION_LIMIT:
            raise invalid("Label", "description", "invalid")
        repo.labels.append(Label(self._state.new_id(), name, color, description))
        return repo.labels[-1]

    def _label(self, repo: Repository, name: str) -> Label:
        for label in repo.labels:
            if label.name.lower() == name.lower():
                return label
        repo.labels.append(Label(self._state.new_id(), name))
        return repo.labels[-1]

    def _announce(self, repo: Repository, issue: Issue, by: Caller, action: str, **more: Any) -> None:
        if pull := issue.pull:
            payload = pull_json(self._state, repo, pull)
            more = {"number": pull.number, "pull_request": payload, **more}
            self._announcer.announce("pull_request", repo, by.user, action, **more)
        else:
            payload = issue_json(self._state, repo, issue)
            self._announcer.announce("issues", repo, by.user, action, issue=payload, **more)

    def _announce_label(
        self, repo: Repository, issue: Issue, by: Caller, label: Label, action: str = "labeled"
    ) -> None:
        if action == "labeled":
            issue.history.append(Labelled(self._state.new_id(), label, by.user))
        self._announce(repo, issue, by, action, label=label_json(self._state, repo, label))

    def _announce_comment(self, repo: Repository, issue: Issue, comment: Comment, by: Caller, action: str) -> None:
        about = issue_json(self._state, repo, issue)
        said = comment_json(self._state, repo, issue, comment)
        self._announcer.announce("issue_comment", repo, by.user, action, issue=about, comment=said)


def check_body(resource: str, body: str) -> None:
    """Refuse a text that is too long for GitHub."""
    if len(body) > BODY_LIMIT:
        raise invalid(resource, "body", "custom", f"body is too long (maximum is {BODY_LIMIT} characters)")


def find_issue(repo: Repository, number: int) -> Issue:
    """Return an issue or pull request, or refuse: 404, or 410 where it was deleted, or 301 where it was transferred.

    https://docs.github.com/en/rest/issues/issues#get-an-issue
    """
    if number in repo.moved:
        raise ApiError(301, "Moved Permanently", location=repo.moved[number])
    if number in repo.deleted:
        raise ApiError(410, "This issue was deleted")
    if number not in repo.issues:
        raise ApiError(404, "Not Found")
    return repo.issues[number]


def find_comment(repo: Repository, comment_id: int) -> tuple[Issue, Comment]:
    """Return a comment and its issue, or refuse with a 404."""
    for issue in repo.issues.values():
        for comment in issue.comments:
            if comment.id == comment_id:
                return issue, comment
    raise ApiError(404, "Not Found")
