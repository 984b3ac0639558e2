"""What a review asks for: its words, and its comments on lines, as points.

What is asked for is read when the review is submitted. A comment's line may have changed by the time the point is taken
up, so that it is brought up to date then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bot.guard.text import split_commands
from bot.runs.items import items
from bot.values.command import Said
from bot.values.github import LineComment, Review
from bot.values.revision import Point

Hear = Callable[[str], Said]
"""Takes apart what somebody says: commands, and what they ask for in words."""
_LINE, _REVIEW = "line:", "review:"
_COURTESY = re.compile(
    r"(?:(?:ok(?:ay)?|thanks?(?: you)?|thx|ty|great|nice|perfect|cool|good|lgtm|looks good(?: to me)?|fine|yes|agreed|"
    r"got it|makes sense|understood|awesome|very|much|so|a lot|that|for|the|fix|now|[^\w\s]+)\s*)+",
    re.IGNORECASE,
)
"""What people say when they want nothing more; an answer that says nothing else asks for nothing."""


def review_points(review: Review, comments: Sequence[LineComment], bot: str, hear: Hear) -> tuple[Point, ...]:
    """Return what a review asks for, of a list each item; nothing where it only approves, or was dismissed.

    Its words count where it requests changes, comes with comments on lines, or begins with the bot's name; those of an
    approval only where they begin with the name. A comment on a line always counts. An answer in a conversation counts
    where the bot has spoken in it or is spoken to: anything else is said among people. Commands are no points.

    Args:
        comments: all comments on lines of the pull request, oldest first.
        bot: the bot's login, e.g. "gptdeploy[bot]".
    """
    if review.state == "dismissed":
        return ()
    lines = [
        point
        for comment in comments
        if comment.review == review.id and (point := _line_point(comment, comments, bot, hear)) is not None
    ]
    said = hear(review.body)
    counts = said.to_bot or review.state == "changes_requested" or (review.state == "commented" and lines)
    return (*(_whole(review, said.words) if counts else ()), *lines)


def current_points(
    points: Iterable[Point], reviews: Sequence[Review], comments: Sequence[LineComment], name: str = ""
) -> list[Point]:
    """Return points as they are now: on the lines where they stand, and in the words to which they were edited; without
    those that were deleted or dismissed meanwhile. Commands in an edited text are not heard.

    Args:
        name: what people call the bot by, without `@`.
    """
    live = {review.id: review for review in reviews if review.state != "dismissed"}
    lines = {comment.id: comment for comment in comments if comment.review in live}
    found: dict[str, Point] = {}
    for point in points:
        kind, _, number = point.id.partition(":")
        now = [point]
        if f"{kind}:" == _LINE:
            comment = lines.get(int(number))
            now = _line_now(point, comment, name) if comment else []
        elif f"{kind}:" == _REVIEW:
            review = live.get(int(number.partition(".")[0]))
            if review is None:
                now = []
            elif point.heard not in ("", _digest(review.body)):
                now = _whole(review, _words(review.body, name))
        found |= {each.id: each for each in now}
    return list(found.values())


def _line_now(point: Point, comment: LineComment, name: str) -> list[Point]:
    """Return a comment on lines as it is now; nothing where it asks for nothing any more."""
    now = point.model_copy(update=_place(comment))
    if point.heard in ("", _digest(comment.body)):
        return [now]
    suggestion = _suggestion(comment)
    text = _words(comment.body if suggestion is None else comment.words, name)
    said = {"text": text, "suggestion": suggestion, "heard": _digest(comment.body)}
    return [Point.model_validate(dict(now) | said)] if text or suggestion is not None else []


def _whole(review: Review, words: str) -> list[Point]:
    """Return what a review asks for as a whole: of a list each item."""
    texts, name = items(words) if words else [], f"{_REVIEW}{review.id}"
    ids = [name] if len(texts) == 1 else [f"{name}.{number}" for number, _ in enumerate(texts, 1)]
    return [
        Point(id=id, author=review.author, text=text, heard=_digest(review.body))
        for id, text in zip(ids, texts, strict=True)
    ]


def _words(body: str, name: str) -> str:
    """Return what a text asks for in words: without the bot's name, `/revise`, and the lines of commands."""
    split = split_commands(body, name)
    said = [
        f"{spoken.arguments if spoken.name in ('', 'revise') else ''}\n{spoken.following}" for spoken in split.commands
    ]
    return "\n".join([split.before, *said]).strip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _suggestion(comment: LineComment) -> str | None:
    """Return what a comment suggests instead of its lines; None for nothing, or for more than one thing."""
    return comment.suggestions[0] if len(comment.suggestions) == 1 else None


def is_on_lines(point: Point) -> bool:
    """Return whether a point is a comment on lines, which is answered in its own conversation."""
    return point.id.startswith(_LINE)


def line_comment_ids(points: Iterable[Point]) -> list[int]:
    """Return the ids of the comments on lines among points."""
    return [int(point.id.removeprefix(_LINE)) for point in points if is_on_lines(point)]


def is_of_review(point: Point) -> bool:
    """Return whether a point comes from a review, which may change before it is taken up."""
    return point.id.startswith((_LINE, _REVIEW))


def comment_of(point: Point, comments: Iterable[LineComment]) -> LineComment | None:
    """Return the comment on lines that a point is; None where it was deleted."""
    return next((comment for comment in comments if f"{_LINE}{comment.id}" == point.id), None)


def _line_point(comment: LineComment, comments: Sequence[LineComment], bot: str, hear: Hear) -> Point | None:
    before = [
        other
        for other in comments
        if comment.reply_to is not None and comment.reply_to in (other.id, other.reply_to) and other.id < comment.id
    ]
    suggestion = _suggestion(comment)
    said = hear(comment.words if suggestion is not None else comment.body)
    if not said.words and suggestion is None:
        return None
    if before:
        is_asked = said.to_bot or any(other.author == bot for other in before)
        if not is_asked or (suggestion is None and _COURTESY.fullmatch(said.words)):
            return None
    return Point(
        id=f"{_LINE}{comment.id}",
        author=comment.author,
        text=said.words,
        path=comment.path,
        removed=comment.side == "LEFT",
        suggestion=suggestion,
        before="\n".join(f"@{other.author}: {other.body}" for other in before),
        heard=_digest(comment.body),
        **_place(comment),
    )


def _place(comment: LineComment) -> dict[str, Any]:
    """Return where a comment on lines stands now, as attributes of a point."""
    return {
        "line": comment.line or comment.original_line,
        "start_line": comment.start_line if comment.line else comment.original_start_line,
        "outdated": comment.outdated,
        "hunk": comment.hunk,
    }
