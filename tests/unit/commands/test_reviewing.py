"""A review becomes points for a run, once; talk becomes a hint, once."""

from __future__ import annotations

import pytest

from bot.commands.reviewing import Reviewing
from bot.errors import UserError
from bot.values.command import Reply, ReviewRequest
from bot.values.github import LineComment, Review
from bot.values.progress import Stage
from bot.values.run import RunKind
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import REPO, FakeRepository, asked, comment
from tests.unit.runs.test_points import BOT, heard, line, review


class Reviewed(FakeRepository):
    """The same, with reviews of whatever pull request."""

    def __init__(self, reviews: list[Review], lines: list[LineComment]) -> None:
        super().__init__()
        self._reviews, self._lines = reviews, lines

    def reviews(self, number: int) -> tuple[Review, ...]:
        return tuple(self._reviews)

    def line_comments(self, number: int) -> tuple[LineComment, ...]:
        return tuple(self._lines)

    def react_to_line_comment(self, comment_id: int, content: str) -> None:
        self.react(content, comment=comment_id)


def request(number: int = 12, by_bot: bool = False, delivery: str = "guid") -> ReviewRequest:
    return ReviewRequest(repo=REPO, installation=42, number=number, review=5, by_bot=by_bot, delivery=delivery)


def said_to(reviewing: Reviewing, request: ReviewRequest) -> Reply:
    """Hear a review, and return what is said to it at once; nothing to one that the bot has not to hear."""
    asked = reviewing.read(request)
    return reviewing.take(request, asked) if asked else Reply()


def by(author: str, state: str = "changes_requested", body: str = "Sort.", bot: bool = False) -> Review:
    return review(state, body).model_copy(update={"author": author, "bot": bot})


def test_a_review_starts_one_run_however_often_it_is_delivered(runs: FakeRuns) -> None:
    repository = Reviewed([review(id=4), by("writer")], [line(author="writer")])
    reviewing = Reviewing(repository, runs, BOT, heard)
    assert said_to(reviewing, request()) == Reply()
    assert said_to(reviewing, request(delivery="of a comment")) == Reply()
    (started,) = runs.started
    assert (started.kind, started.issue, started.pull, started.actor) == (RunKind.REVISE, 3, 12, "writer")
    assert [point.id for point in started.points] == ["review:5", "line:7"]
    # The answers come soon.
    assert repository.reactions == []


def test_a_review_waits_for_the_run_at_work_and_shows_that_it_is_heard(runs: FakeRuns) -> None:
    runs.start(asked(RunKind.NEW))
    repository = Reviewed([by("writer")], [line(author="writer")])
    assert said_to(Reviewing(repository, runs, BOT, heard), request()) == Reply()
    assert [len(wanted.points) for wanted in runs.revisions] == [2]
    assert repository.reactions == [("eyes", 7)]
    # Somebody may have deleted the comment by now.
    repository.reaction_error = UserError("gone")
    said_to(Reviewing(repository, runs, BOT, heard), request())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (12, by("writer", "approved", "LGTM")),
        (12, by("writer", "commented", "")),
        (12, by("writer", "dismissed")),
        (12, by(BOT)),
        (12, by("linter[bot]", bot=True)),
        # Another review, a person's pull request, a fork's.
        (12, by("writer").model_copy(update={"id": 6})),
        (15, by("writer")),
        (16, by("writer")),
    ],
)
def test_what_starts_nothing(runs: FakeRuns, number: int, said: Review) -> None:
    assert said_to(Reviewing(Reviewed([said], []), runs, BOT, heard), request(number)) == Reply()
    assert (runs.started, runs.revisions) == ([], [])


def test_a_bot_that_is_allowed_needs_no_access(runs: FakeRuns) -> None:
    repository = Reviewed([by("linter[bot]", bot=True)], [])
    assert said_to(Reviewing(repository, runs, BOT, heard), request(by_bot=True)) == Reply()
    assert [started.actor for started in runs.started] == ["linter[bot]"]


@pytest.mark.parametrize(("author", "access"), [("visitor", "read"), ("stranger", "no")])
def test_who_has_no_access_is_told_so(runs: FakeRuns, author: str, access: str) -> None:
    reply = said_to(Reviewing(Reviewed([by(author)], []), runs, BOT, heard), request())
    assert reply.marker == f"refused-review:{author}"
    assert reply.text.startswith(f"@{author}, a review changes this pull request if its author has write access")
    assert f"you have {access} access" in reply.text
    assert runs.started == []


@pytest.mark.parametrize(("number", "word"), [(13, "closed"), (14, "merged")])
def test_what_is_over_is_not_changed(runs: FakeRuns, number: int, word: str) -> None:
    reply = said_to(Reviewing(Reviewed([by("writer")], []), runs, BOT, heard), request(number))
    assert reply.text.startswith(f"This pull request is {word}.")
    assert runs.started == []


def test_talk_on_what_waits_gets_a_hint(runs: FakeRuns) -> None:
    reviewing = Reviewing(Reviewed([by("writer", "commented", "Nice.")], []), runs, BOT, heard)
    said = comment("Nice.", 12, "writer")
    assert (reviewing.hint(said), said_to(reviewing, request())) == (Reply(), Reply())
    run = runs.start(asked(RunKind.NEW)).run_id
    assert reviewing.hint(said) == Reply()
    runs.end(run, Stage.WAITING)
    reply = reviewing.hint(said)
    assert reply.marker == "hint:12"
    assert "`@gptdeploy make the border optional`" in reply.text
    assert said_to(reviewing, request()) == reply
    for other in (comment("Nice.", 12, "visitor"), comment("Nice.", 13, "writer"), comment("Nice.", 15, "writer")):
        assert reviewing.hint(other) == Reply()
