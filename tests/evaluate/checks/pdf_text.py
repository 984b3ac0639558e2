"""Text of a PDF."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader, PdfWriter

from bot.generate.samples import sample
from tests.evaluate.reading import sent
from tests.evaluate.service import Service, holds, same

PAGES = ("First page about cats", "Second page", "Third page with seven words in it")


def _pdf(pages: tuple[str, ...] = PAGES, title: str | None = None) -> str:
    writer = PdfWriter()
    for text in pages:
        writer.append(PdfReader(io.BytesIO(sample("pdf", text))))
    if title is not None:
        writer.add_metadata({"/Title": title})
    else:
        writer.metadata = None
    file = io.BytesIO()
    writer.write(file)
    return sent(file.getvalue())


def _read(service: Service, numbers: list[int], **more: Any) -> None:
    """See to it that these pages are read, counted from 1."""
    answer = service.answer({"pdf": _pdf(), **more})
    same("pageCount", answer["pageCount"], 3)
    same(f"the pages with {more}", [page["page"] for page in answer["pages"]], numbers)
    for page in answer["pages"]:
        text = PAGES[page["page"] - 1]
        holds(f"{text} on page {page['page']}", text in " ".join(page["text"].split()), page["text"])
        same(f"words of page {page['page']}", page["words"], len(text.split()))


def check_all_pages(service: Service) -> None:
    """By default everything is read, page by page."""
    _read(service, [1, 2, 3])


def check_from_and_to(service: Service) -> None:
    """from and to are the first and the last page that are read; each may be left out."""
    _read(service, [2, 3], **{"from": 2})
    _read(service, [1, 2], to=2)
    _read(service, [2], **{"from": 2, "to": 2})


def check_beyond_the_end(service: Service) -> None:
    """A to beyond the end means the last page; a from beyond it is refused with 422."""
    _read(service, [3], **{"from": 3, "to": 99})
    service.refuse({"pdf": _pdf(), "from": 4}, 422)


def check_order(service: Service) -> None:
    """from after to is refused with 422, zero and less too."""
    service.refuse({"pdf": _pdf(), "from": 3, "to": 2}, 422)
    for more in ({"from": 0}, {"to": 0}, {"from": -1}):
        service.refuse({"pdf": _pdf(), **more})


def check_title(service: Service) -> None:
    """title is from the metadata of the file, null if it has none."""
    same("the title", service.answer({"pdf": _pdf(title="Über Katzen")})["title"], "Über Katzen")
    same("no title", service.answer({"pdf": _pdf()})["title"], None)


def check_empty_page(service: Service) -> None:
    """A page without text has no words."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    file = io.BytesIO()
    writer.write(file)
    answer = service.answer({"pdf": sent(file.getvalue())})
    same("pageCount", answer["pageCount"], 1)
    same("its words", answer["pages"][0]["words"], 0)


def check_no_pdf(service: Service) -> None:
    """A file that is no PDF is refused with 422."""
    for file in (sample("png"), b"Hello world"):
        service.refuse({"pdf": sent(file)}, 422)
    service.refuse({"from": 1})
