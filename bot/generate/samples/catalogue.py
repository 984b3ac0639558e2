"""What sample files there are: their kinds, the media types by which they are known, what is in them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.generate.samples import office, picture, solid, sound, text_files
from bot.generate.samples.pdf import pdf
from bot.generate.samples.text_files import GREETING, TABLE
from bot.render import templates_dir


@dataclass(frozen=True)
class Kind:
    """A kind of sample file.

    Attributes:
        name: as files of the kind end, e.g. "docx".
        media_types: the usual one first.
        holds: what is in it, in a few words for a prompt.
        make: makes the file from a text; a kind that holds no text ignores it.
        text: the text where nobody asks for another; None where the file holds no text.
        endings: other ends of file names, and what people call the kind.
    """

    name: str
    media_types: tuple[str, ...]
    holds: str
    make: Callable[[str], bytes]
    text: str | None = None
    endings: tuple[str, ...] = ()


def kind_of(name: str) -> Kind | None:
    """Return the kind that a media type, the end of a file's name or a file's name means; None for an unknown one.

    Of several media types, separated by commas, the first that is known counts.
    """
    for part in name.lower().split(","):
        media = part.split(";")[0].strip()
        structure = media.rpartition("+")[2]
        if kind := _BY_NAME.get(media):
            return kind
        if "/" not in media:
            ending = media.rpartition(".")[2]
            if ending in _BY_NAME:
                return _BY_NAME[ending]
        elif structure in ("json", "xml", "yaml"):
            return _BY_NAME[structure]
        elif media.startswith("text/"):
            return _BY_NAME["txt"]
    return None


def closest(name: str) -> list[str]:
    """Return the names of up to 5 kinds that are most like an unknown name or media type, else of all kinds."""
    family, _, ending = name.lower().rpartition("/")
    family = family.partition("/")[0]
    alike = difflib.get_close_matches(ending, _BY_NAME, 3, 0.7) + difflib.get_close_matches(name, _BY_NAME, 3, 0.8)
    names = [_BY_NAME[found].name for found in alike]
    if family not in ("application", ""):
        names += [kind.name for kind in KINDS if kind.media_types[0].startswith(f"{family}/")]
    return list(dict.fromkeys(names))[:5] or [kind.name for kind in KINDS]


def described(media_types: Iterable[str], *, for_tests: bool = False) -> list[str]:
    """Return a line for each kind of sample file that media types mean: how to ask for it, and what is in it.

    Args:
        for_tests: as tests ask, `sample("docx", text="...")`, and not as an example does.
    """
    form, with_text = _IN_TESTS if for_tests else _IN_EXAMPLE
    wanted = [part.strip() for name in media_types for part in name.split(",")]
    kinds = {kind.name: kind for name in wanted if (kind := kind_of(name))}
    lines = [
        f"{form % kind.name}: {kind.holds}"
        + (f"; or {with_text % kind.name} for another text" if kind.text is not None else "")
        for kind in kinds.values()
    ]
    if _ANY.intersection(wanted):
        lines.append(f"other kinds: {', '.join(kind.name for kind in KINDS if kind.name not in kinds)}")
    return lines


def _fixed(make: Callable[[], bytes]) -> Callable[[str], bytes]:
    return lambda _text: make()


def _shipped(name: str) -> Callable[[str], bytes]:
    """Return what reads a file of templates/samples; tests/shipped_samples.py makes these."""
    return lambda _text: (templates_dir() / "samples" / name).read_bytes()


def _document(name: str) -> str:
    return f"application/vnd.openxmlformats-officedocument.{name}"


_IN_EXAMPLE = '{"$file": "%s"}', '{"$file": "%s", "text": "..."}'
_IN_TESTS = '`sample("%s")`', '`sample("%s", text="...")`'
_ANY = {"application/octet-stream", "application/*", "*/*"}
_SCENE = "a house in a landscape under the sun"
_NOTES = "three notes"
_CUBE = "a closed cube with edges of 1: 8 corners, 12 triangles"
_MARKDOWN = "# A sample\n\nHello, **world**! A list:\n\n- one\n- two\n\n[A link](https://example.com/)\n"
_PAGE = (
    '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>A sample</title></head>\n<body>\n'
    "<h1>A sample</h1>\n<p>Hello, <b>world</b>!</p>\n<ul><li>one</li><li>two</li></ul>\n"
    '<a href="https://example.com/">A link</a>\n</body>\n</html>\n'
)
_JSON = '{"name": "Ada", "age": 36, "tags": ["a", "b"], "address": {"city": "London"}}\n'
_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<people>\n  <person id="1"><name>Ada</name><city>London</city></person>\n'
    '  <person id="2"><name>Kurt</name><city>Köln</city></person>\n</people>\n'
)
_YAML = "name: Ada\nage: 36\ntags:\n  - a\n  - b\naddress:\n  city: London\n"
_ROWS = "a table of name, city, amount with three rows"

KINDS = (
    Kind("png", ("image/png", "image/x-png", "image/*"), f"{_SCENE}, 640 x 480 pixels", _fixed(picture.png)),
    Kind(
        "jpeg",
        ("image/jpeg", "image/jpg", "image/pjpeg"),
        f"{_SCENE}, 640 x 480 pixels",
        _shipped("scene.jpeg"),
        endings=("jpg",),
    ),
    Kind("gif", ("image/gif",), f"{_SCENE}, 320 x 240 pixels, 3 frames", _fixed(picture.gif)),
    Kind("webp", ("image/webp",), f"{_SCENE}, 640 x 480 pixels", _shipped("scene.webp")),
    Kind("bmp", ("image/bmp", "image/x-ms-bmp", "image/x-bmp"), f"{_SCENE}, 160 x 120 pixels", _fixed(picture.bmp)),
    Kind("svg", ("image/svg+xml", "image/svg"), f"{_SCENE}, the text as title", picture.svg, "A house in the sun"),
    Kind("pdf", ("application/pdf", "application/x-pdf"), "one page with two lines of text", pdf, GREETING),
    Kind(
        "docx",
        (_document("wordprocessingml.document"), "application/msword", "application/docx"),
        "two paragraphs",
        office.docx,
        GREETING,
        ("doc", "word"),
    ),
    Kind(
        "xlsx",
        (_document("spreadsheetml.sheet"), "application/vnd.ms-excel", "application/xlsx"),
        f"{_ROWS}; a text is CSV",
        office.xlsx,
        TABLE,
        ("xls", "excel"),
    ),
    Kind(
        "pptx",
        (_document("presentationml.presentation"), "application/vnd.ms-powerpoint", "application/pptx"),
        "a slide with a title and a line",
        office.pptx,
        GREETING,
        ("ppt", "powerpoint"),
    ),
    Kind("csv", ("text/csv", "application/csv", "text/x-csv"), _ROWS, str.encode, TABLE),
    Kind("tsv", ("text/tab-separated-values", "text/tsv"), _ROWS, str.encode, TABLE.replace(",", "\t")),
    Kind(
        "txt",
        ("text/plain", "text/*", "application/octet-stream", "*/*", "application/*"),
        "two lines",
        str.encode,
        GREETING + "\n",
        ("text", "log"),
    ),
    Kind("json", ("application/json", "text/json"), "an object with a list and an object", text_files.as_json, _JSON),
    Kind("xml", ("application/xml", "text/xml"), "a list of two people", text_files.as_xml, _XML),
    Kind("html", ("text/html", "application/xhtml+xml"), "a small page", text_files.as_html, _PAGE, ("htm", "xhtml")),
    Kind("md", ("text/markdown", "text/x-markdown"), "a small page", str.encode, _MARKDOWN, ("markdown",)),
    Kind(
        "yaml",
        ("application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml"),
        "an object with a list and an object",
        str.encode,
        _YAML,
        ("yml",),
    ),
    Kind("ics", ("text/calendar",), "an event of one hour, the text as summary", text_files.as_ics, "A sample meeting"),
    Kind(
        "vcf",
        ("text/vcard", "text/x-vcard", "text/directory"),
        "the card of Ada Lovelace, the text as note",
        text_files.as_vcf,
        "A sample note",
        ("vcard",),
    ),
    Kind("eml", ("message/rfc822",), "a message from Ada to Grace", text_files.as_eml, GREETING + "\n"),
    Kind(
        "zip",
        ("application/zip", "application/x-zip-compressed", "application/x-zip"),
        "hello.txt, which holds the text, and data/table.csv",
        text_files.as_zip,
        GREETING + "\n",
    ),
    Kind(
        "wav",
        ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/*"),
        f"{_NOTES}, 1 second, 16 kHz, mono, 16 bits",
        _fixed(sound.wav),
        endings=("wave",),
    ),
    Kind(
        "mp3", ("audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3"), f"{_NOTES}, 2 seconds", _shipped("notes.mp3")
    ),
    Kind(
        "ogg", ("audio/ogg", "application/ogg", "audio/vorbis"), f"{_NOTES}, 2 seconds, Vorbis", _shipped("notes.ogg")
    ),
    Kind(
        "mp4",
        ("video/mp4", "video/*", "application/mp4", "video/x-m4v"),
        f"{_SCENE}, which moves, with three notes; 2 seconds, 320 x 240 pixels, H.264 and AAC",
        _shipped("scene.mp4"),
    ),
    Kind("obj", ("model/obj", "text/x-obj", "model/*"), _CUBE, _fixed(solid.obj)),
    Kind("stl", ("model/stl", "application/sla", "model/x.stl-binary"), _CUBE, _fixed(solid.stl)),
    Kind("ply", ("model/ply", "application/x-ply", "text/x-ply"), _CUBE, _fixed(solid.ply)),
    Kind("glb", ("model/gltf-binary",), _CUBE, _fixed(solid.glb)),
    Kind("gltf", ("model/gltf+json", "model/gltf"), _CUBE, _fixed(solid.gltf)),
)
"""All kinds of sample files."""
_BY_NAME = {name: kind for kind in KINDS for name in (kind.name, *kind.endings, *kind.media_types)}
