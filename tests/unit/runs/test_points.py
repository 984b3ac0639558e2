"""What a review asks for: which words and comments count, and where they stand when their turn comes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands import COMMANDS
from bot.commands.parser import hear
from bot.runs.points import current_points, line_comment_ids, review_points
from bot.values.command import Said
from bot.values.github import LineComment, Review
from bot.values.revision import Point

BOT = "gptdeploy[bot]"
HUNK = "@@ -0,0 +1,2 @@\n+a\n+b"


def heard(body: str) -> Said:
    return hear(body, COMMANDS, "gptdeploy")


def review(state: str = "commented", body: str = "", id: int = 5) -> Review:
    values = {"id": id, "author": "rev", "state": state, "body": body, "sha": "a" * 40, "url": "u"}
    return Review.model_validate(values)


def line(id: int = 7, body: str = "Why?", review: int = 5, author: str = "rev", **more: Any) -> LineComment:
    values = {"id": id, "review": review, "author": author, "body": body, "path": "services/qr/executor.py"}
    return LineComment.model_validate(
        {"line": 2, "original_line": 2, "original_sha": "a" * 40, "hunk": HUNK, "url": "u"} | values | more
    )


def texts(found: Review, *comments: LineComment) -> list[str]:
    return [point.text for point in review_points(found, comments, BOT, heard)]


@pytest.mark.parametrize(
    ("state", "body", "comments", "said"),
    [
        ("changes_requested", "Lower case.", (), ["Lower case."]),
        ("changes_requested", "", (line(),), ["Why?"]),
        ("changes_requested", "Two things.", (line(), line(8, "And this.")), ["Two things.", "Why?", "And this."]),
        ("commented", "Two things.", (line(),), ["Two things.", "Why?"]),
        ("commented", "Looks good so far.", (), []),
        ("changes_requested", "1. Sort.\n2) Strip\nit.", (), ["Sort.", "Strip\nit."]),
        (
            "changes_requested",
            "Nits:\n\n1. sort\n   - by name\n\n2. strip\n",
            (line(),),
            ["Nits:\n\nsort\n   - by name", "strip", "Why?"],
        ),
        ("changes_requested", "1. Sort.", (), ["1. Sort."]),
        ("changes_requested", "Take 2. or\n2. of them\n3. at most", (), ["Take 2. or\n2. of them\n3. at most"]),
        ("changes_requested", "1. Sort:\n```\n1. a\n```\n2. Strip.", (), ["1. Sort:\n```\n1. a\n```\n2. Strip."]),
        ("commented", "", (), []),
        ("approved", "LGTM", (), []),
        ("approved", "LGTM", (line(),), ["Why?"]),
        ("approved", "@gptdeploy strip it", (), ["strip it"]),
        ("commented", "Hey @gptdeploy, strip it.\nAnd sort.", (), ["strip it.\nAnd sort."]),
        ("commented", "/revise strip it\nand sort.", (), ["strip it\nand sort."]),
        ("changes_requested", "Sort.\n/deploy\nStrip it.", (), ["Sort.\nStrip it."]),
        ("changes_requested", "/retry with segno\nfrom PyPI", (), []),
        ("commented", "/stop", (line(body="/logs"),), []),
        ("commented", "", (line(body="/execute has to answer 422"),), ["/execute has to answer 422"]),
        ("commented", "@octo what do you think?", (), []),
        ("dismissed", "Lower case.", (line(),), []),
        ("commented", "", (line(review=6),), []),
    ],
)
def test_what_of_a_review_counts(state: str, body: str, comments: tuple[LineComment, ...], said: list[str]) -> None:
    assert texts(review(state, body), *comments) == said


def test_a_comment_on_lines_comes_with_its_place() -> None:
    body = "Shorter:\r\n```suggestion\r\nc\r\n```\r\n"
    (point,) = review_points(review(), [line(body=body, start_line=1, original_start_line=1)], BOT, heard)
    assert point.model_copy(update={"heard": ""}) == Point(
        id="line:7",
        author="rev",
        text="Shorter:",
        path="services/qr/executor.py",
        line=2,
        start_line=1,
        hunk=HUNK,
        suggestion="c\n",
    )
    assert line_comment_ids([point, Point(id="review:5", author="rev", text="x")]) == [7]


def test_an_outdated_comment_has_the_place_of_its_time() -> None:
    comment = line(line=None, original_line=9, original_start_line=8, outdated=True)
    (point,) = review_points(review(), [comment], BOT, heard)
    assert (point.line, point.start_line, point.outdated) == (9, 8, True)


def test_two_suggestions_are_words() -> None:
    body = "```suggestion\na\n```\nor\n```suggestion\nb\n```"
    (point,) = review_points(review(), [line(body=body)], BOT, heard)
    assert (point.text, point.suggestion) == (body, None)


@pytest.mark.parametrize(
    ("first", "body", "counts"),
    [
        (BOT, "Please do it nevertheless.", True),
        (BOT, "No, thanks for nothing: sort them.", True),
        (BOT, "Great, thanks!", False),
        (BOT, "👍", False),
        (BOT, "Thanks!\n```suggestion\nc\n```", True),
        ("octo", "I do not think so.", False),
        ("octo", "@gptdeploy sort them", True),
    ],
)
def test_an_answer_counts_where_it_is_one_to_the_bot(first: str, body: str, counts: bool) -> None:
    talk = (line(7, "Sort?", 4), line(8, "It is sorted.", 3, first, reply_to=7), line(9, body, reply_to=7))
    points = review_points(review(), talk, BOT, heard)
    assert bool(points) is counts
    assert all(point.before == f"@rev: Sort?\n@{first}: It is sorted." for point in points)


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        ("Sort them, please", ["Sort them, please"]),
        ("@gptdeploy sort them\n/deploy", ["sort them"]),
        ("1. sort them\n2. name it", ["sort them", "name it"]),
        ("Sort?", ["Sort?"]),
        ("/stop", []),
    ],
)
def test_what_is_edited_before_its_turn_counts_as_it_is_then(edited: str, said: list[str]) -> None:
    told = review("changes_requested", body="- sort it\n- strip it")
    points = review_points(told, (), BOT, heard)
    assert [point.text for point in points] == ["sort it", "strip it"]
    assert current_points(points, [told], (), "gptdeploy") == list(points)
    now = current_points(points, [told.model_copy(update={"body": edited})], (), "gptdeploy")
    assert [point.text for point in now] == said


def test_a_comment_on_lines_is_edited_before_its_turn() -> None:
    (point,) = review_points(review("commented", body=""), (line(7, "Sort?"),), BOT, heard)
    suggested = "Like this\n```suggestion\nreturn 1\n```"
    (now,) = current_points([point], [review()], [line(7, suggested)], "gptdeploy")
    assert (now.text, now.suggestion) == ("Like this", "return 1\n")
    assert current_points([now], [review()], [line(7, suggested)], "gptdeploy") == [now]
    assert current_points([point], [review()], [line(7, " ")], "gptdeploy") == []


def test_points_are_brought_up_to_date() -> None:
    before = (
        Point(id="comment:1", author="octo", text="by command"),
        Point(id="review:5", author="rev", text="whole"),
        Point(id="review:5.2", author="rev", text="an item"),
        Point(id="review:6", author="rev", text="dismissed"),
        Point(id="review:6.1", author="rev", text="dismissed"),
        Point(id="line:7", author="rev", text="moved", line=2),
        Point(id="line:8", author="rev", text="deleted", line=2),
        Point(id="line:9", author="rev", text="dismissed", line=2),
    )
    reviews = [review(), review("dismissed", id=6)]
    now = current_points(before, reviews, [line(7, "moved", line=4), line(9, "dismissed", 6)])
    places = [("comment:1", None), ("review:5", None), ("review:5.2", None), ("line:7", 4)]
    assert [(point.id, point.line) for point in now] == places
