"""Calendar file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from tests.evaluate.service import Service, Wrong, same, shown

EVENTS: list[dict[str, Any]] = [
    {"title": "Review; part 2, final", "start": "2025-03-30T23:30:00-05:00", "minutes": 45, "location": "Room 7, Süd"},
    {"title": "Breakfast", "start": "2025-03-30T07:15:00Z"},
    {"title": "Walk", "start": "2025-03-30T12:00:00+02:00", "minutes": 1440},
]


def _calendar(answer: dict[str, Any]) -> Calendar:
    try:
        return Calendar.from_ical(answer["ics"])
    except ValueError as error:
        raise Wrong(f"wanted a calendar in ics, came {shown(answer['ics'])}: {error}") from error


def _events(answer: dict[str, Any]) -> list[Event]:
    return list(_calendar(answer).walk("VEVENT"))  # type: ignore[arg-type]


def _utc(value: Any) -> datetime:
    """Return a time in UTC; one without a time zone is none."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Wrong(f"wanted a time with a time zone, came {value!r}")
    return value.astimezone(UTC)


def check_order(service: Service) -> None:
    """There is a VEVENT for each appointment, ordered by start, with its times in UTC."""
    events = _events(service.answer({"events": EVENTS}))
    same("the titles", [str(event["SUMMARY"]) for event in events], ["Breakfast", "Walk", "Review; part 2, final"])
    starts = [_utc(event.decoded("DTSTART")).isoformat() for event in events]
    wanted = ["2025-03-30T07:15:00+00:00", "2025-03-30T10:00:00+00:00", "2025-03-31T04:30:00+00:00"]
    same("the starts in UTC", starts, wanted)


def check_minutes(service: Service) -> None:
    """minutes is from 1 to 1440, default 60."""
    events = _events(service.answer({"events": EVENTS}))
    lasting = [_utc(event.decoded("DTEND")) - _utc(event.decoded("DTSTART")) for event in events]
    same("the minutes", [time // timedelta(minutes=1) for time in lasting], [60, 1440, 45])
    for minutes in (0, 1441):
        service.refuse({"events": [{**EVENTS[0], "minutes": minutes}]})


def check_location(service: Service) -> None:
    """Without a location the event has none."""
    events = _events(service.answer({"events": EVENTS}))
    places = [str(event["LOCATION"]) if "LOCATION" in event else None for event in events]
    same("the locations", places, [None, None, "Room 7, Süd"])


def check_uids(service: Service) -> None:
    """Each event has a UID of its own."""
    uids = {str(event["UID"]) for event in _events(service.answer({"events": [EVENTS[1]] * 3}))}
    same("how many UIDs", len(uids), 3)


def check_first_and_last(service: Service) -> None:
    """first is when the first appointment starts, last when the last one ends, in UTC."""
    answer = service.answer({"events": EVENTS})
    wanted = ["2025-03-30T07:15:00Z", "2025-03-31T10:00:00Z"]
    # The walk of a day ends after the review.
    same("first and last", [answer["first"], answer["last"]], wanted)


def check_name(service: Service) -> None:
    """calendarName goes into X-WR-CALNAME, default "Calendar"."""
    for more, wanted in (({}, "Calendar"), ({"calendarName": "Tèam"}, "Tèam")):
        calendar = _calendar(service.answer({"events": EVENTS[:1], **more}))
        same(f"X-WR-CALNAME with {more}", str(calendar.get("X-WR-CALNAME")), wanted)


def check_number_of_events(service: Service) -> None:
    """There are 1 to 100 events."""
    same("how many events", len(_events(service.answer({"events": [EVENTS[1]] * 100}))), 100)
    service.refuse({"events": [EVENTS[1]] * 101})
    service.refuse({})


def check_titles_and_starts(service: Service) -> None:
    """A title has 1 to 200 characters; a start is a date and time with time zone."""
    long = _events(service.answer({"events": [{**EVENTS[1], "title": "t" * 200}]}))
    same("a long title", str(long[0]["SUMMARY"]), "t" * 200)
    for wrong in ({"title": ""}, {"title": "t" * 201}, {"start": "tomorrow"}, {"start": "2025-13-01T10:00:00Z"}):
        service.refuse({"events": [{**EVENTS[1], **wrong}]})
    service.refuse({"events": [{"title": "Without a start"}]})
