"""Suggested changes: read from a comment, and committed by whoever takes one.

https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request
"""

from __future__ import annotations

import re

from bot.hub.access import ApiError, Caller
from bot.hub.places import current
from bot.hub.pulls import Pulls
from bot.hub.reviews import Conversation
from bot.hub.state import ReviewComment

_BLOCK = re.compile(r"^ {0,3}(?P<fence>`{3,})suggestion[^\n]*\n(?P<lines>.*?)^ {0,3}(?P=fence)`*[ \t]*$", re.M | re.S)


def suggestion(body: str) -> str | None:
    """Return the lines that a comment suggests, with their line ends, or None where it suggests nothing."""
    block = _BLOCK.search(body)
    return block["lines"] if block else None


def suggestion_block(lines: str) -> str:
    """Return what a comment says to suggest lines; its fence is longer than any in them."""
    longest = max((len(run) for run in re.findall(r"`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if lines.endswith("\n") or not lines else "\n"
    return f"{fence}suggestion\n{lines}{end}{fence}"


def apply_suggestion(pulls: Pulls, talk: Conversation, comment: ReviewComment, by: Caller) -> str:
    """Commit what a comment suggests to the branch of its pull request, and return the commit's sha.

    Raises:
        ApiError: 422, it suggests nothing, or its lines have changed since.
    """
    repo, pull, thread = talk
    lines, now = suggestion(comment.body), current(repo, pull, thread)
    if lines is None or thread.place.side == "LEFT":
        raise ApiError(422, "This comment suggests no change.")
    if now is None or now.place.line is None or pull.state != "open":
        raise ApiError(422, "This suggestion is outdated.")
    place, last = now.place, now.place.line
    old = (repo.git.show(pull.head_sha, place.path) or b"").decode(errors="replace").splitlines(keepends=True)
    new = [*old[: (place.start_line or last) - 1], lines, *old[last:]]
    message = (
        f"Update {place.path.rpartition('/')[2]}\n\nCo-authored-by: {comment.author.login} <{comment.author.email}>\n"
    )
    return pulls.commit(repo, by, pull.head_ref, message, {place.path: "".join(new).encode()})
