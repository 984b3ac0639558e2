"""Conversations on lines of a pull request: begun, answered, edited, resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.hub.access import ApiError, Caller, invalid, unprocessable
from bot.hub.git import FileDiff, find_line, hunk_until
from bot.hub.issues import check_body
from bot.hub.judgement import may_write
from bot.hub.payloads import pull_json, review_comment_event_json, thread_json
from bot.hub.places import find_place
from bot.hub.state import Place, Pull, Repository, Review, ReviewComment, ReviewThread, State, now
from bot.hub.webhooks import Announcer


@dataclass(frozen=True)
class Draft:
    """A comment that is to begin a conversation."""

    place: Place
    body: str


class Conversation(NamedTuple):
    """A conversation, and the pull request it is on."""

    repo: Repository
    pull: Pull
    thread: ReviewThread


class Threads:
    """Verbs on conversations. Called with the state's lock held."""

    def __init__(self, state: State, announcer: Announcer) -> None:
        self._state = state
        self._announcer = announcer

    def begin(self, repo: Repository, pull: Pull, review: Review, by: Caller, drafts: Sequence[Draft]) -> None:
        """Add conversations to a review that is not submitted yet.

        Raises:
            ApiError: 422, one of the lines is not in the diff; then none is added.
        """
        base = repo.git.merge_base(pull.base_sha, review.commit)
        diff = repo.git.diff(base, review.commit)
        for draft in drafts:
            if fault := _fault(diff, draft):
                raise unprocessable(fault)
            check_body("PullRequestReviewComment", draft.body)
        for draft in drafts:
            thread = self._thread(diff, draft.place, base, review.commit)
            thread.comments.append(self._comment(review, by, draft.body))
            review.threads.append(thread)

    def publish(self, repo: Repository, pull: Pull, review: Review, by: Caller) -> None:
        """Show the conversations of a review that was submitted just now."""
        for thread in review.threads:
            pull.threads.append(thread)
            for comment in thread.comments:
                self._announce(Conversation(repo, pull, thread), comment, by)

    def reply(self, talk: Conversation, review: Review, by: Caller, body: str) -> ReviewComment:
        """Answer in a conversation; on GitHub each answer has a review of its own."""
        check_comment(body)
        comment = self._comment(review, by, body)
        talk.thread.comments.append(comment)
        self._announce(talk, comment, by)
        return comment

    def edit(self, talk: Conversation, comment: ReviewComment, by: Caller, body: str) -> None:
        check_comment(body)
        before, comment.body, comment.updated_at = comment.body, body, now()
        if before != body:
            self._announce(talk, comment, by, "edited", changes={"body": {"from": before}})

    def delete(self, talk: Conversation, comment: ReviewComment, by: Caller) -> None:
        self._announce(talk, comment, by, "deleted")
        talk.thread.comments.remove(comment)
        if not talk.thread.comments:
            talk.pull.threads.remove(talk.thread)

    def resolve(self, talk: Conversation, by: Caller, *, resolved: bool) -> None:
        """Mark a conversation as resolved, or as open again.

        Raises:
            ApiError: 403, the caller neither opened the pull request nor may write.
        """
        repo, pull, thread = talk
        allowed = may_write(repo, by.user) or by.user == pull.author
        if not (allowed if by.permissions is None else by.may(repo, "pull_requests:write", "write")):
            raise ApiError(403, "Resource not accessible by integration")
        if resolved == (thread.resolved_by is not None):
            return
        thread.resolved_by = by.user if resolved else None
        self._announcer.announce(
            "pull_request_review_thread",
            repo,
            by.user,
            "resolved" if resolved else "unresolved",
            pull_request=pull_json(self._state, repo, pull),
            thread=thread_json(self._state, repo, pull, thread),
        )

    def _thread(self, diff: Sequence[FileDiff], place: Place, base: str, commit: str) -> ReviewThread:
        patch = next(file.patch for file in diff if file.path == place.path)
        line = find_line(patch, place.side, place.line) if place.line else None
        hunk = hunk_until(patch, line) if line else patch
        position = line.position if line else None
        return ReviewThread(self._state.new_id(), place, base, commit, hunk, position)

    def _comment(self, review: Review, by: Caller, body: str) -> ReviewComment:
        return ReviewComment(
            id=self._state.new_id(), author=by.user, body=body, by_app=by.app is not None, review=review.id
        )

    def _announce(
        self, talk: Conversation, comment: ReviewComment, by: Caller, action: str = "created", **more: Any
    ) -> None:
        repo, pull, thread = talk
        self._announcer.announce(
            "pull_request_review_comment",
            repo,
            by.user,
            action,
            comment=review_comment_event_json(self._state, repo, pull, thread, comment),
            pull_request=pull_json(self._state, repo, pull),
            **more,
        )


def check_comment(body: str) -> None:
    """Refuse a comment that says nothing or too much."""
    if not body.strip():
        raise invalid("PullRequestReviewComment", "body", "missing_field")
    check_body("PullRequestReviewComment", body)


def find_thread(repo: Repository, pull: Pull, comment_id: int) -> tuple[Conversation, ReviewComment]:
    """Return a comment on a line of a pull request and its conversation, or refuse with a 404."""
    for thread in pull.threads:
        for comment in thread.comments:
            if comment.id == comment_id:
                return Conversation(repo, pull, thread), comment
    raise ApiError(404, "Not Found")


def find_review_comment(repo: Repository, comment_id: int) -> tuple[Conversation, ReviewComment]:
    """Return a comment on a line of any pull request and its conversation, or refuse with a 404."""
    for pull in repo.pulls():
        if any(comment.id == comment_id for thread in pull.threads for comment in thread.comments):
            return find_thread(repo, pull, comment_id)
    raise ApiError(404, "Not Found")


def _fault(diff: Sequence[FileDiff], draft: Draft) -> str:
    """Return why a comment cannot begin a conversation, in GitHub's words, or ""."""
    place = draft.place
    patch = next((file.patch for file in diff if file.path == place.path), None)
    if patch is None:
        return "Path could not be resolved"
    if find_place(diff, place) is None:
        return "Line could not be resolved"
    if place.line and place.start_line is not None:
        if place.start_line >= place.line:
            return "Pull request review thread start line must precede the end line."
        first, last = (find_line(patch, place.side, number) for number in (place.start_line, place.line))
        if first is None or last is None or first.hunk != last.hunk:
            return "Pull request review thread start line must be part of the same hunk as the line."
    return "" if draft.body.strip() else "Body can't be blank"
