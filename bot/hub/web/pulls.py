"""What a person does on the page of a pull request: review it, comment on its lines, merge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from bot.hub.git import PatchLine, read_patch
from bot.hub.judgement import (
    behind,
    check_runs,
    may_bypass,
    merge_state,
    opinions,
    refusal,
    rules_of,
    unmet,
)
from bot.hub.merging import MergeOrder
from bot.hub.places import changes, current
from bot.hub.pulls import find_pull
from bot.hub.reviews import Draft, Submission, find_thread
from bot.hub.state import Comment, Place, Pull, Repository, Review, ReviewThread
from bot.hub.suggestions import apply_suggestion, suggestion, suggestion_block
from bot.hub.web.checks import annotations_by_line, elsewhere
from bot.hub.web.page import Pages, Visit

PAGES = Pages("pull_pages")


@dataclass(frozen=True)
class Talk:
    """A conversation as the page shows it; `place` is where it is now, None where it is outdated."""

    thread: ReviewThread
    place: Place | None

    @property
    def where(self) -> str:
        place = self.place or self.thread.place
        if place.line is None:
            return place.path
        return f"{place.path}:{f'{place.start_line}-' if place.start_line else ''}{place.line}"


def shown_pull(visit: Visit, pull: Pull) -> dict[str, Any]:
    """Return what the page shows of a pull request beside what it shows of an issue."""
    repo = visit.repo
    pending = [review for review in pull.reviews if review.state == "PENDING" and review.author == visit.viewer.user]
    asked = [each for rules in rules_of(repo, pull.base_ref) for each in unmet(repo, pull, rules)]
    protection = repo.protections.get(pull.base_ref)
    shown = {
        "verdicts": opinions(repo, pull),
        "check_runs": check_runs(repo, pull.head_sha),
        "unmet": asked,
        "merge_state": merge_state(repo, pull),
        "behind": pull.state == "open" and behind(repo, pull),
        "bypass": bool(asked and protection and may_bypass(repo, protection, visit.viewer.user))
        and refusal(repo, pull, visit.viewer.user) is None,
    }
    annotations = annotations_by_line(repo, pull.head_sha)
    return {
        "timeline": _timeline(repo, pull),
        "shown": shown,
        "pending": [_talk(repo, pull, thread) for review in pending for thread in review.threads],
        "branch": repo.git.head(pull.head_ref) is not None,
        "suggestion": suggestion,
        "annotations": annotations,
        "elsewhere": elsewhere(annotations, changes(repo, pull)),
    }


@PAGES.page("/pull/<int:number>/line", "GET", "POST")
def line(visit: Visit, number: int) -> Response | str:
    """The form for a comment on lines; they are in the address."""
    pull = find_pull(visit.repo, number)
    path, side = request.values.get("path", ""), request.values.get("side", "RIGHT")
    last, first = request.values.get("line", 0, type=int), request.values.get("start", 0, type=int)
    file = next((file for file in changes(visit.repo, pull) if file.path == path), None)
    known = [each for each in read_patch(file.patch) if each.number(side) is not None] if file else []
    if not any(each.number(side) == last for each in known):
        raise NotFound
    place = Place(path, side, last, first if 0 < first < last else None)
    lines = _between(known, place)
    if request.method == "GET":
        original = "".join(f"{each.text[1:]}\n" for each in lines)
        return visit.render("line.html", pull=pull, place=place, lines=lines, original=original)
    body, wanted = _field("body"), request.form.get("suggested", "").replace("\r\n", "\n")
    if request.form.get("suggests"):
        body = f"{body}\n\n{suggestion_block(wanted)}".strip()
    draft = Draft(place, body)
    if request.form.get("now"):
        visit.parts.reviews.comment(visit.repo, pull, visit.viewer, draft, "")
    else:
        visit.parts.reviews.draft(visit.repo, pull, visit.viewer, draft)
    return _to(visit, number, "files")


@PAGES.page("/pull/<int:number>/review", "POST")
def review(visit: Visit, number: int) -> Response:
    pull = find_pull(visit.repo, number)
    said = Submission(request.form.get("event", ""), _field("body"))
    pending = [each for each in pull.reviews if each.state == "PENDING" and each.author == visit.viewer.user]
    if pending:
        visit.parts.reviews.submit(visit.repo, pull, pending[0], visit.viewer, said)
    else:
        visit.parts.reviews.create(visit.repo, pull, visit.viewer, said)
    return _to(visit, number)


@PAGES.page("/pull/<int:number>/reply/<int:comment>", "POST")
def reply(visit: Visit, number: int, comment: int) -> Response:
    talk, _ = find_thread(visit.repo, find_pull(visit.repo, number), comment)
    visit.parts.reviews.reply(talk, visit.viewer, _field("body"))
    return _to(visit, number, f"discussion_r{comment}")


@PAGES.page("/pull/<int:number>/resolve/<int:comment>", "POST")
def resolve(visit: Visit, number: int, comment: int) -> Response:
    talk, _ = find_thread(visit.repo, find_pull(visit.repo, number), comment)
    visit.parts.threads.resolve(talk, visit.viewer, resolved=talk.thread.resolved_by is None)
    return _to(visit, number, f"discussion_r{comment}")


@PAGES.page("/pull/<int:number>/suggestion/<int:comment>", "POST")
def take_suggestion(visit: Visit, number: int, comment: int) -> Response:
    visit.must_write()
    talk, said = find_thread(visit.repo, find_pull(visit.repo, number), comment)
    apply_suggestion(visit.parts.pulls, talk, said, visit.viewer)
    return _to(visit, number)


@PAGES.page("/pull/<int:number>/dismiss/<int:review_id>", "POST")
def dismiss(visit: Visit, number: int, review_id: int) -> Response:
    visit.must_write()
    pull = find_pull(visit.repo, number)
    found = next((each for each in pull.reviews if each.id == review_id), None)
    if found is None:
        raise NotFound
    visit.parts.reviews.dismiss(visit.repo, pull, found, visit.viewer, _field("message"))
    return _to(visit, number)


@PAGES.page("/pull/<int:number>/merge", "POST")
def merge(visit: Visit, number: int) -> Response:
    visit.must_write()
    pull = find_pull(visit.repo, number)
    order = MergeOrder(request.form.get("method", "merge"), request.form.get("sha", ""))
    if request.form.get("when") == "possible":
        visit.parts.merging.enable_auto_merge(visit.repo, pull, visit.viewer, order)
    elif request.form.get("when") == "never":
        visit.parts.merging.disable_auto_merge(visit.repo, pull, visit.viewer)
    elif request.form.get("when") == "queue":
        visit.parts.merging.enqueue(visit.repo, pull, visit.viewer, order.sha)
    else:
        visit.parts.merging.merge(visit.repo, pull, visit.viewer, order)
    return _to(visit, number)


@PAGES.page("/pull/<int:number>/update", "POST")
def update(visit: Visit, number: int) -> Response:
    visit.must_write()
    pull = find_pull(visit.repo, number)
    visit.parts.merging.update_branch(visit.repo, pull, visit.viewer, request.form.get("sha", ""))
    return _to(visit, number)


@PAGES.page("/pull/<int:number>/delete-branch", "POST")
def delete_branch(visit: Visit, number: int) -> Response:
    visit.must_write()
    pull = find_pull(visit.repo, number)
    visit.parts.pulls.delete_branch(visit.repo, visit.viewer, pull.head_ref)
    return _to(visit, number)


def patch_lines(patch: str) -> dict[int, PatchLine]:
    """Return the lines of a patch by their positions, for links to comment on them."""
    return {line.position: line for line in read_patch(patch)}


def _timeline(repo: Repository, pull: Pull) -> list[tuple[str, Comment | Review, list[Talk]]]:
    """Return comments and reviews in the order in which they came, the reviews with the conversations they began."""
    entries: list[tuple[str, Comment | Review, list[Talk]]] = [("comment", comment, []) for comment in pull.comments]
    for review in pull.reviews:
        talks = [_talk(repo, pull, thread) for thread in review.threads if thread in pull.threads]
        # A review that only answers shows in the conversation.
        if review.state != "PENDING" and (review.body or talks or review.state != "COMMENTED"):
            entries.append(("review", review, talks))
    return sorted(entries, key=lambda entry: (_time(entry[1]), entry[1].id))


def _time(said: Comment | Review) -> Any:
    return said.submitted_at if isinstance(said, Review) else said.created_at


def _talk(repo: Repository, pull: Pull, thread: ReviewThread) -> Talk:
    now = current(repo, pull, thread)
    return Talk(thread, now.place if now else None)


def _between(lines: list[PatchLine], place: Place) -> list[PatchLine]:
    first = place.start_line or place.line or 0
    return [each for each in lines if first <= (each.number(place.side) or 0) <= (place.line or 0)]


def _field(name: str) -> str:
    """Return what was filled in; browsers send "\\r\\n" as line ends."""
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _to(visit: Visit, number: int, anchor: str = "") -> Response:
    return redirect(f"/{visit.repo.full_name}/pull/{number}{'#' if anchor else ''}{anchor}", 303)
