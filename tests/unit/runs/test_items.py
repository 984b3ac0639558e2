"""Each item of a list in a review is a point; a list that is an example, or data, is not taken apart."""

from __future__ import annotations

import pytest

from bot.runs.items import items


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1. strip spaces\n2) be quick", ["strip spaces", "be quick"]),
        ("- strip spaces\n- be quick", ["strip spaces", "be quick"]),
        (
            "Two things:\n\n* [ ] strip spaces\n\n* [x] be quick\n  please\n",
            ["Two things:\n\nstrip spaces", "be quick\n  please"],
        ),
        (
            "- strip spaces:\n  - the first ones\n  - the last ones\n- be quick",
            ["strip spaces:\n  - the first ones\n  - the last ones", "be quick"],
        ),
        (
            "- strip them:\n  1. the first\n  2. the last\n- be quick",
            ["strip them:\n  1. the first\n  2. the last", "be quick"],
        ),
        (
            "1. strip them:\n   - the first\n   - the last\n2. be quick",
            ["strip them:\n   - the first\n   - the last", "be quick"],
        ),
        ("- `a b` must give `A-B`\n- `width` is optional", ["`a b` must give `A-B`", "`width` is optional"]),
        (
            "Bugs:\n- strip spaces\n- be quick\n\nNits:\n- name it better\n- add a comment",
            ["Bugs:\n\nstrip spaces", "be quick", "Nits:\n\nname it better", "add a comment"],
        ),
    ],
)
def test_each_item_is_one(text: str, said: list[str]) -> None:
    assert items(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "strip spaces",
        "- strip spaces",
        "strip spaces - and - be quick",
        "Sort them:\n- red\n- green",
        "It has to answer\n- width: 10\n- height: 20",
        "It has to answer\n- `a b`\n- `c d`",
        'Take\n- {"text": "a b c"}\n- {"text": "d e f"}',
        "For example:\n- one red apple\n- two green pears",
        "Sortiere sie, z. B.:\n- ein roter Apfel\n- zwei Birnen",
        "It answers\n```\n- one red apple\n- two green pears\n```",
        "~~~\n1. one red apple\n2. two green pears\n~~~",
        "In 2024 it was\n3. good enough\n5. bad enough",
    ],
)
def test_what_is_no_list_of_wishes_stays_whole(text: str) -> None:
    assert items(text) == [text]
