"""Services that do what the issues of tasks with texts in a format of their own say."""

from __future__ import annotations

from tests.fakes.fields import field
from tests.unit.evaluate.made import Made, optional

MESH = Made(
    inputs=(
        field("obj"),
        optional("scale", "number", "1", exclusiveMinimum=0, maximum=1000),
    ),
    outputs=(
        field("vertices", "integer"),
        field("faces", "integer"),
        field("box", "object"),
        *(
            field(f"box.{corner}{axis}", kind)
            for corner in ("min", "max", "size")
            for axis, kind in (("", "object"), (".x", "number"), (".y", "number"), (".z", "number"))
        ),
    ),
    execute="""
from fastapi import HTTPException


def execute(input: Input) -> Output:
    points, faces = [], 0
    for line in input.obj.splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            points.append([float(word) * input.scale for word in words[:3]])
        if kind == "f":
            faces += 1
            for word in words:
                number = int(word.split("/")[0])
                if not 1 <= (number if number > 0 else len(points) + 1 + number) <= len(points):
                    raise HTTPException(422, "no such vertex")
    if not points:
        raise HTTPException(422, "no vertices")
    low, high = [min(axis) for axis in zip(*points)], [max(axis) for axis in zip(*points)]
    corners = {"min": low, "max": high, "size": [b - a for a, b in zip(low, high)]}
    box = {name: dict(zip("xyz", numbers)) for name, numbers in corners.items()}
    return Output.model_validate({"vertices": len(points), "faces": faces, "box": box})
""",
)

TABLE = Made(
    inputs=(
        field("html"),
        optional("table", "integer", "1", minimum=1),
        optional("numbers", "boolean", "false"),
    ),
    outputs=(field("columns", "list of text"), field("rows", "list of json")),
    execute=r"""
import re
from html.parser import HTMLParser

from fastapi import HTTPException


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tables, self.cell = [], None

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1][-1].append(self.cell.strip())
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def value(text, numbers):
    if numbers and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return float(text) if "." in text else int(text)
    return text


def execute(input: Input) -> Output:
    reader = Reader()
    reader.feed(input.html)
    if input.table > len(reader.tables):
        raise HTTPException(404, "no such table")
    columns, *rows = reader.tables[input.table - 1]
    cells = [[value(cell, input.numbers) for cell in row] + [None] * (len(columns) - len(row)) for row in rows]
    return Output(columns=columns, rows=[dict(zip(columns, row)) for row in cells])
""",
)

CALENDAR = Made(
    inputs=(
        field("events", "list of object", limits={"minItems": 1, "maxItems": 100}),
        field("events[].title", limits={"minLength": 1, "maxLength": 200}),
        field("events[].start", "date-time"),
        optional("events[].minutes", "integer", "60", minimum=1, maximum=1440),
        field("events[].location", required=False),
        field("calendarName", required=False, default='"Calendar"'),
    ),
    outputs=(field("ics"), field("first", "date-time"), field("last", "date-time")),
    execute="""
import uuid
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event


def utc(time):
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def execute(input: Input) -> Output:
    calendar = Calendar()
    calendar.add("prodid", "-//x//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", input.calendar_name)
    begins = lambda event: datetime.fromisoformat(event.start).astimezone(UTC)
    ends = []
    for entry in sorted(input.events, key=begins):
        event = Event()
        event.add("uid", str(uuid.uuid4()))
        event.add("summary", entry.title)
        event.add("dtstart", begins(entry))
        ends.append(begins(entry) + timedelta(minutes=entry.minutes))
        event.add("dtend", ends[-1])
        if entry.location is not None:
            event.add("location", entry.location)
        calendar.add_component(event)
    first = min(begins(entry) for entry in input.events)
    return Output(ics=calendar.to_ical().decode(), first=utc(first), last=utc(max(ends)))
""",
)

MARKDOWN = Made(
    inputs=(
        field("text"),
        optional("headingOffset", "integer", "0", minimum=0, maximum=5),
        optional("allowHtml", "boolean", "false"),
    ),
    outputs=(
        field("html"),
        field("headings", "list of object"),
        field("headings[].level", "integer"),
        field("headings[].text"),
    ),
    execute="""
from markdown_it import MarkdownIt


def execute(input: Input) -> Output:
    parser = MarkdownIt("commonmark", {"html": input.allow_html})
    tokens = parser.parse(input.text)
    headings = []
    for token, inline in zip(tokens, [*tokens[1:], None]):
        if token.type in ("heading_open", "heading_close"):
            level = min(6, int(token.tag[1:]) + input.heading_offset)
            token.tag = f"h{level}"
            if token.type == "heading_open":
                headings.append({"level": level, "text": "".join(part.content for part in inline.children)})
    return Output.model_validate({"html": parser.renderer.render(tokens, parser.options, {}), "headings": headings})
""",
)
