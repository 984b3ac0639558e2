"""Reviews of a pull request: what they ask for as it is now, and the answers in their conversations."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from bot.clients.github import Rejected
from bot.foreign import Markdown
from bot.render import comment
from bot.runs.points import comment_of, current_points, is_of_review
from bot.runs.steps.bound import BoundSteps
from bot.values.revision import Point, PointAnswer

log = logging.getLogger(__name__)


class ReviewSteps(BoundSteps):
    """What a run reads of reviews, and says to them."""

    def current(self, number: int, points: Sequence[Point]) -> tuple[Point, ...]:
        """Return points as they are now, without those that were deleted or dismissed meanwhile."""
        if not any(is_of_review(point) for point in points):
            return tuple(points)

        def read() -> list[Point]:
            name = self._world.github.login().removesuffix("[bot]")
            reviews, comments = self._repository.reviews(number), self._repository.line_comments(number)
            return current_points(points, reviews, comments, name)

        return tuple(self._flow.step("read reviews", read, returns=list[Point]))

    def answer(self, number: int, answers: Sequence[tuple[Point, PointAnswer]], head: str, language: str) -> None:
        """Answer comments on lines, each in its own conversation; one that was deleted meanwhile gets no answer.

        Args:
            head: the commit that does what they ask for; "" for none.
            language: of the issue.
        """
        for point, answer in answers:
            body = comment("answered.md.j2", _marker(point), answer=answer, head=head, language=language)
            reply = partial(self._reply, number, point, body)
            self._flow.step(f"answer {point.id}", reply, returns=None)

    def _reply(self, number: int, point: Point, body: Markdown) -> None:
        to = comment_of(point, self._repository.line_comments(number))
        try:
            if to is not None:
                self._repository.reply_once(number, to, _marker(point), body)
        except Rejected as error:
            if error.status != 404:
                raise
            log.warning("%s on #%s was deleted", point.id, number)


def _marker(point: Point) -> str:
    return f"answer:{point.id}"
