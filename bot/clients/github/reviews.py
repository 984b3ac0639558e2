"""Reviews of pull requests: what people say there, the answers to it, and whose review is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls
from bot.clients.github.errors import Rejected
from bot.foreign import Markdown
from bot.render import hidden
from bot.values.github import LineComment, Review


class Reviews(Calls):
    """Verbs on reviews."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Return the submitted reviews of a pull request, oldest first, as they are now."""

        def read(remote: Remote) -> tuple[Review, ...]:
            found = self._list(remote, f"/pulls/{number}/reviews")
            return tuple(_review(review) for review in found if review["state"] != "PENDING")

        return self._read(f"read the reviews of #{number}", read)

    def line_comments(self, number: int, review: int | None = None) -> tuple[LineComment, ...]:
        """Return the comments on lines of a pull request, oldest first, with their lines as they are now.

        Args:
            review: only those that were submitted with this review.
        """

        # GitHub also lists the comments of a review alone, but leaves out their lines there.
        def read(remote: Remote) -> tuple[LineComment, ...]:
            found = (_line_comment(comment) for comment in self._list(remote, f"/pulls/{number}/comments"))
            return tuple(comment for comment in found if review in (None, comment.review))

        return self._read(f"read the line comments of #{number}", read)

    def reply_once(self, number: int, comment: LineComment, marker: str, body: Markdown) -> str:
        """Answer in the conversation of a line comment, unless the bot's answer with `marker` is there; return its URL.

        Raises:
            Rejected: with status 404, somebody has deleted the conversation.
        """
        first = comment.reply_to or comment.id
        login = self.credentials.login()
        for other in self.line_comments(number):
            if other.reply_to == first and other.author == login and hidden(marker) in other.body:
                return other.url
        text = body if hidden(marker) in body else f"{body}\n{hidden(marker)}"
        return self._write(
            f"answer a line comment on #{number}",
            lambda remote: remote.get_pull(number).create_review_comment_reply(first, text).html_url,
        )

    def react_to_line_comment(self, comment_id: int, content: str) -> None:
        """Put a reaction ("eyes", "+1", ...) on a line comment; a second one of a kind changes nothing."""
        path = f"/pulls/comments/{comment_id}/reactions"
        self._write("react", lambda remote: self._send(remote, "POST", path, {"content": content}))

    def request_reviews(self, number: int, logins: Sequence[str]) -> tuple[str, ...]:
        """Ask people for their reviews of a pull request, and return the logins of those who could be asked.

        Left out are people whom GitHub refuses: its author, and who is no collaborator. Who is asked already is not
        asked again.

        https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
        """
        if not logins or self._request(number, logins):
            return tuple(logins)
        # GitHub refuses all of them because of one, and does not say which.
        return tuple(login for login in logins if len(logins) > 1 and self._request(number, [login]))

    def _request(self, number: int, logins: Iterable[str]) -> bool:
        """Return whether GitHub took a request."""
        path, wanted = f"/pulls/{number}/requested_reviewers", {"reviewers": list(logins)}
        try:
            self._write(f"ask for reviews of #{number}", lambda remote: self._send(remote, "POST", path, wanted))
        except Rejected as error:
            if error.status != 422:
                raise
            return False
        return True


def _review(review: dict[str, Any]) -> Review:
    return Review(
        id=review["id"],
        **_author(review),
        state=review["state"].lower(),
        body=review["body"] or "",
        # A force push may have taken the reviewed commit away.
        sha=review["commit_id"] or "",
        url=review["html_url"],
        at=review["submitted_at"] or "",
    )


def _line_comment(comment: dict[str, Any]) -> LineComment:
    line = comment.get("line")
    return LineComment(
        id=comment["id"],
        review=comment["pull_request_review_id"] or 0,
        **_author(comment),
        body=comment["body"] or "",
        path=comment["path"],
        side=comment.get("side") or "RIGHT",
        line=line,
        start_line=comment.get("start_line"),
        original_line=comment.get("original_line"),
        original_start_line=comment.get("original_start_line"),
        original_sha=comment["original_commit_id"],
        hunk=comment["diff_hunk"],
        outdated=line is None and comment.get("subject_type") != "file",
        reply_to=comment.get("in_reply_to_id"),
        url=comment["html_url"],
    )


def _author(written: dict[str, Any]) -> dict[str, Any]:
    # The account of somebody who left GitHub is null.
    user = written["user"] or {"login": "ghost", "type": "User"}
    return {"author": user["login"], "bot": user["type"] == "Bot"}
