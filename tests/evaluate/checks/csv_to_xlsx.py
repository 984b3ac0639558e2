"""CSV to Excel."""

from __future__ import annotations

from typing import Any

from tests.evaluate.reading import workbook
from tests.evaluate.service import Service, same


def _cells(service: Service, text: str, rows: int, **more: Any) -> tuple[str, list[list[Any]]]:
    """Return name and cells of the only sheet that comes of a CSV file, once rowCount is seen to be right."""
    answer = service.answer({"file": service.file("file", text.encode()), **more})
    same("rowCount", answer["rowCount"], rows)
    book = workbook(answer, "workbook")
    same("how many sheets", len(book.worksheets), 1)
    sheet = book.worksheets[0]
    return sheet.title, [[cell.value for cell in row] for row in sheet.iter_rows()]


def check_texts_and_numbers(service: Service) -> None:
    """Values like 12, -4 and 0.5 become numbers, everything else stays text."""
    text = "item,price,stock,note\nPear,1.25,-3,fresh\nFig,0.5,0,12 a kilo\n"
    title, cells = _cells(service, text, 2)
    same("the sheet", title, "Data")
    same("the header", cells[0], ["item", "price", "stock", "note"])
    same("the rows", cells[1:], [["Pear", 1.25, -3, "fresh"], ["Fig", 0.5, 0, "12 a kilo"]])


def check_leading_zeros(service: Service) -> None:
    """Values with a needless leading zero stay text."""
    _, cells = _cells(service, "code,n\n0049,49\n00.5,100\n", 2)
    same("the rows", cells[1:], [["0049", 49], ["00.5", 100]])


def check_quotes(service: Service) -> None:
    """Values may be in quotes and contain the delimiter."""
    _, cells = _cells(service, 'name,city\n"Doe, Jane","Köln"\n', 1)
    same("the row", cells[1], ["Doe, Jane", "Köln"])


def check_delimiters(service: Service) -> None:
    """delimiter is a comma, a semicolon or a bar, default comma."""
    for delimiter in ";|,":
        _, cells = _cells(service, "a,b\n1,x\n".replace(",", delimiter), 1, delimiter=delimiter)
        same(f"the cells with {delimiter}", cells, [["a", "b"], [1, "x"]])
    _, cells = _cells(service, "a;b\n1;x\n", 1)
    same("semicolons without a delimiter", cells, [["a;b"], ["1;x"]])
    service.refuse({"file": service.file("file", b"a:b\n1:2\n"), "delimiter": ":"})


def check_sheet_name(service: Service) -> None:
    """sheetName has 1 to 31 characters."""
    title, _ = _cells(service, "a\n1\n", 1, sheetName="S" * 31)
    same("the sheet", title, "S" * 31)
    for name in ("", "S" * 32):
        service.refuse({"file": service.file("file", b"a\n1\n"), "sheetName": name})


def check_header_alone(service: Service) -> None:
    """rowCount counts without the header."""
    _, cells = _cells(service, "a,b\n", 0)
    same("the cells", cells, [["a", "b"]])


def check_windows_lines(service: Service) -> None:
    """Lines may end as on Windows."""
    _, cells = _cells(service, "a,b\r\n1,2\r\n3,4\r\n", 2)
    same("the rows", cells[1:], [[1, 2], [3, 4]])


def check_nothing(service: Service) -> None:
    """An empty file is refused, and so is a request without one."""
    service.refuse({"file": ""})
    service.refuse({"delimiter": ";"})
