"""Reviews of pull requests: begun, submitted, edited, dismissed.

https://docs.github.com/en/rest/pulls/reviews
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from bot.hub.access import WORKFLOW_ACTOR, ApiError, Caller, invalid, unprocessable
from bot.hub.issues import check_body
from bot.hub.judgement import rules_of
from bot.hub.payloads import COMMITS_IN_PULL, pull_json, review_event_json
from bot.hub.reviews.threads import Conversation, Draft, Threads, check_comment
from bot.hub.state import Pull, Repository, Review, ReviewComment, State, now
from bot.hub.webhooks import Announcement, Announcer

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
"""What a review becomes when it is submitted as an event."""


class Submission(NamedTuple):
    """What a reviewer says.

    Attributes:
        event: "APPROVE", "REQUEST_CHANGES" or "COMMENT"; "" begins a review that is submitted later.
        commit: the commit of the pull request that was reviewed; "" stands for its head.
    """

    event: str
    body: str = ""
    drafts: Sequence[Draft] = ()
    commit: str = ""


class Reviews:
    """Verbs on reviews. Called with the state's lock held."""

    def __init__(self, state: State, announcer: Announcer, threads: Threads) -> None:
        self._state = state
        self._announcer = announcer
        self._threads = threads
        announcer.listeners.append(self._hear)

    def create(self, repo: Repository, pull: Pull, by: Caller, said: Submission) -> Review:
        """Review a pull request.

        Raises:
            ApiError: 422, for one's own pull request, a line that is not in the diff, nothing said at all.
        """
        event, body, drafts, commit = said
        if any(review.state == "PENDING" and review.author == by.user for review in pull.reviews):
            raise unprocessable("User can only have one pending review per pull request")
        known = {each.sha for each in repo.git.log(f"{pull.base_sha}..{pull.head_sha}", COMMITS_IN_PULL)}
        if commit and commit not in known:
            raise invalid("PullRequestReview", "commit_id", "invalid", "commit_id is not part of the pull request")
        check_body("PullRequestReview", body)
        review = Review(self._state.new_id(), by.user, "PENDING", body, commit or pull.head_sha, by.app is not None)
        self._threads.begin(repo, pull, review, by, drafts)
        if event:
            _check_event(pull, by, event, body, bool(drafts))
        pull.reviews.append(review)
        if event:
            self._submit(repo, pull, review, by, event)
        return review

    def submit(self, repo: Repository, pull: Pull, review: Review, by: Caller, said: Submission) -> None:
        """Submit a pending review; the body "" leaves its text as it is."""
        event, body = said.event, said.body or review.body
        _must_be_author(review, by)
        if review.state != "PENDING":
            raise unprocessable("Can not submit a review that is not pending")
        _check_event(pull, by, event, body, bool(review.threads))
        review.body = body
        self._submit(repo, pull, review, by, event)

    def draft(self, repo: Repository, pull: Pull, by: Caller, draft: Draft) -> None:
        """Add a comment on a line to the caller's pending review, which begins with the first one."""
        for review in pull.reviews:
            if review.state == "PENDING" and review.author == by.user:
                self._threads.begin(repo, pull, review, by, [draft])
                return
        self.create(repo, pull, by, Submission("", "", [draft]))

    def comment(self, repo: Repository, pull: Pull, by: Caller, draft: Draft, commit: str) -> ReviewComment:
        """Comment on one line, at once."""
        check_comment(draft.body)
        return self.create(repo, pull, by, Submission("COMMENT", "", [draft], commit)).threads[0].comments[0]

    def reply(self, talk: Conversation, by: Caller, body: str) -> ReviewComment:
        """Answer in a conversation."""
        check_comment(body)
        repo, pull, _ = talk
        review = Review(self._state.new_id(), by.user, "COMMENTED", "", pull.head_sha, by.app is not None)
        pull.reviews.append(review)
        comment = self._threads.reply(talk, review, by, body)
        self._announce(repo, pull, review, by, "submitted")
        return comment

    def edit(self, repo: Repository, pull: Pull, review: Review, by: Caller, body: str) -> None:
        """Change the text of a review."""
        _must_be_author(review, by)
        check_body("PullRequestReview", body)
        before, review.body = review.body, body
        if review.state != "PENDING" and before != body:
            self._announce(repo, pull, review, by, "edited", changes={"body": {"from": before}})

    def delete(self, pull: Pull, review: Review, by: Caller) -> None:
        """Throw a pending review away."""
        _must_be_author(review, by)
        if review.state != "PENDING":
            raise unprocessable("Can not delete a non-pending pull request review")
        pull.reviews.remove(review)

    def dismiss(self, repo: Repository, pull: Pull, review: Review, by: Caller, message: str) -> None:
        """Take the weight from a verdict, with a word about why."""
        if not message.strip():
            raise invalid("PullRequestReview", "message", "missing_field")
        if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
            raise unprocessable("Can not dismiss a commented pull request review")
        self._dismiss(repo, pull, review, by)

    def _submit(self, repo: Repository, pull: Pull, review: Review, by: Caller, event: str) -> None:
        review.state, review.submitted_at = _STATES[event], now()
        pull.updated_at = review.submitted_at
        if by.user in pull.requested:
            pull.requested.remove(by.user)
        self._announce(repo, pull, review, by, "submitted")
        self._threads.publish(repo, pull, review, by)

    def _dismiss(self, repo: Repository, pull: Pull, review: Review, by: Caller) -> None:
        review.state = "DISMISSED"
        self._announce(repo, pull, review, by, "dismissed")

    def _hear(self, announcement: Announcement) -> None:
        """Take approvals back after a push, where the rules of the base branch say so."""
        if (announcement.event, announcement.action) != ("pull_request", "synchronize"):
            return
        repo, pull = announcement.repo, announcement.repo.issues[announcement.payload["number"]].pull
        if pull is None:
            return
        if any(rules.dismiss_stale for rules in rules_of(repo, pull.base_ref)):
            for review in [review for review in pull.reviews if review.state == "APPROVED"]:
                self._dismiss(repo, pull, review, Caller(announcement.sender))

    def _announce(self, repo: Repository, pull: Pull, review: Review, by: Caller, action: str, **more: Any) -> None:
        self._announcer.announce(
            "pull_request_review",
            repo,
            by.user,
            action,
            review=review_event_json(self._state, repo, pull, review),
            pull_request=pull_json(self._state, repo, pull),
            **more,
        )


