"""Invoice as PDF."""

from __future__ import annotations

from typing import Any

from tests.evaluate.reading import pdf
from tests.evaluate.service import Service, holds, near, same

ITEMS = [{"description": "Paper", "price": 4.2, "quantity": 10}, {"description": "Delivery", "price": 7.35}]
REQUEST: dict[str, Any] = {
    "number": "R-0815",
    "date": "2025-11-30",
    "buyer": {"name": "Grace Hopper", "address": ["1 Harbor Street", "Boston"]},
    "items": ITEMS,
}


def _sums(service: Service, wanted: tuple[float, float, float], **changes: Any) -> str:
    """Return the text of an invoice, once its sums are seen to be right, also in the PDF."""
    answer = service.answer({**REQUEST, **changes})
    text = pdf(answer, "pdf")
    for name, sum_ in zip(("net", "tax", "total"), wanted, strict=True):
        near(name, answer[name], sum_, 0.001)
        holds(f"{sum_:.2f} in the PDF", f"{sum_:.2f}" in text.replace(",", ""), text)
    return text


def check_defaults(service: Service) -> None:
    """quantity is 1, taxPercent 19 and currency EUR by default."""
    text = _sums(service, (49.35, 9.38, 58.73))
    holds("EUR in the PDF", "EUR" in text, text)


def check_what_is_written(service: Service) -> None:
    """The PDF has number, date, name and address of the buyer and each description."""
    text = pdf(service.answer(REQUEST), "pdf")
    for wanted in ("R-0815", "2025-11-30", "Grace Hopper", "1 Harbor Street", "Boston", "Paper", "Delivery"):
        holds(f"{wanted} in the PDF", wanted in text, text)


def check_note(service: Service) -> None:
    """The note is in the PDF if there is one; the buyer may have no address."""
    answer = service.answer({**REQUEST, "buyer": {"name": "Ada"}, "note": "Payable within two weeks"})
    text = pdf(answer, "pdf")
    holds("the note in the PDF", "Payable within two weeks" in text, text)


def check_tax(service: Service) -> None:
    """taxPercent is from 0 to 100."""
    _sums(service, (49.35, 0, 49.35), taxPercent=0)
    _sums(service, (49.35, 49.35, 98.70), taxPercent=100)
    _sums(service, (49.35, 3.70, 53.05), taxPercent=7.5)
    for percent in (-1, 100.5):
        service.refuse({**REQUEST, "taxPercent": percent})


def check_quantities(service: Service) -> None:
    """quantity is more than 0, price 0 or more."""
    items = [{"description": "Hours", "price": 80, "quantity": 1.5}, {"description": "Travel", "price": 0}]
    _sums(service, (120, 22.80, 142.80), items=items)
    for wrong in ({"quantity": 0}, {"quantity": -1}, {"price": -0.01}):
        service.refuse({**REQUEST, "items": [{"description": "X", "price": 1, **wrong}]})


def check_number_of_items(service: Service) -> None:
    """There are 1 to 50 items."""
    items = [{"description": f"Part {number:02}", "price": 2} for number in range(1, 51)]
    text = _sums(service, (100, 19, 119), items=items)
    for wanted in ("Part 01", "Part 50"):
        holds(f"{wanted} in the PDF", wanted in text, text[-160:])
    service.refuse({**REQUEST, "items": [*items, items[0]]})


def check_currency(service: Service) -> None:
    """currency is EUR, USD or GBP."""
    for currency in ("USD", "GBP"):
        text = pdf(service.answer({**REQUEST, "currency": currency}), "pdf")
        holds(f"{currency} in the PDF", currency in text, text)
    service.refuse({**REQUEST, "currency": "JPY"})


def check_what_is_required(service: Service) -> None:
    """number, date, buyer with a name, and items with description and price are required."""
    for name in REQUEST:
        service.refuse({key: value for key, value in REQUEST.items() if key != name})
    service.refuse({**REQUEST, "buyer": {"address": []}})
    service.refuse({**REQUEST, "items": [{"description": "Paper"}]})
    service.refuse({**REQUEST, "date": "30.11.2025"})
    same("whole sums", service.answer({**REQUEST, "items": [{"description": "A", "price": 1}]})["net"], 1)
