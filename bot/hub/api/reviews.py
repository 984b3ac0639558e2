"""REST: reviews of pull requests, and whose reviews are asked for."""

from __future__ import annotations

from typing import Any

from bot.hub.access import ApiError, unprocessable
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.git import read_patch
from bot.hub.payloads import Json, pull_json, review_comment_json, review_json, user_json
from bot.hub.places import changes
from bot.hub.pulls import find_pull
from bot.hub.reviews import Draft, Submission, find_review, visible_reviews
from bot.hub.state import Place, Pull, Review

ENDPOINTS = Endpoints("reviews")
_REVIEWS, _REVIEW = "/pulls/<int:number>/reviews", "/pulls/<int:number>/reviews/<int:review_id>"
_REQUESTED = "/pulls/<int:number>/requested_reviewers"


@ENDPOINTS.route("GET", _REVIEWS, "pull_requests:read")
def list_reviews(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    reviews = visible_reviews(pull, call.by)
    return call.page(reviews, lambda review: review_json(call.state, call.repo, pull, review))


@ENDPOINTS.route("POST", _REVIEWS, "pull_requests:write")
def create_review(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    drafts = [Draft(place_of(call, pull, item), str(item.get("body") or "")) for item in _items(call, "comments")]
    said = Submission(call.text("event"), call.text("body"), drafts, call.text("commit_id"))
    return _json(call, pull, call.parts.reviews.create(call.repo, pull, call.by, said))


@ENDPOINTS.route("GET", _REVIEW, "pull_requests:read")
def get_review(call: Call, number: int, review_id: int) -> Answer:
    pull = find_pull(call.repo, number)
    return _json(call, pull, find_review(pull, review_id, call.by))


@ENDPOINTS.route("PUT", _REVIEW, "pull_requests:write")
def edit_review(call: Call, number: int, review_id: int) -> Answer:
    pull = find_pull(call.repo, number)
    review = find_review(pull, review_id, call.by)
    call.parts.reviews.edit(call.repo, pull, review, call.by, call.text("body"))
    return _json(call, pull, review)


@ENDPOINTS.route("DELETE", _REVIEW, "pull_requests:write")
def delete_review(call: Call, number: int, review_id: int) -> Answer:
    pull = find_pull(call.repo, number)
    review = find_review(pull, review_id, call.by)
    call.parts.reviews.delete(pull, review, call.by)
    return _json(call, pull, review)


@ENDPOINTS.route("POST", f"{_REVIEW}/events", "pull_requests:write")
def submit_review(call: Call, number: int, review_id: int) -> Answer:
    pull = find_pull(call.repo, number)
    review = find_review(pull, review_id, call.by)
    said = Submission(call.text("event"), call.text("body"))
    call.parts.reviews.submit(call.repo, pull, review, call.by, said)
    return _json(call, pull, review)


@ENDPOINTS.route("PUT", f"{_REVIEW}/dismissals", "pull_requests:write", "write")
def dismiss_review(call: Call, number: int, review_id: int) -> Answer:
    pull = find_pull(call.repo, number)
    review = find_review(pull, review_id, call.by)
    call.parts.reviews.dismiss(call.repo, pull, review, call.by, call.text("message"))
    return _json(call, pull, review)


@ENDPOINTS.route("GET", f"{_REVIEW}/comments", "pull_requests:read")
def list_comments_of_review(call: Call, number: int, review_id: int) -> Answer:
    pull = find_pull(call.repo, number)
    review = find_review(pull, review_id, call.by)
    threads = review.threads if review.state == "PENDING" else pull.threads
    found = [(thread, item) for thread in threads for item in thread.comments if item.review == review.id]
    return call.page(found, lambda pair: review_comment_json(call.state, call.repo, pull, *pair))


@ENDPOINTS.route("GET", _REQUESTED, "pull_requests:read")
def list_requested(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    return {"users": [user_json(call.state, user) for user in pull.requested], "teams": []}


@ENDPOINTS.route("POST", _REQUESTED, "pull_requests:write", "triage")
def request_reviews(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    call.parts.review_requests.add(call.repo, pull, call.by, _logins(call))
    return 201, pull_json(call.state, call.repo, pull)


@ENDPOINTS.route("DELETE", _REQUESTED, "pull_requests:write", "triage")
def remove_requests(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    call.parts.review_requests.remove(call.repo, pull, call.by, _logins(call))
    return pull_json(call.state, call.repo, pull)


def place_of(call: Call, pull: Pull, item: Json) -> Place:
    """Return the place that a comment in a request names: by line and side, or by the older `position`."""
    path, side = str(item.get("path") or ""), str(item.get("side") or "RIGHT")
    if item.get("subject_type") == "file":
        return Place(path, side)
    line, start, position = item.get("line"), item.get("start_line"), item.get("position")
    if isinstance(line, int):
        return Place(path, side, line, start if isinstance(start, int) else None)
    patch = next((file.patch for file in changes(call.repo, pull) if file.path == path), None)
    if patch is None:
        raise unprocessable("Path could not be resolved")
    for each in read_patch(patch):
        if each.position == position:
            return Place(path, "RIGHT" if each.new else "LEFT", each.new or each.old)
    raise unprocessable("Line could not be resolved")


def _items(call: Call, name: str) -> list[dict[str, Any]]:
    items = call.body.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ApiError(422, f"Invalid request.\n\nFor 'properties/{name}', it is not an array of objects.")
    return items


def _logins(call: Call) -> list[str]:
    return [str(login) for login in call.body.get("reviewers") or ()]


def _json(call: Call, pull: Pull, review: Review) -> Json:
    return review_json(call.state, call.repo, pull, review)
