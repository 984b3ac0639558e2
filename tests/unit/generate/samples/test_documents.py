"""Documents, as libraries other than ours read them: valid, and they say what was asked for."""

from __future__ import annotations

import io
import json
import zipfile
from email import message_from_bytes, policy
from html.parser import HTMLParser
from xml.etree import ElementTree

import docx
import openpyxl
import pptx
import pypdf
import pytest

from bot.clients.llm import Refused
from bot.generate.samples import sample
from bot.generate.samples.text_files import GREETING

TEXT = "Dear Ada & Grace,\n<b>not bold</b> (really) \\ 'quoted' \"twice\"\nGrüße, Ünal – 5 €"
texts = pytest.mark.parametrize("text", [TEXT, "Hello", None], ids=["several lines", "a word", "the usual"])


def parsed(data: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)  # noqa: S314  # We wrote it.


def rows_of(workbook: bytes) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    return list(sheet.values)


@texts
def test_pdf(text: str | None) -> None:
    reader = pypdf.PdfReader(io.BytesIO(sample("pdf", text)), strict=True)
    assert reader.pages[0].extract_text().strip() == (text or GREETING)


def test_a_long_text_fills_pages_of_a_pdf() -> None:
    words = [f"word{number}" for number in range(1_500)]
    reader = pypdf.PdfReader(io.BytesIO(sample("pdf", " ".join(words))), strict=True)
    assert len(reader.pages) == 4
    assert " ".join(page.extract_text() for page in reader.pages).split() == words


def test_a_pdf_refuses_letters_that_its_font_lacks() -> None:
    with pytest.raises(Refused, match="not 'Д'"):
        sample("pdf", "Hello Д")


@texts
def test_docx(text: str | None) -> None:
    document = docx.Document(io.BytesIO(sample("docx", text)))
    assert "\n".join(paragraph.text for paragraph in document.paragraphs) == (text or GREETING)


@texts
def test_pptx(text: str | None) -> None:
    presentation = pptx.Presentation(io.BytesIO(sample("pptx", text)))
    (slide,) = presentation.slides
    assert slide.shapes.title is not None
    shown = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    assert shown.rstrip("\n") == (text or GREETING)
    assert slide.slide_layout.slide_master.part.partname == "/ppt/slideMasters/slideMaster1.xml"


def test_xlsx() -> None:
    assert rows_of(sample("xlsx")) == [
        ("name", "city", "amount"),
        ("Ada", "London", 12.5),
        ("Grace", "New York", 7),
        ("Kurt", "Köln", 30),
    ]


def test_a_text_in_a_workbook_is_csv() -> None:
    wide = ",".join(f"c{number}" for number in range(30))
    rows = rows_of(sample("xlsx", f'{wide}\n"a, <b>",-1e3,nan,007\n'))
    assert rows[0] == tuple(f"c{number}" for number in range(30))
    assert rows[1][:4] == ("a, <b>", -1000, "nan", "007")


@pytest.mark.parametrize("kind", ["txt", "md", "csv", "tsv", "yaml"])
def test_plain_text_is_what_was_asked_for(kind: str) -> None:
    assert sample(kind, TEXT) == TEXT.encode()
    assert sample(kind).decode()


@pytest.mark.parametrize(("text", "value"), [('{"a": [1, null]}', {"a": [1, None]}), (TEXT, {"text": TEXT})])
def test_json(text: str, value: object) -> None:
    assert json.loads(sample("json", text)) == value
    assert json.loads(sample("json"))["address"] == {"city": "London"}


@pytest.mark.parametrize(("text", "said"), [("<a>x <b>y</b></a>", "x y"), (TEXT, TEXT), ("<3 Ada", "<3 Ada")])
def test_xml(text: str, said: str) -> None:
    assert "".join(parsed(sample("xml", text)).itertext()) == said
    assert [name.text for name in parsed(sample("xml")).iter("name")] == ["Ada", "Kurt"]


def test_broken_markup_is_told() -> None:
    with pytest.raises(Refused, match=r"not well-formed XML: mismatched tag: line 1"):
        sample("xml", "<a><b></a>")


class Reader(HTMLParser):
    """Collects what stands in paragraphs."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tag = ""
        self.paragraphs: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tag = tag
        if tag == "p":
            self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        self.tag = ""

    def handle_data(self, data: str) -> None:
        if self.tag == "p":
            self.paragraphs[-1] += data


def test_html() -> None:
    assert Reader(sample("html", TEXT)).paragraphs == TEXT.split("\n")
    assert sample("html", "<p>Hello</p>") == b"<p>Hello</p>"
    assert Reader(sample("html")).paragraphs


@texts
def test_eml(text: str | None) -> None:
    message = message_from_bytes(sample("eml", text), policy=policy.default)
    assert message.defects == []
    assert (message["From"].addresses[0].addr_spec, message["Subject"]) == ("ada@example.com", "A sample message")
    body = message.get_body()
    assert body is not None
    assert body.get_content().splitlines() == (text or GREETING).splitlines()


@pytest.mark.parametrize(
    ("kind", "name", "first", "last"),
    [
        ("ics", "SUMMARY", "BEGIN:VCALENDAR", "END:VCALENDAR"),
        ("vcf", "NOTE", "BEGIN:VCARD", "END:VCARD"),
    ],
)
def test_calendar_and_card(kind: str, name: str, first: str, last: str) -> None:
    data = sample(kind, f"{TEXT}; " + "ü" * 100)
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    lines = data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert (lines[0], lines[-1]) == (first, last)
    written = dict(line.split(":", 1) for line in lines)[name]
    expected = "Dear Ada & Grace\\,\\n<b>not bold</b> (really) \\\\ 'quoted' \"twice\"\\nGrüße\\, Ünal – 5 €\\; "
    assert written == expected + "ü" * 100


def test_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(sample("zip", TEXT))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["hello.txt", "data/table.csv"]
        assert archive.read("hello.txt").decode() == TEXT


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx"])
def test_an_office_document_lacks_control_characters(kind: str) -> None:
    with zipfile.ZipFile(io.BytesIO(sample(kind, "a\x00b\x1bc"))) as archive:
        for name in archive.namelist():
            parsed(archive.read(name))
