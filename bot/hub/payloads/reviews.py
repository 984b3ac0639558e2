"""Reviews, and the comments on lines of a pull request, as JSON."""

from __future__ import annotations

from bot.hub.payloads.accounts import user_json
from bot.hub.payloads.issues import association, reactions_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.places import current
from bot.hub.state import Pull, Repository, Review, ReviewComment, ReviewThread, State

_PLACES = ("line", "original_line", "position")


def review_json(state: State, repo: Repository, pull: Pull, review: Review) -> Json:
    """A review as REST has it: its state in capital letters."""
    html = f"{state.html_url(repo)}/pull/{pull.number}#pullrequestreview-{review.id}"
    url = f"{state.api_url(repo)}/pulls/{pull.number}"
    return {
        "id": review.id,
        "node_id": f"PRR_{review.id}",
        "user": user_json(state, review.author),
        "body": review.body,
        "state": review.state,
        "html_url": html,
        "pull_request_url": url,
        "author_association": association(repo, review.author),
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        # A pending review has not been submitted yet.
        **({} if review.state == "PENDING" else {"submitted_at": stamp(review.submitted_at)}),
        "commit_id": review.commit,
    }


def review_event_json(state: State, repo: Repository, pull: Pull, review: Review) -> Json:
    """A review as webhooks have it: its state in small letters, and no body where it says nothing."""
    as_rest = review_json(state, repo, pull, review)
    return {
        **as_rest,
        "body": review.body or None,
        "state": review.state.lower(),
        "submitted_at": stamp(review.submitted_at),
        "updated_at": stamp(review.submitted_at),
    }


def review_comment_json(
    state: State, repo: Repository, pull: Pull, thread: ReviewThread, comment: ReviewComment
) -> Json:
    """A comment on a line as REST has it: a place is left out that it does not have (any more)."""
    as_event = review_comment_event_json(state, repo, pull, thread, comment)
    return {name: value for name, value in as_event.items() if value is not None or name not in _PLACES}


def review_comment_event_json(
    state: State, repo: Repository, pull: Pull, thread: ReviewThread, comment: ReviewComment
) -> Json:
    """A comment on a line as webhooks have it.

    `line` and `position` are null where it is outdated, the original ones never change.
    """
    url = f"{state.api_url(repo)}/pulls/comments/{comment.id}"
    html = f"{state.html_url(repo)}/pull/{pull.number}#discussion_r{comment.id}"
    pull_url = f"{state.api_url(repo)}/pulls/{pull.number}"
    now, then = current(repo, pull, thread), thread.place
    first = thread.comments[0] if thread.comments else comment
    several = then.start_line is not None
    return {
        "id": comment.id,
        "node_id": f"PRRC_{comment.id}",
        "pull_request_review_id": comment.review,
        "url": url,
        "html_url": html,
        "pull_request_url": pull_url,
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull_url}},
        "user": user_json(state, comment.author),
        "author_association": association(repo, comment.author),
        "body": comment.body,
        "path": now.place.path if now else then.path,
        "diff_hunk": thread.hunk,
        "commit_id": pull.head_sha if now else thread.commit,
        "original_commit_id": thread.commit,
        "position": (now.position or 1) if now else None,
        "original_position": thread.position or 1,
        "line": now.place.line if now else None,
        "original_line": then.line,
        "start_line": now.place.start_line if now else None,
        "original_start_line": then.start_line,
        "side": then.side,
        "start_side": then.side if several else None,
        "subject_type": "file" if then.line is None else "line",
        "reactions": reactions_json(comment.reactions, url),
        "created_at": stamp(comment.created_at),
        "updated_at": stamp(comment.updated_at),
        **({"in_reply_to_id": first.id} if comment is not first else {}),
    }


def thread_json(state: State, repo: Repository, pull: Pull, thread: ReviewThread) -> Json:
    """A conversation as webhooks have it."""
    comments = [review_comment_event_json(state, repo, pull, thread, comment) for comment in thread.comments]
    return {"node_id": f"PRRT_{thread.id}", "comments": comments}
