"""Table from HTML."""

from __future__ import annotations

from tests.evaluate.service import Service, same

PAGE = """<html><body><h1>Shop</h1>
<table><thead><tr><th> fruit </th><th>price</th><th>stock</th></tr></thead>
<tbody><tr><td>Apple &amp; pear</td><td>1.5</td><td>-2</td></tr><tr><td><b>Fig</b></td><td>n/a</td></tr></tbody></table>
<p>and</p>
<table><tr><td>city</td></tr><tr><td>
  Köln
</td></tr><tr><td>Rom</td></tr></table></body></html>"""


def check_rows(service: Service) -> None:
    """Columns are the first row's texts; each other row is an object of texts without white space around them."""
    answer = service.answer({"html": PAGE})
    same("columns", answer["columns"], ["fruit", "price", "stock"])
    same("the first row", answer["rows"][0], {"fruit": "Apple & pear", "price": "1.5", "stock": "-2"})
    same("how many rows", len(answer["rows"]), 2)


def check_short_rows(service: Service) -> None:
    """Where a row is too short, the missing values are null."""
    same("the second row", service.answer({"html": PAGE})["rows"][1], {"fruit": "Fig", "price": "n/a", "stock": None})


def check_second_table(service: Service) -> None:
    """table says which table it is, counted from 1."""
    wanted = {"columns": ["city"], "rows": [{"city": "Köln"}, {"city": "Rom"}]}
    same("the second table", service.answer({"html": PAGE, "table": 2}), wanted)
    same("the first one", service.answer({"html": PAGE, "table": 1}), service.answer({"html": PAGE}))


def check_numbers(service: Service) -> None:
    """With numbers true, cells that are numbers become JSON numbers, and others stay texts."""
    rows = service.answer({"html": PAGE, "numbers": True})["rows"]
    wanted = [
        {"fruit": "Apple & pear", "price": 1.5, "stock": -2},
        {"fruit": "Fig", "price": "n/a", "stock": None},
    ]
    same("rows", rows, wanted)


def check_columns_alone(service: Service) -> None:
    """A table with nothing but its first row has no rows."""
    html = "<table><tr><th>a</th><th>b</th></tr></table>"
    same("the answer", service.answer({"html": html}), {"columns": ["a", "b"], "rows": []})


def check_missing_table(service: Service) -> None:
    """If the page has no such table, the status is 404."""
    service.refuse({"html": "<div>nothing</div>"}, 404)
    service.refuse({"html": PAGE, "table": 3}, 404)


def check_refusals(service: Service) -> None:
    """html is required, and tables are counted from 1."""
    service.refuse({"numbers": True})
    service.refuse({"html": PAGE, "table": 0})
