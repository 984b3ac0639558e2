"""The data in a scenario's words: only what really stands there, because the person's tests are locked."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generate.draft import TestDraft as ReadTest
from bot.generate.draft import ValueDraft, read_scenario, read_values

TEXT = {"type": "string"}
INPUTS: dict[str, Any] = {
    "text": TEXT,
    "count": {"type": "integer"},
    "ratio": {"type": "number"},
    "rows": {"type": "array", "items": {"type": "number"}},
    "box": {"type": "object"},
    "file": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
}
OUTPUTS: dict[str, Any] = {"result": TEXT, "words": {"type": "integer"}}


def values(**drafts: str) -> list[ValueDraft]:
    return [ValueDraft(field=name, value=value) for name, value in drafts.items()]


def read(status: str = "", **given: str) -> ReadTest:
    """Return what a model read in a scenario."""
    return ReadTest(text="", given=values(**given), expected=[], status=status)


@pytest.mark.parametrize(
    ("text", "given", "expected", "read"),
    [
        ("hello gives HELLO", {"text": "hello"}, {"result": "HELLO"}, ({"text": "hello"}, {"result": "HELLO"})),
        ('"a b c" has 3 words', {"text": "a b c"}, {"words": "3"}, ({"text": "a b c"}, {"words": 3})),
        ("3 and 0.5 give 'yes'", {"count": "3", "ratio": "0.5"}, {}, ({"count": 3, "ratio": 0.5}, None)),
        ("the rows 1, 2 and 2 give ok", {"rows": "[1, 2, 2]"}, {}, ({"rows": [1, 2, 2]}, None)),
        ("Text gives TEXT", {"Text": "Text"}, {}, ({"text": "Text"}, None)),
        ('`{"a": "b c"}` in code marks', {"text": "b c"}, {}, ({"text": "b c"}, None)),
        ("an empty list of rows gives nothing", {"rows": "[]"}, {}, ({"rows": []}, None)),
        ("Mit leeren Zeilen", {"rows": "[]"}, {}, ({"rows": []}, None)),
        ("rows `[]` and 'x'", {"rows": "[]", "text": "x"}, {}, ({"rows": [], "text": "x"}, None)),
    ],
)
def test_what_stands_in_the_words_is_taken(
    text: str, given: dict[str, str], expected: dict[str, str], read: tuple[Any, Any]
) -> None:
    assert read_values(text, values(**given), values(**expected), INPUTS, OUTPUTS) == read


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        pytest.param("a greeting in capitals", {"text": "hello"}, {"result": "HELLO"}, id="invented"),
        pytest.param("hello gives HELLO", {}, {"result": "gives HELLO"}, id="a piece of the sentence"),
        pytest.param("'hello' gives 'HELLO'", {}, {"result": "HELL"}, id="not what is quoted"),
        pytest.param("12 words", {"count": "1"}, {}, id="a part of a number"),
        pytest.param("1.25 is too much", {"count": "1"}, {}, id="a part of a decimal"),
        pytest.param("4 rows", {"rows": "[4, 4]"}, {}, id="used more often than it stands there"),
        pytest.param("count 3", {"count": '"3"'}, {}, id="of another type"),
        pytest.param("aGk= is a picture", {"file": "aGk="}, {}, id="a file"),
        pytest.param("depth 3", {"depth": "3"}, {}, id="no such field"),
        pytest.param("a  b", {"text": " "}, {}, id="blank"),
        pytest.param("a table gives ok", {"rows": "[]"}, {}, id="an empty list"),
        pytest.param("a box gives ok", {"box": '{"sizes": {}}'}, {}, id="an empty object"),
    ],
)
def test_what_does_not_is_dropped(text: str, given: dict[str, str], expected: dict[str, str]) -> None:
    assert read_values(text, values(**given), values(**expected), INPUTS, OUTPUTS) == (None, None)


def test_one_occurrence_is_not_input_and_output_at_once() -> None:
    read = read_values("hello gives HELLO", values(text="hello"), values(result="hello"), INPUTS, OUTPUTS)
    assert read == ({"text": "hello"}, None)


def test_a_status_in_a_table_is_no_result_of_a_service_that_answers_more() -> None:
    text = 'request: `{"text": "IIII"}`, answer: 422'
    data = read_scenario(text, read(text="IIII"), INPUTS, OUTPUTS)
    assert (data["request"], data["status"]) == ({"text": "IIII"}, 422)
    assert read_scenario(text, read(text="IIII"), INPUTS, {"words": {"type": "integer"}})["status"] is None


@pytest.mark.parametrize(
    ("text", "claimed", "status"),
    [
        ("Za długi tekst zostaje odrzucony", "4xx", "4xx"),
        ("Za długi tekst zostaje odrzucony z kodem 413", "413", 413),
        ("Za długi tekst zostaje odrzucony", "413", "4xx"),
        ("Za długi tekst zostaje odrzucony", "500", None),
        ("Krótki tekst jest dobry", "200", None),
        ("Tekst powstaje (201)", "201", 201),
        ("A long text is refused with 413", "422", 413),
    ],
)
def test_a_status_that_a_model_reads_counts_where_code_reads_none(text: str, claimed: str, status: Any) -> None:
    assert read_scenario(text, read(claimed), INPUTS, OUTPUTS)["status"] == status


@pytest.mark.parametrize(
    ("count", "status"), [("integer", None), (["integer", "null"], None), (["string", "null"], 422)]
)
def test_a_number_may_be_a_result_of_a_service_that_answers_a_number_or_null(count: Any, status: int | None) -> None:
    data = read_scenario('`{"text": "IIII"}` gives 422', read(), INPUTS, {"count": {"type": count}})
    assert (data["request"], data["status"]) == ({"text": "IIII"}, status)


BOX = {"type": "object", "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ('A picture with the box `{"width": 200}` is 200 wide', None),
        ('box = {"width": 200}', None),
        ('A picture and {"height": 200}: it is 200 high', None),
        ('the note {"any": "thing"} stays', None),
        ('Alors note vaut {"any": "thing"}', None),
        ('Et les notes sont {"any": "thing"}', None),
        ('{"box": {"width": 200}}', {"box": {"width": 200}}),
        ('Send {"width": 200, "depth": 3}, it is refused', {"width": 200, "depth": 3}),
        ('note and {"text": "x"}', {"text": "x"}),
        ("Send {}", {}),
        ("`{}`", {}),
        # Names of nothing that is sent or answered.
        ('Les soldes sont `{"Alice": 10, "Bob": -10}`', None),
        ('Les lignes sont bonnes, soldes : `{"Alice": 10}`', None),
        ('Send {"colour": "red"}, it is refused', {"colour": "red"}),
        ('{"colour": "red"} is refused', {"colour": "red"}),
    ],
)
def test_an_object_that_is_the_value_of_a_field_is_no_request(text: str, request_: dict[str, Any] | None) -> None:
    inputs = {"box": BOX, "note": {}, "text": TEXT}
    assert read_scenario(text, read(), inputs, {"width": {"type": "integer"}})["request"] == request_


@pytest.mark.parametrize(
    ("text", "given", "request_", "named"),
    [
        ('`a b` and {"count": 2} → x', {"text": "a b"}, None, {"text": "a b", "count": 2}),
        ('"a b" with {"ratio": 2, "count": 1} gives x', {"text": "a b"}, None, {"text": "a b", "ratio": 2, "count": 1}),
        ('{"count": 2} gives "a b"', {"text": "a b"}, {"count": 2}, {"count": 2}),
        ('The field `text` and {"count": 2} give x', {"text": "text"}, {"count": 2}, {"count": 2}),
        ('A red one and {"count": 2} give x', {"text": "A red one"}, {"count": 2}, {"count": 2}),
        ('Not "a" but {"text": "b"} is sent', {"text": "a"}, {"text": "b"}, {"text": "b"}),
    ],
)
def test_an_object_beside_a_quoted_text_is_a_part_of_the_request(
    text: str, given: dict[str, str], request_: Any, named: Any
) -> None:
    data = read_scenario(text, read(**given), INPUTS, OUTPUTS)
    assert (data["request"], data["given"]) == (request_, named)
