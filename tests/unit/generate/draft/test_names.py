"""Names of tests."""

from __future__ import annotations

import pytest

from bot.generate.draft import scenario_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            '`{"contact": {"name": "Ada", "email": "ada@example.com"}, "changes": {}}` is refused',
            "contact_name_ada_is_refused",
        ),
        (
            'Request:\n```json\n{"rows": [[1, 2], [3, 4]], "width": 400}\n```\nAnswer:\n```\n{"sum": 10}\n```',
            "request_json_rows_1_answer_sum_10",
        ),
        ("The rows [[1, 2], [3, 4]] give 10", "the_rows_1_2_3_give_10"),
        ("The `max_words` are 10", "the_max_words_are_10"),
        ("A `code mark that is open", "a_code_mark_that_is_open"),
        ("{" * 5_000, "scenario"),
    ],
)
def test_a_test_is_named_by_its_words_and_the_beginning_of_its_data(text: str, name: str) -> None:
    assert scenario_name(text, ()) == name
