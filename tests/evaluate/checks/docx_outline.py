"""Outline of a Word document."""

from __future__ import annotations

import io
from typing import Any

from docx import Document

from bot.generate.samples import sample
from tests.evaluate.reading import sent
from tests.evaluate.service import Service, same

HEADINGS = ((1, "Water"), (2, "Rivers"), (3, "The Rhine"), (4, "Its bridges"), (2, "Lakes"), (1, "Air and wind"))


def _document(author: str = "", empty: bool = False) -> str:
    document = Document()
    document.core_properties.author = author
    for level, text in HEADINGS:
        document.add_heading(text, level)
        document.add_paragraph("Some words here.")
        if empty:
            document.add_heading("", 1)
    document.add_paragraph("")
    document.add_table(1, 1).cell(0, 0).text = "does not count"
    file = io.BytesIO()
    document.save(file)
    return sent(file.getvalue())


def _headings(levels: int) -> list[dict[str, Any]]:
    return [{"level": level, "text": text} for level, text in HEADINGS if level <= levels]


def check_three_levels(service: Service) -> None:
    """3 levels are shown if max-level is missing, in their order."""
    same("headings", service.answer({"document": _document()})["headings"], _headings(3))


def check_max_level(service: Service) -> None:
    """max-level is from 1 to 9."""
    for level in (1, 2, 4, 9):
        same(
            f"headings to {level}",
            service.answer({"document": _document(), "max-level": level})["headings"],
            _headings(level),
        )
    for level in (0, 10):
        service.refuse({"document": _document(), "max-level": level})


def check_words(service: Service) -> None:
    """words counts those of all paragraphs, headings included, tables not, whatever max-level is."""
    wanted = sum(len(text.split()) for _, text in HEADINGS) + 3 * len(HEADINGS)
    same("words", service.answer({"document": _document()})["words"], wanted)
    same("words with max-level 1", service.answer({"document": _document(), "max-level": 1})["words"], wanted)


def check_author(service: Service) -> None:
    """author is from the properties of the document, null if it is empty."""
    same("the author", service.answer({"document": _document("Marie Curie")})["author"], "Marie Curie")
    same("no author", service.answer({"document": _document()})["author"], None)


def check_empty_headings(service: Service) -> None:
    """Empty headings are left out."""
    same("headings", service.answer({"document": _document(empty=True)})["headings"], _headings(3))


def check_numbers(service: Service) -> None:
    """If numbered is true, the texts begin with their number."""
    answer = service.answer({"document": _document(), "numbered": True})
    texts = [heading["text"] for heading in answer["headings"]]
    same("the texts", texts, ["1 Water", "1.1 Rivers", "1.1.1 The Rhine", "1.2 Lakes", "2 Air and wind"])
    answer = service.answer({"document": _document(), "numbered": False})
    same("the texts with false", answer["headings"], _headings(3))


def check_no_headings(service: Service) -> None:
    """A document may have no headings."""
    answer = service.answer({"document": sent(sample("docx", "Just one line"))})
    same("headings", answer["headings"], [])


def check_no_document(service: Service) -> None:
    """A file that is no DOCX is refused."""
    for kind in ("pdf", "zip"):
        service.refuse({"document": sent(sample(kind))})
    service.refuse({"max-level": 2})