def find_review(pull: Pull, review_id: int, by: Caller) -> Review:
    """Return a review that the caller may see, or refuse with a 404: a pending one is its author's business."""
    for review in visible_reviews(pull, by):
        if review.id == review_id:
            return review
    raise ApiError(404, "Not Found")


def visible_reviews(pull: Pull, by: Caller) -> list[Review]:
    """Return the reviews that the caller may see, oldest first."""
    return [review for review in pull.reviews if review.state != "PENDING" or review.author == by.user]


def _check_event(pull: Pull, by: Caller, event: str, body: str, has_comments: bool) -> None:
    if event not in _STATES:
        raise invalid("PullRequestReview", "event", "invalid", f"{event} is not a valid event")
    if by.user == pull.author and event != "COMMENT":
        does = "approve" if event == "APPROVE" else "request changes on"
        raise unprocessable(f"Can not {does} your own pull request")
    if event == "APPROVE" and by.user.login == WORKFLOW_ACTOR:
        raise unprocessable("GitHub Actions is not permitted to approve pull requests.")
    if event != "APPROVE" and not body.strip() and not has_comments:
        raise unprocessable("Body can't be blank")


def _must_be_author(review: Review, by: Caller) -> None:
    if review.author != by.user:
        raise ApiError(403, "Must be the author of the review.")
