"""What a review asks for: its words, and its comments on lines, as points.

A comment's line is as GitHub has it when it is read; it may have changed by the time the point is taken up, so that
points are brought up to date then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.guard.text import split_commands
from bot.values.github import LineComment, Review
from bot.values.revision import Point

_LINE, _REVIEW = "line:", "review:"
_COURTESY = re.compile(
    r"(?:(?:ok(?:ay)?|thanks?(?: you)?|thx|ty|great|nice|perfect|cool|good|lgtm|looks good(?: to me)?|fine|yes|agreed|"
    r"got it|makes sense|understood|awesome|very|much|so|a lot|that|for|the|fix|now|[^\w\s]+)\s*)+",
    re.IGNORECASE,
)
"""What people say when they want nothing more; an answer that says nothing else asks for nothing."""


def review_points(review: Review, comments: Sequence[LineComment], bot: str) -> tuple[Point, ...]:
    """Return what a review asks for; nothing where it only approves, or was dismissed.

    Its words count where it requests changes, comes with comments on lines, or begins with the bot's name; those of an
    approval only where they begin with the name. A comment on a line always counts. An answer in a conversation counts
    where the bot has spoken in it or is spoken to: anything else is said among people.

    Args:
        comments: all comments on lines of the pull request, oldest first.
        bot: the bot's login, e.g. "gptdeploy[bot]".
    """
    if review.state == "dismissed":
        return ()
    lines = [
        point
        for comment in comments
        if comment.review == review.id and (point := _line_point(comment, comments, bot)) is not None
    ]
    words, to_bot = _words(review.body, bot)
    counts = to_bot or review.state == "changes_requested" or (review.state == "commented" and lines)
    whole = [Point(id=f"{_REVIEW}{review.id}", author=review.author, text=words)] if counts and words else []
    return (*whole, *lines)


def current_points(
    points: Iterable[Point], reviews: Sequence[Review], comments: Sequence[LineComment], bot: str
) -> list[Point]:
    """Return points with their lines as they are now, without those that were deleted or dismissed meanwhile."""
    live = {review.id for review in reviews if review.state != "dismissed"}
    lines = {comment.id: comment for comment in comments if comment.review in live}
    found: list[Point] = []
    for point in points:
        kind, _, number = point.id.partition(":")
        if f"{kind}:" == _LINE:
            comment = lines.get(int(number))
            now = _line_point(comment, comments, bot) if comment else None
            found += [now] if now else []
        elif f"{kind}:" != _REVIEW or int(number) in live:
            found.append(point)
    return found


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


def _line_point(comment: LineComment, comments: Sequence[LineComment], bot: str) -> Point | None:
    before = [
        other
        for other in comments
        if comment.reply_to is not None and comment.reply_to in (other.id, other.reply_to) and other.id < comment.id
    ]
    suggestions = comment.suggestions
    suggestion = suggestions[0] if len(suggestions) == 1 else None
    words, to_bot = _words(comment.words if suggestion is not None else comment.body, bot)
    if before:
        is_asked = to_bot or any(other.author == bot for other in before)
        if not is_asked or (suggestion is None and _COURTESY.fullmatch(words)):
            return None
    return Point(
        id=f"{_LINE}{comment.id}",
        author=comment.author,
        text=words,
        path=comment.path,
        line=comment.line or comment.original_line,
        start_line=comment.start_line if comment.line else comment.original_start_line,
        outdated=comment.outdated,
        removed=comment.side == "LEFT",
        hunk=comment.hunk,
        suggestion=suggestion,
        before="\n".join(f"@{other.author}: {other.body}" for other in before),
    )


def _words(body: str, bot: str) -> tuple[str, bool]:
    """Return what somebody says, without the bot's name at its beginning, and whether it was there."""
    name = bot.removesuffix("[bot]")
    if not any(not said.name and said.arguments for said in split_commands(body, name).commands):
        return body.strip(), False
    spoken_to = rf"(?im)^ *(?:\w+[ ,]+)?@{re.escape(name)}(?:\[bot\])?[,:.!]*[ \t]*"
    return re.sub(spoken_to, "", body, count=1).strip(), True
