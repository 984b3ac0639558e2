"""What a sample file is called, and what a name that nobody knows leads to."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.clients.llm import Refused
from bot.generate.samples import listed, placeholder, sample
from bot.generate.samples.catalogue import KINDS, kind_of
from bot.render import templates_dir

OFFICE = "application/vnd.openxmlformats-officedocument"
NAMED = (
    "png jpeg gif webp svg pdf docx xlsx pptx csv txt json xml html md ics vcf eml zip wav mp3 ogg mp4 obj stl ply glb"
)
"""The kinds that people name."""


@pytest.mark.parametrize("name", NAMED.split())
def test_there_is_a_sample_of_every_kind_that_people_name(name: str) -> None:
    assert sample(name) == sample(name) != b""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (f"{OFFICE}.wordprocessingml.document", "docx"),
        (f"{OFFICE}.spreadsheetml.sheet", "xlsx"),
        (f"{OFFICE}.presentationml.presentation", "pptx"),
        ("audio/mpeg", "mp3"),
        ("audio/mp3", "mp3"),
        ("audio/x-wav", "wav"),
        ("audio/*", "wav"),
        ("image/jpg", "jpeg"),
        ("image/*", "png"),
        ("video/*", "mp4"),
        ("jpg", "jpeg"),
        ("JPG", "jpeg"),
        (".docx", "docx"),
        ("Letter to Ada.docx", "docx"),
        ("Excel", "xlsx"),
        ("text/markdown", "md"),
        ("text/csv; charset=utf-8", "csv"),
        ("image/heic, image/webp", "webp"),
        ("model/gltf-binary", "glb"),
        ("model/gltf+json", "gltf"),
        ("application/ld+json", "json"),
        ("application/rss+xml", "xml"),
        ("text/x-python", "txt"),
        ("application/octet-stream", "txt"),
    ],
)
def test_a_kind_has_many_names(name: str, kind: str) -> None:
    assert sample(name) == sample(kind)
    assert kind_of(name) is kind_of(kind)


def test_a_name_means_one_kind() -> None:
    names = Counter(name for kind in KINDS for name in (kind.name, *kind.endings, *kind.media_types))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("docs", "docx"),
        ("image/heic", "png, jpeg, gif, webp, bmp"),
        ("audio/flac", "wav, mp3, ogg"),
        ("model/odd", "obj, stl, ply, glb, gltf"),
        ("application/vnd.odd.machine", ", ".join(kind.name for kind in KINDS)),
    ],
)
def test_an_unknown_kind_is_told_the_closest_ones(name: str, others: str) -> None:
    with pytest.raises(Refused) as refusal:
        sample(name)
    assert f"there is no sample file of {name}; " in str(refusal.value)
    assert f"one of {others}, or give base64" in str(refusal.value)


def test_a_file_that_holds_no_text_takes_none() -> None:
    with pytest.raises(Refused, match=r'a sample file of image/png holds no text; write {"\$file": "png"}'):
        sample("image/png", "Hello")


def test_what_is_listed_follows_from_the_schema_at_any_depth() -> None:
    file = {"type": "string", "contentEncoding": "base64"}
    inner = {"type": "object", "properties": {"memo": {**file, "contentMediaType": "application/pdf, image/webp"}}}
    schema = {
        "type": "object",
        "properties": {
            "picture": {**file, "contentMediaType": "image/png"},
            "memos": {"type": "array", "items": inner},
            "page": {"type": "string", "contentMediaType": "text/html"},
        },
    }
    assert listed(schema) == [
        '{"$file": "png"}: a house in a landscape under the sun, 640 x 480 pixels',
        '{"$file": "pdf"}: one page with two lines of text; or {"$file": "pdf", "text": "..."} for another text',
        '{"$file": "webp"}: a house in a landscape under the sun, 640 x 480 pixels',
    ]


def test_where_any_file_may_come_the_other_kinds_are_named() -> None:
    lines = listed({"contentEncoding": "base64", "contentMediaType": "application/octet-stream"})
    assert lines[0].startswith('{"$file": "txt"}: ')
    assert lines[1].startswith("other kinds: png, jpeg, ") and lines[1].count(",") == len(KINDS) - 2


def test_what_a_prompt_shows_is_taken() -> None:
    assert placeholder("audio/mpeg") == {"$file": "mp3"}
    assert placeholder("application/vnd.odd.machine") == {"$text": "..."}


def test_what_is_shipped_is_small() -> None:
    assert sum(path.stat().st_size for path in (templates_dir() / "samples").iterdir()) < 100_000
    assert max(len(sample(kind.name)) for kind in KINDS) < 50_000
