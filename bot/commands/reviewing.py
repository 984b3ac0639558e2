"""What people say on a pull request without a command: reviews, which change it, and talk, which is told how to."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.commands.parser import each_once
from bot.commands.starting import issue_of, open_pull
from bot.errors import UserError
from bot.foreign import composed, find_keys
from bot.guard.text import WithIssues
from bot.render import render, said
from bot.runs import Runs
from bot.runs.history import language_of
from bot.runs.points import Hear, line_comment_ids, review_points
from bot.sentence import Sentence
from bot.values.command import Call, CommandRequest, Reply, ReviewRequest, Unknown
from bot.values.github import LineComment, Pull, Review
from bot.values.naming import run_id
from bot.values.progress import Stage
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest

log = logging.getLogger(__name__)

_WRITERS = ("write", "admin")


class ReviewedRepository(WithIssues, Protocol):
    """What reviews need of `bot.clients.github.Repository`."""

    def pull(self, n: int, /) -> Pull: ...

    def permission(self, login: str) -> Literal["admin", "write", "read", "none"]: ...

    def reviews(self, number: int) -> tuple[Review, ...]: ...

    def line_comments(self, number: int) -> tuple[LineComment, ...]: ...

    def react_to_line_comment(self, comment_id: int, content: str) -> None: ...


@dataclass(frozen=True)
class Asked:
    """What a review of a pull request of the bot's asks for.

    Attributes:
        points: what shall change; calls: the commands in its words and in its comments on lines.
        keys: what looks like a key in them.
    """

    pull: Pull
    review: Review
    points: tuple[Point, ...]
    calls: tuple[Call | Unknown, ...]
    keys: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Reviewing:
    """Hears what is said on a repository's pull requests.

    Attributes:
        login: the bot's, e.g. "gptdeploy[bot]".
        hear: takes apart what somebody says.
    """

    repository: ReviewedRepository
    runs: Runs
    login: str
    hear: Hear

    def read(self, request: ReviewRequest) -> Asked | None:
        """Return what a review asks for; None where it is none that the bot has to hear.

        Raises:
            TransientError: GitHub did not answer.
        """
        number = request.number
        pull = self.repository.pull(number)
        if issue_of(pull) is None:
            return None
        review = next((review for review in self.repository.reviews(number) if review.id == request.review), None)
        if review is None or review.author == self.login or (review.bot and not request.by_bot):
            return None
        comments = self.repository.line_comments(number)
        points = review_points(review, comments, self.login, self.hear)
        said = [review.body, *(comment.body for comment in comments if comment.review == review.id)]
        calls = [call for body in said for call in self.hear(body).calls] if review.state != "dismissed" else []
        return Asked(
            pull, review, points, each_once(calls), tuple(key.place for body in said for key in find_keys(body))
        )

    def take(self, request: ReviewRequest, asked: Asked, after: str = "") -> Reply:
        """Have a pull request of the bot's changed as a review asks, and return what is said to it at once.

        What it asks for is answered once it is done; a review that asks for nothing gets nothing. Safe to repeat.

        Args:
            after: what carries the review's commands out, by its id; "" where there are none.

        Raises:
            TransientError: GitHub did not answer.
        """
        pull, review = asked.pull, asked.review
        if asked.points:
            return self._take(request, pull, asked.points, after)
        talks = review.body and review.state == "commented" and not asked.calls
        return self._hint(pull, review.author, request.repo) if talks else Reply()

    def hint(self, request: CommandRequest) -> Reply:
        """Return, once for each pull request that waits for people, how to be heard by the bot."""
        return self._hint(self.repository.pull(request.number), request.actor, request.repo)

    def _take(self, request: ReviewRequest, pull: Pull, points: tuple[Point, ...], after: str) -> Reply:
        author, issue = points[0].author, issue_of(pull) or 0
        language = language_of(self.runs, self.repository, request.repo, issue)
        if not request.by_bot:
            access = self.repository.permission(author)
            if access not in _WRITERS:
                text = render("comments/commands/refused_review.md.j2", language, author=author, access=access)
                # Once for each person and pull request: reviewers may write many.
                return Reply(marker=f"refused-review:{author}", text=text)
        try:
            open_pull(pull, issue)
        except UserError as error:
            return Reply(marker=f"review:{request.review}", text=composed(said(error, language)))
        wanted = RunRequest(
            repo=request.repo,
            installation=request.installation,
            issue=issue,
            actor=author,
            kind=RunKind.REVISE,
            pull=pull.number,
            # GitHub delivers a review and each of its comments on lines.
            delivery=f"review-{request.review}",
            points=points,
        )
        if self.runs.active(request.repo, issue) not in (None, run_id(request.repo, issue, wanted.delivery)):
            self._say_seen(points)
        self.runs.revise(wanted, after)
        return Reply()

    def _say_seen(self, points: tuple[Point, ...]) -> None:
        """Show on comments that wait for the run at work that they are heard."""
        for comment_id in line_comment_ids(points):
            try:
                self.repository.react_to_line_comment(comment_id, "eyes")
            except UserError as error:
                log.warning("no reaction to line comment %s: %s", comment_id, error)

    def _hint(self, pull: Pull, author: str, repo: str) -> Reply:
        issue = issue_of(pull)
        progress = self.runs.latest(repo, issue) if issue is not None and pull.state == "open" else None
        if progress is None or progress.stage is not Stage.WAITING:
            return Reply()
        if author == self.login or self.repository.permission(author) not in _WRITERS:
            return Reply()
        name = self.login.removesuffix("[bot]")
        text = render("comments/commands/hint.md.j2", progress.language, name=name).strip()
        return Reply(marker=f"hint:{pull.number}", text=text)
