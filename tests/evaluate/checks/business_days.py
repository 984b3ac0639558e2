"""Count business days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.evaluate.service import Service, same


def _answer(days: int, first: str | None, last: str | None) -> dict[str, Any]:
    return {"days": days, "first": first, "last": last}


def check_both_ends_count(service: Service) -> None:
    """Both dates are included; Saturday and Sunday do not count by default."""
    for begin, end, wanted in (
        ("2023-12-29", "2024-01-01", _answer(2, "2023-12-29", "2024-01-01")),
        ("2024-02-29", "2024-02-29", _answer(1, "2024-02-29", "2024-02-29")),
        ("2024-06-01", "2024-06-30", _answer(20, "2024-06-03", "2024-06-28")),
    ):
        same(f"{begin} to {end}", service.answer({"from": begin, "to": end}), wanted)


def check_no_working_day(service: Service) -> None:
    """first and last are null if there is no working day."""
    same("a weekend", service.answer({"from": "2024-06-08", "to": "2024-06-09"}), _answer(0, None, None))
    request = {"from": "2024-06-07", "to": "2024-06-09", "holidays": ["2024-06-07"]}
    same("a weekend after a holiday", service.answer(request), _answer(0, None, None))


def check_holidays(service: Service) -> None:
    """Holidays do not count; those on a weekend, twice in the list or outside change nothing."""
    holidays = ["2024-06-05", "2024-06-05", "2024-06-08", "2024-07-01"]
    request = {"from": "2024-06-03", "to": "2024-06-10", "holidays": holidays}
    same("the answer", service.answer(request), _answer(5, "2024-06-03", "2024-06-10"))
    same("no holidays", service.answer({**request, "holidays": []})["days"], 6)


def check_weekend(service: Service) -> None:
    """weekend is a list of days; an empty one means that every day is a working day."""
    week = {"from": "2024-06-03", "to": "2024-06-09"}
    same("every day", service.answer({**week, "weekend": []}), _answer(7, "2024-06-03", "2024-06-09"))
    wanted = _answer(5, "2024-06-03", "2024-06-09")
    same("Friday and Saturday", service.answer({**week, "weekend": ["friday", "saturday"]}), wanted)
    same("Monday", service.answer({**week, "weekend": ["monday"]}), _answer(6, "2024-06-04", "2024-06-09"))
    service.refuse({**week, "weekend": ["someday"]})


def check_order(service: Service) -> None:
    """It is an error (422) if to is before from."""
    service.refuse({"from": "2024-06-02", "to": "2024-06-01"}, 422)


def check_longest_time(service: Service) -> None:
    """to may be 3660 days after from, and no day more."""
    begin = date(2015, 1, 5)
    ends = [(begin + timedelta(days)).isoformat() for days in (3660, 3661)]
    request = {"from": begin.isoformat(), "weekend": []}
    same("the days", service.answer({**request, "to": ends[0]})["days"], 3661)
    service.refuse({**request, "to": ends[1]}, 422)


def check_dates(service: Service) -> None:
    """from and to are dates, and required."""
    for request in (
        {"from": "2024-06-31", "to": "2024-07-01"},
        {"from": "June 1", "to": "2024-07-01"},
        {"to": "2024-07-01"},
        {"from": "2024-07-01"},
        {"from": "2024-07-01", "to": "2024-07-02", "holidays": ["soon"]},
    ):
        service.refuse(request)
