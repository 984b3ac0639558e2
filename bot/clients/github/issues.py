"""Issues, what people say on them, labels and reactions, and the access people have."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal, cast
from urllib.parse import quote

from github.Repository import Repository as Remote

from bot.clients.github.comments import Comments
from bot.clients.github.errors import Rejected
from bot.clients.github.overview import read_login
from bot.errors import Gone, Unavailable
from bot.values.github import Issue, IssueComment
from bot.values.person import Person

log = logging.getLogger(__name__)

_EDITORS = """
query Editors($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    databaseId
    issue(number: $number) {
      comments(last: 100) { nodes { databaseId lastEditedAt editor { __typename login } } }
    }
  }
}
"""

_LOOKS = {"color": "1d76db", "description": "Describes a service that gptdeploy builds, tests and deploys."}

Permission = Literal["admin", "write", "read", "none"]


class Issues(Comments):
    """Verbs on issues; a pull request counts as one."""

    def issue(self, number: int) -> Issue:
        """Return an issue as it is now."""

        def read(remote: Remote) -> Issue:
            issue = remote.get_issue(number)
            return Issue(
                number=number,
                title=issue.title,
                body=issue.body or "",
                author=issue.user.login if issue.user else "ghost",
                state=issue.state,
                labels=tuple(label.name for label in issue.labels),
                url=issue.html_url,
            )

        return self._read(f"read issue #{number}", read)

    def open_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Open an issue; GitHub leaves out the labels where the credentials have no write access.

        Called again, it opens another one.
        """

        def create(remote: Remote) -> int:
            return remote.create_issue(title=title, body=body, labels=list(labels)).number

        return self.issue(self._write("open an issue", create))

    def say(self, number: int, body: str) -> None:
        """Comment as a person does, without a marker. Called again, it comments again."""
        self._write(f"comment on #{number}", lambda remote: remote.get_issue(number).create_comment(body).id)

    def bot_comments(self, number: int) -> list[IssueComment]:
        """Return the comments of Apps on an issue, oldest first, as they are now."""

        def read(remote: Remote) -> list[IssueComment]:
            return [
                IssueComment(id=comment.id, author=comment.user.login, body=comment.body or "")
                for comment in remote.get_issue(number).get_comments()
                if comment.user and comment.user.type == "Bot"
            ]

        return self._read(f"read the comments of #{number}", read)

    def close_issue(self, number: int) -> None:
        """Close an issue as completed; closing a closed one changes nothing."""
        self._write(
            f"close issue #{number}",
            lambda remote: remote.get_issue(number).edit(state="closed", state_reason="completed"),
        )

    def add_label(self, number: int, label: str) -> None:
        """Put a label on an issue, if it is not there; GitHub creates one that the repository does not have."""
        path = f"/issues/{number}/labels"
        self._write(f"label #{number}", lambda remote: self._send(remote, "POST", path, {"labels": [label]}))

    def make_label(self, label: str) -> bool:
        """Make the label that asks for a service, where the repository has none of that name; return whether it was
        made.

        https://docs.github.com/en/rest/issues/labels#create-a-label
        """
        try:
            self._read(
                f"look for the label `{label}`",
                lambda remote: self._json(remote, "GET", f"/labels/{quote(label, safe='')}"),
            )
            return False
        except Rejected as error:
            if error.status != 404:
                raise
        body = {"name": label, **_LOOKS}
        try:
            self._write(f"make the label `{label}`", lambda remote: self._send(remote, "POST", "/labels", body))
        except Rejected as error:
            # Somebody else has made it in between.
            if "already_exists" not in error.reason:
                raise
            return False
        return True

    def remove_label(self, number: int, label: str) -> None:
        """Take a label off an issue; if it is not there, nothing happens."""
        # PyGithub's own method does not quote a slash in the label's name, which makes another address of it.
        path = f"/issues/{number}/labels/{quote(label, safe='')}"
        try:
            self._write(f"take a label off #{number}", lambda remote: self._json(remote, "DELETE", path))
        except Rejected as error:
            if error.status != 404:
                raise

    def permission(self, login: str) -> Permission:
        """Return the access of a user; GitHub counts "maintain" as "write" and "triage" as "read".

        https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
        """
        try:
            access = self._read(f"see what @{login} may do", lambda remote: remote.get_collaborator_permission(login))
        except Rejected as error:
            # This is GitHub's answer for deleted users, and for bots that are no collaborators.
            if error.status == 404:
                return "none"
            raise
        return cast(Permission, access) if access in ("admin", "write", "read") else "none"

    def may_read(self, person: Person) -> bool:
        """Return whether a person may read this repository; of a public one, everybody may."""
        path = f"/collaborators/{quote(person.login)}/permission"
        try:
            access = self._read(f"see what @{person.login} may do", lambda remote: self._json(remote, "GET", path))
        except (Rejected, Gone, Unavailable) as error:
            if isinstance(error, Unavailable) and error.hindrance.passes:
                raise
            log.info("%s: nothing of it is shown to @%s: %s", self.full_name, person.login, error)
            return False
        return bool(access["permission"] != "none" and access["user"]["id"] == person.id)

    def react(self, content: str, *, issue: int | None = None, comment: int | None = None) -> None:
        """Put a reaction ("eyes", "rocket", "+1", "confused", ...) on an issue or a comment.

        GitHub keeps one reaction of a kind for each user, so that a second try changes nothing.
        """
        if (issue is None) == (comment is None):
            raise ValueError("a reaction needs either an issue or a comment")
        if issue is not None:
            number = issue
            self._write("react", lambda remote: remote.get_issue(number).create_reaction(content))
        else:
            path = f"/issues/comments/{comment}/reactions"
            self._write("react", lambda remote: self._send(remote, "POST", path, {"content": content}))

    def comments_after(self, number: int, comment_id: int) -> list[IssueComment]:
        """Return people's comments that came after a comment, oldest first, with their text as it is now; no bot's.

        GitHub numbers comments in the order in which they are made; 0 comes before all of them.
        """
        login = self.credentials.login()

        def read(remote: Remote) -> list[IssueComment]:
            return [
                IssueComment(
                    id=comment.id,
                    author=comment.user.login if comment.user else "ghost",
                    body=comment.body or "",
                )
                for comment in remote.get_issue(number).get_comments()
                # A bot that uses a given token may be a "User" to GitHub.
                if comment.id > comment_id
                and not (comment.user and (comment.user.type == "Bot" or comment.user.login == login))
            ]

        return self._read(f"read the comments of #{number}", read)

    def comment_editors(self, number: int) -> dict[int, str | None]:
        """Return who has edited each of the newest 100 comments of an issue last, by its id; None for nobody."""
        found = self._query(f"see who has edited comments of #{number}", _EDITORS, number=number)
        nodes = found["issue"]["comments"]["nodes"]
        return {node["databaseId"]: read_login(node["editor"]) if node["lastEditedAt"] else None for node in nodes}
