"""REST: comments on lines of pull requests, and the answers to them."""

from __future__ import annotations

from bot.hub.access import ApiError, invalid, unprocessable
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.api.issues import list_reactions_of, react_to
from bot.hub.api.reviews import place_of
from bot.hub.payloads import Json, review_comment_json
from bot.hub.pulls import find_pull
from bot.hub.reviews import Conversation, Draft, find_review_comment, find_thread
from bot.hub.state import ReviewComment

ENDPOINTS = Endpoints("review_comments")
_COMMENTS, _COMMENT = "/pulls/<int:number>/comments", "/pulls/comments/<int:comment_id>"


@ENDPOINTS.route("GET", _COMMENTS, "pull_requests:read")
def list_comments(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    talks = [(Conversation(call.repo, pull, thread), item) for thread in pull.threads for item in thread.comments]
    return call.page(sorted(talks, key=lambda pair: pair[1].id), lambda pair: _json(call, *pair))


@ENDPOINTS.route("POST", _COMMENTS, "pull_requests:write")
def create_comment(call: Call, number: int) -> Answer:
    pull, body = find_pull(call.repo, number), call.text("body")
    if isinstance(answered := call.body.get("in_reply_to"), int):
        return _reply(call, number, answered)
    try:
        draft = Draft(place_of(call, pull, call.body), body)
        comment = call.parts.reviews.comment(call.repo, pull, call.by, draft, call.text("commit_id"))
    except ApiError as error:
        # For a comment on its own GitHub names the field.
        if (error.errors or [""])[0] == "Line could not be resolved":
            field = "pull_request_review_thread.line"
            raise invalid("PullRequestReviewComment", field, "custom", f"{field} must be part of the diff") from error
        raise
    return 201, _json(call, *find_thread(call.repo, pull, comment.id))


@ENDPOINTS.route("POST", f"{_COMMENTS}/<int:comment_id>/replies", "pull_requests:write")
def reply(call: Call, number: int, comment_id: int) -> Answer:
    return _reply(call, number, comment_id)


@ENDPOINTS.route("GET", _COMMENT, "pull_requests:read")
def get_comment(call: Call, comment_id: int) -> Answer:
    return _json(call, *find_review_comment(call.repo, comment_id))


@ENDPOINTS.route("PATCH", _COMMENT, "pull_requests:write")
def edit_comment(call: Call, comment_id: int) -> Answer:
    talk, comment = _own(call, comment_id)
    call.parts.threads.edit(talk, comment, call.by, call.text("body"))
    return _json(call, talk, comment)


@ENDPOINTS.route("DELETE", _COMMENT, "pull_requests:write")
def delete_comment(call: Call, comment_id: int) -> Answer:
    call.parts.threads.delete(*_own(call, comment_id), call.by)
    return None


@ENDPOINTS.route("GET", f"{_COMMENT}/reactions", "pull_requests:read")
def list_reactions(call: Call, comment_id: int) -> Answer:
    return list_reactions_of(call, find_review_comment(call.repo, comment_id)[1])


@ENDPOINTS.route("POST", f"{_COMMENT}/reactions", "pull_requests:write")
def react(call: Call, comment_id: int) -> Answer:
    return react_to(call, find_review_comment(call.repo, comment_id)[1])


def _reply(call: Call, number: int, comment_id: int) -> Answer:
    talk, answered = find_thread(call.repo, find_pull(call.repo, number), comment_id)
    # Replies to replies are not supported:
    # https://docs.github.com/en/rest/pulls/comments#create-a-reply-for-a-review-comment
    if answered is not talk.thread.comments[0]:
        raise unprocessable("in_reply_to must be the first comment of a conversation")
    return 201, _json(call, talk, call.parts.reviews.reply(talk, call.by, call.text("body")))


def _own(call: Call, comment_id: int) -> tuple[Conversation, ReviewComment]:
    """Return a comment that the caller may change."""
    talk, comment = find_review_comment(call.repo, comment_id)
    if comment.author != call.by.user and not call.by.may(call.repo, "administration:write", "write"):
        raise ApiError(403, "Resource not accessible by integration")
    return talk, comment


def _json(call: Call, talk: Conversation, comment: ReviewComment) -> Json:
    return review_comment_json(call.state, *talk, comment)
