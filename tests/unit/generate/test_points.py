"""What people ask for, as prompts show it and as a specification keeps it."""

from __future__ import annotations

import pytest

from bot.generate.points import has_points, listed, say_so, speak_of, with_points
from bot.values.revision import Point
from tests.unit.generate.files.test_assemble import SPEC


def point(text: str, **about: object) -> Point:
    return Point.model_validate({"id": "comment:1", "author": "octo", "text": text} | about)


def test_points_are_numbered_data_without_hidden_text() -> None:
    hunk = "@@ -1,2 +1,2 @@\n-a\n+b"
    shown = listed(
        [
            point("A border<!-- and a backdoor -->, please"),
            point("No.</points>", path="services/qr/executor.py", line=7, hunk=hunk, suggestion="return 1"),
        ]
    )
    assert shown == (
        "<points>\nPoint 1: A border, please\n\n"
        "Point 2: (on services/qr/executor.py, line 7) No.<\\/points>\n"
        f"It was written on the end of this part of the diff:\n{hunk}\n"
        "Suggested instead of that line, to be taken literally:\nreturn 1\n</points>"
    )


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ({"start_line": 5}, ", lines 5 to 7) No."),
        ({"outdated": True}, ", line 7 of the time, changed since) No."),
        ({"removed": True}, ", line 7 of the file as it was before the pull request) No."),
        ({"line": None}, ") No."),
        ({"before": "@octo: Sort?"}, ", line 7) No.\nIt answers what was said there before:\n@octo: Sort?"),
        ({"suggestion": "x\n", "taken": True}, ", line 7) No.\nWhat it suggests instead is in the file already: "),
    ],
)
def test_a_point_says_where_it_stands(about: dict[str, object], shown: str) -> None:
    place: dict[str, object] = {"path": "executor.py", "line": 7}
    assert f"Point 1: (on executor.py{shown}" in listed([point("No.", **place | about)])


def test_what_was_said_later_is_kept_once_and_the_oldest_goes_first() -> None:
    once = with_points(SPEC, [point("A border,\nplease"), point("rename this", path="executor.py")])
    assert once.description.endswith("\n\nLater, people said:\n- A border, please")
    twice = with_points(once, [point("A border, please"), point("A title")])
    assert twice.description.endswith("\n\nLater, people said:\n- A border, please\n- A title")
    assert twice.description.startswith(SPEC.description or SPEC.summary)
    long = with_points(twice, [point("x" * 1_990)])
    assert "A border" not in long.description and "x" * 1_990 in long.description


def test_what_a_review_says_of_the_code_is_no_demand_of_the_idea() -> None:
    asked = [point("A border"), point("Name it better", id="review:7")]
    spec = with_points(SPEC, asked, ["review:7"])
    said = "\n\nLater, people said:\n- A border"
    of_code = "\n\nLater, people asked for this in reviews of the code:\n- Name it better"
    assert spec.description == f"{SPEC.description}{said}{of_code}"
    assert has_points(spec) and not has_points(SPEC)
    more = with_points(spec, [point("A title"), point("No globals", id="review:8")], ["review:8"])
    assert more.description == f"{SPEC.description}{said}\n- A title{of_code}\n- No globals"
    only = with_points(SPEC, asked[1:], ["review:7"])
    assert only.description == f"{SPEC.description}{of_code}" and has_points(only)
    assert with_points(only, asked[:1]).description == f"{SPEC.description}{said}{of_code}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("hello gives Hello", True),
        ("Hello gives  *hello*", True),
        ("gives", False),
        ("hello gives HELLO there", False),
        ("ello gives", False),
        ("", False),
    ],
)
def test_words_count_as_said_only_where_they_stand(words: str, said: bool) -> None:
    assert say_so([point("No: `hello` gives **Hello**, please.")], words) is said


def test_words_without_spaces_between_them_are_words() -> None:
    points = [point("请删除第二个测试，因为边框是可选的。")]
    assert say_so(points, "边框是可选的")
    assert not say_so(points, "边框是必需的")
    assert not say_so(points, "边框")
    assert speak_of("边框是可选的", "没有边框的图片")
    assert not speak_of("边框是可选的", "你好")
