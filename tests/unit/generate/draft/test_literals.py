"""What people write as data is read as data, by code: requests, answers and statuses in their sentences."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.generate.draft.literals import read_literals

HELLO: dict[str, Any] = {"text": "hello"}
UPPER: dict[str, Any] = {"result": "HELLO"}


@pytest.mark.parametrize(
    ("text", "request_", "answer"),
    [
        ('Send {"text": "Grüße", "margin": 2}', {"text": "Grüße", "margin": 2}, None),
        # What stands in a list is a value of a field.
        ('`{"text": "hello"}` gives `words`: `[{"word": "hello", "count": 1}]`', HELLO, None),
        ('{"text": "hello"} and the rows are [{\'a\': 1}, {a: 2},]', HELLO, None),
        ('Send {"text": "hello"} [as ever], get {"result": "HELLO"}', HELLO, UPPER),
        ('Send `{"text": "hello"}` and get `{"result": "HELLO"}`', HELLO, UPPER),
        ('{"text": "hello"} gives {"result": "HELLO"}', HELLO, UPPER),
        ('{"text": "hello"} -> {"result": "HELLO"}', HELLO, UPPER),
        ('`{"text": "hello"}` → `{"result": "HELLO"}`.', HELLO, UPPER),
        ('{"text": "hello"} should be {"result": "HELLO"}', HELLO, UPPER),
        ('The answer to {"text": "hello"} is {"result": "HELLO"}', HELLO, UPPER),
        ('The result of {"text": "hello"} is {"result": "HELLO"}', HELLO, UPPER),
        ('The service answers with {"result": "HELLO"} for {"text": "hello"}', HELLO, UPPER),
        ('It responds to {"text": "hello"} with {"result": "HELLO"}', HELLO, UPPER),
        ('The text "hello" returns {"result": "HELLO"}', None, UPPER),
        ('input: `{"text": "hello"}`, output: `{"result": "HELLO"}`', HELLO, UPPER),
        ('A POST of {"text": "hello"} is answered with {"result": "HELLO"}', HELLO, UPPER),
        ('Sende {"text": "hello"}, das ergibt {"result": "HELLO"}', HELLO, UPPER),
        ('Mit {"text": "hello"} kommt als Antwort {"result": "HELLO"}', HELLO, UPPER),
        ('Given {"text": "hello"} When it is posted Then the response is {"result": "HELLO"}', HELLO, UPPER),
        (
            'Send\n```json\n{\n  "text": "hello"\n}\n```\nand it returns\n```json\n{"result": "HELLO"}\n```',
            HELLO,
            UPPER,
        ),
        (
            'Send {"a": {"b": [1, {"c": null}]}, "d": [[1.5], []]}',
            {"a": {"b": [1, {"c": None}]}, "d": [[1.5], []]},
            None,
        ),
        ("Send {'text': 'hello', 'deep': True}", {"text": "hello", "deep": True}, None),
        ("Send {“text”: “hello”} and get {„result“: „HELLO“}", HELLO, UPPER),
        ('Send {text: "hello"}', HELLO, None),
        ('Send {"text": "a: b, c: d", margin: 2,}', {"text": "a: b, c: d", "margin": 2}, None),
        ('Send {"text": "the result is } or {"} please', {"text": "the result is } or {"}, None),
        ('Send {"text": "say \\"hi\\" \\u00e4"}', {"text": 'say "hi" ä'}, None),
        ('Send {"text": "he said “hi”"}', {"text": "he said “hi”"}, None),
        ("Send {} to it", {}, None),
        ('Send {"class": "x", "max-words": 1, "maxWords": 2}', {"class": "x", "max-words": 1, "maxWords": 2}, None),
        ('Send {"n": 12345678901234567890123}', {"n": 12345678901234567890123}, None),
        ('Replace {name} in "Hi {name}"', None, None),
        ("A set such as {1, 2} is counted", None, None),
        ('Send {"text": }', None, None),
        ('Send {"n": NaN}', None, None),
        ('Send {"text": "\\ud800"}', None, None),
        ("hello gives HELLO", None, None),
        # Two of a kind are more than one test can say.
        ('Send {"a": 1} and {"a": 2}', None, None),
        ('{"a": 1} gives {"b": 1}; {"a": 2} gives {"b": 2}', None, None),
    ],
)
def test_data(text: str, request_: Any, answer: Any) -> None:
    literals = read_literals(text)
    assert (literals.request, literals.answer) == (request_, answer)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"text": ""} gives a 4xx status', "4xx"),
        ('{"text": ""} is refused', "4xx"),
        ('{"text": ""} → 422', 422),
        ('{"text": ""} gives `422`', 422),
        ('```python\nassert status({"text": ""}) == 422\n```', 422),
        ("An empty text is rejected", "4xx"),
        ("An empty text fails with 400", 400),
        ("An empty text must be refused with a 422 error", 422),
        ("An empty text answers with HTTP status 422.", 422),
        ("An empty text returns 400 Bad Request", 400),
        ("A missing file returns 404", 404),
        ("The service refuses a negative margin", "4xx"),
        ("A margin of 100 gives an error", "4xx"),
        ("A margin of 100 fails", "4xx"),
        ("A margin of 100 leads to a validation error.", "4xx"),
        ("Ein leerer Text wird mit einem Fehler abgelehnt", "4xx"),
        ("Ein leerer Text ergibt 422", 422),
        ("Alors la requête est refusée", "4xx"),
        ("Un texto vacío es rechazado", "4xx"),
        ("A margin of 100 → error", "4xx"),
        ("Ein Rand von 100 => Fehler", "4xx"),
        ("Status code: 200", 200),
        ('{"text": "x"} returns status 200', 200),
        ("Requests without a text get a 4xx", "4xx"),
        # What is no status.
        ("20 times 21 gives 420", None),
        ("CD gives 400", None),
        ("There are 422 words", None),
        ("An empty text is not refused", None),
        ("It works without an error", None),
        ("La requête n'est pas refusée", None),
        ("Il testo non è rifiutato", None),
        ("An empty text must not be rejected", None),
        ('"The offer is rejected" is negative', None),
        ("`error 404` is found in the log", None),
        ('{"text": "status 404"} gives it back', None),
        ("hello gives HELLO", None),
    ],
)
def test_status(text: str, status: Any) -> None:
    assert read_literals(text).status == status


def test_a_number_may_be_a_result() -> None:
    assert read_literals('{"a": 210, "b": 212} gives 422', numeric=True).status is None
    assert read_literals('{"a": 210, "b": 212} gives 422').status == 422
    assert read_literals('{"a": "x"} is refused with 422', numeric=True).status == 422


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('request: `{"numeral": "IIII"}`, answer: 422', 422),
        ('`{"from": "2024-05-07", "to": "2024-05-01"}` → 422.', 422),
        ('{"text": "a b"} gives 422 words', None),
        ('{"a": 210, "b": 212} → 333', None),
        ('rows ["aa", "a"] → 422', 422),
        ("two files with one path => 409", 409),
        ("one file twice -> 409 Conflict", 409),
        ("Entonces el estado es 409", 409),
        ("le statut est 422", 422),
        ("20 times 20 → 400", None),
        ("five words → 404 words", None),
    ],
)
def test_a_number_alone_is_no_answer_of_several_fields(text: str, status: int | None) -> None:
    assert read_literals(text, numeric=True, alone=False).status == status


def test_a_service_may_answer_that_something_is_rejected() -> None:
    assert read_literals('{"amount": 9} is rejected, {"decision": "rejected"}').status is None
    assert read_literals('{"amount": 9} is refused: {"detail": "too small"}').status == "4xx"


@pytest.mark.parametrize("text", ["{" * 1000 + "}" * 1000, "{'a':" * 400, "{a: " * 500 + "}" * 500, "{}" * 1000])
def test_hard_texts_are_read_in_time(text: str) -> None:
    began = time.monotonic()
    read_literals(text)
    assert time.monotonic() - began < 5
