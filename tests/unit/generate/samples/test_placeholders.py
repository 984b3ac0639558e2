"""The example of a reply: its values have the types of the fields, and its files are made here."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from bot.clients.llm import ModelError
from bot.generate.draft import object_schema
from bot.values.service import Spec
from tests.fakes.fields import field
from tests.unit.generate.files.test_assemble import FILES, SPEC, implemented, reply


def with_field(kind: Any, media_type: str = "") -> Spec:
    drafted = field("text", kind, media_types=[media_type])
    return SPEC.model_copy(update={"input_schema": object_schema([drafted])})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 1.5),
        ("integer", True),
        ("number", "1"),
        ("boolean", 0),
        ("object", []),
        ("list of text", "x"),
        ("list of text", ["x", 1]),
        ("list of numbers", ["1"]),
        ("file", "no base64!"),
        ("file", ""),
    ],
)
def test_an_example_of_another_type_is_refused(kind: str, value: Any) -> None:
    wrong = reply({**FILES, "example.json": json.dumps({"text": value})})
    with pytest.raises(ModelError, match=r"`text(?:\[\d\])?` must be"):
        implemented(*[wrong] * 4, spec=with_field(kind))


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", 1), ("number", 1), ("boolean", False), ("list of text", ["x"]), ("object", {}), ("file", "eA==")],
)
def test_an_example_of_the_type_passes(kind: str, value: Any) -> None:
    spec = with_field(kind)
    service, _ = implemented(reply({**FILES, "example.json": json.dumps({"text": value})}), spec=spec)
    assert service.example == {"text": value}


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({"$text": "a,b"}, b"a,b"),
        ({"$file": "image/png"}, b"\x89PNG\r\n"),
        ({"$file": "image/jpeg"}, b"\xff\xd8\xff"),
        ({"$file": "image/bmp"}, b"BM"),
        ({"$file": "image/gif"}, b"GIF89a"),
        ({"$file": "application/pdf"}, b"%PDF-1.4"),
        ({"$file": "audio/wav"}, b"RIFF"),
        ({"$file": "application/zip"}, b"PK"),
        ({"$file": "text/x-anything"}, b"Hello"),
        ({"$file": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}, b"PK"),
        ({"$file": "audio/mpeg"}, b"ID3"),
        ({"$file": "csv", "text": "a,b"}, b"a,b"),
        ({"$file": "csv", "$text": "a,b"}, b"a,b"),
        ({"$file": "json", "text": {"a": [1]}}, b'{"a": [1]}'),
        ({"$text": ["\ud800"]}, b'["?"]'),
    ],
)
def test_files_in_an_example_are_made_here(given: dict[str, str], begins: bytes) -> None:
    spec = with_field("file", "image/png")
    service, fake = implemented(reply({**FILES, "example.json": json.dumps({"text": given})}), spec=spec)
    assert base64.b64decode(service.example["text"]).startswith(begins)
    assert '{"$text": "..."}' in fake.prompt()


def test_a_file_that_cannot_be_made_here_goes_back() -> None:
    odd = reply({**FILES, "example.json": '{"text": {"$file": "model/odd"}}'})
    with pytest.raises(ModelError, match=r"example\.json: there is no sample file of model/odd; take .* stl, ply, glb"):
        implemented(*[odd] * 4, spec=with_field("file", "model/odd"))


def test_what_else_stands_beside_a_kind_is_told() -> None:
    wide = reply({**FILES, "example.json": '{"text": {"$file": "png", "width": 9}}'})
    with pytest.raises(ModelError, match='beside "\\$file" only "text" may stand, not "width"'):
        implemented(*[wide] * 4, spec=with_field("file", "image/png"))


def test_the_prompt_lists_the_samples_of_the_request() -> None:
    _, fake = implemented(
        reply({**FILES, "example.json": '{"text": {"$file": "mp3"}}'}), spec=with_field("file", "audio/mpeg")
    )
    listed = [line for line in fake.prompt().splitlines() if line.startswith('  - {"$file": ')]
    assert listed == ['  - {"$file": "mp3"}: three notes, 2 seconds']


def test_a_file_of_which_there_is_no_sample_is_shown_as_text() -> None:
    files = {**FILES, "example.json": '{"text": {"$text": "..."}}'}
    _, fake = implemented(reply(files), spec=with_field("file", "model/odd"))
    assert '{"text": {"$text": "..."}}' in fake.prompt()
    assert "$file" not in fake.prompt()
