"""What the playground shows of an answer."""

from __future__ import annotations

import base64
from types import ModuleType
from typing import Any

import pytest

from tests.unit.playground.documents import document

PNG = base64.b64encode(b"\x89PNG rest").decode()


@pytest.mark.parametrize(
    ("value", "schema", "kind"),
    [
        (PNG, {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}, "image"),
        (PNG, {"type": "string", "contentEncoding": "base64"}, "image"),
        (f"data:image/png;base64,{PNG}", {"type": "string"}, "image"),
        ("!!", {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}, "value"),
        ("aGk=", {"type": "string", "contentEncoding": "base64", "contentMediaType": "audio/wav"}, "audio"),
        ("aGk=", {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/pdf"}, "download"),
        ("PGI+", {"type": "string", "contentEncoding": "base64", "contentMediaType": "text/html"}, "html"),
        ("<b>", {"type": "string", "contentMediaType": "text/html"}, "html"),
        ("<svg/>", {"type": "string", "contentMediaType": "image/svg+xml"}, "image"),
        ("short", {"type": "string"}, "value"),
        ("two\nlines", {"type": "string"}, "text"),
        ([{"a": 1}], {}, "table"),
        ([{"a": []}], {}, "json"),
        ([], {}, "json"),
        (True, {}, "value"),
        (None, {}, "nothing"),
    ],
)
def test_an_answer_is_shown_by_its_media_type(
    answer: ModuleType, value: Any, schema: dict[str, Any], kind: str
) -> None:
    [part] = answer.read_answer({"x": value}, answer.answer_schema(document({"x": schema})))
    assert part.kind == kind


def test_media_come_first_and_files_get_their_suffix(answer: ModuleType) -> None:
    schema = {"image": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}}
    parts = answer.read_answer({"note": "n", "image": PNG}, answer.answer_schema(document(schema)))
    assert [part.name for part in parts] == ["image", "note"]
    assert parts[0].file_name == "image.png"


def test_numbers_of_an_answer_are_shown_exactly(answer: ModuleType) -> None:
    schema = answer.answer_schema(document({"x": {}}))
    [part] = answer.read_answer({"x": [{"id": 9007199254740993, "rate": 0.00012, "n": 1, "ok": True}]}, schema)
    assert part.value == [{"id": "9007199254740993", "rate": "0.00012", "n": 1, "ok": True}]
    [part] = answer.read_answer({"x": {"id": [9007199254740993], "rate": 0.00012}}, schema)
    assert part.value == {"id": ["9007199254740993"], "rate": 0.00012}


def test_the_curl_command_survives_quotes_and_big_bodies(answer: ModuleType) -> None:
    assert """'{"text": "it'\\''s"}'""" in answer.curl("http://a.localhost/execute", {"text": "it's"})
    assert "@request.json" in answer.curl("http://a.localhost/execute", {"text": "x" * 5000})


@pytest.mark.parametrize(
    ("status", "body", "sentences"),
    [
        (
            422,
            {"detail": [{"loc": ["body", "rows", 0, "name"], "msg": "Field required"}]},
            ["Rows › 0 › name: Field required"],
        ),
        (422, {"detail": "Not a PDF."}, ["Not a PDF."]),
        (
            500,
            {"detail": "It failed.", "request_id": "ab"},
            ["It failed.", "The log has the cause under request id ab."],
        ),
        (502, None, ["The service is not reachable right now. It may be restarting: try again in a moment."]),
        (413, None, ["That is more than the platform accepts in one request."]),
        (418, "?", ["The service answered with status 418."]),
    ],
)
def test_a_failed_request_is_explained(answer: ModuleType, status: int, body: Any, sentences: list[str]) -> None:
    assert answer.explain(status, body) == sentences
