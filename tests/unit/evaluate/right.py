"""Services that do what the issues of some tasks say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.generate.draft import FieldDraft
from tests.fakes.fields import field


@dataclass(frozen=True)
class Right:
    """Request, answer and executor of a service; see `tests.unit.evaluate.running`."""

    inputs: Sequence[FieldDraft]
    outputs: Sequence[FieldDraft]
    execute: str


def _optional(name: str, kind: str, default: str, **limits: float) -> FieldDraft:
    return field(name, kind, required=False, default=default, limits=limits)


ROMAN = Right(
    inputs=(
        field("number", "integer", required=False, limits={"minimum": 1, "maximum": 3999}),
        field("numeral", required=False),
        _optional("lowercase", "boolean", "false"),
    ),
    outputs=(field("number", "integer"), field("numeral")),
    execute="""
from fastapi import HTTPException

VALUES = {1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC", 50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V",
          4: "IV", 1: "I"}


def numeral(number):
    text = ""
    for value, letters in VALUES.items():
        text += letters * (number // value)
        number %= value
    return text


NUMBERS = {numeral(number): number for number in range(1, 4000)}


def execute(input: Input) -> Output:
    if (input.number is None) == (input.numeral is None):
        raise HTTPException(422, "either number or numeral")
    number = input.number if input.numeral is None else NUMBERS.get(input.numeral.upper())
    if number is None:
        raise HTTPException(422, "no numeral")
    text = numeral(number)
    return Output(number=number, numeral=text.lower() if input.lowercase else text)
""",
)

STATISTICS = Right(
    inputs=(
        field("text"),
        _optional("top", "integer", "3", minimum=0, maximum=20),
        _optional("case-sensitive", "boolean", "false"),
    ),
    outputs=(
        field("lines", "integer"),
        field("words", "integer"),
        field("characters", "integer"),
        field("longestWord", nullable=True),
        field("frequent", "list of object"),
        field("frequent[].word"),
        field("frequent[].count", "integer"),
    ),
    execute=r"""
import re
from collections import Counter


def execute(input: Input) -> Output:
    words = re.findall(r"[^\W_]+", input.text)
    counted = Counter(words if input.case_sensitive else [word.lower() for word in words])
    return Output.model_validate({
        "lines": len(input.text.splitlines()),
        "words": len(words),
        "characters": len(input.text),
        "longestWord": max(words, key=len, default=None),
        "frequent": [{"word": word, "count": count} for word, count in counted.most_common(input.top)],
    })
""",
)

CONTACT = Right(
    inputs=(
        field("contact", "object"),
        field("contact.name", limits={"minLength": 1, "maxLength": 80}),
        field("contact.email", "email", required=False, nullable=True),
        field("contact.phone", required=False, nullable=True),
        _optional("contact.tags", "list of text", "[]"),
        field("changes", "object"),
        field("changes.name", required=False, limits={"minLength": 1, "maxLength": 80}),
        field("changes.email", "email", required=False, nullable=True),
        field("changes.phone", required=False, nullable=True),
        field("changes.tags", "list of text", required=False),
    ),
    outputs=(
        field("contact", "object"),
        field("contact.name"),
        field("contact.email", nullable=True),
        field("contact.phone", nullable=True),
        field("contact.tags", "list of text"),
        field("changed", "list of text"),
    ),
    execute="""
def execute(input: Input) -> Output:
    before = {name: getattr(input.contact, name) for name in ("name", "email", "phone", "tags")}
    after = before | {name: getattr(input.changes, name) for name in input.changes.model_fields_set}
    changed = [name for name in before if before[name] != after[name]]
    return Output.model_validate({"contact": after, "changed": changed})
""",
)

FIT = Right(
    inputs=(
        field("picture", "file", media_types=["image/png", "image/jpeg", "image/gif"]),
        field("box", "object", required=False),
        _optional("box.width", "integer", "300", minimum=1, maximum=2000),
        _optional("box.height", "integer", "300", minimum=1, maximum=2000),
        field("background", required=False, nullable=True, default='"#ffffff"'),
    ),
    outputs=(
        field("picture", "file", media_types=["image/png"]),
        field("width", "integer"),
        field("height", "integer"),
        field("scale", "number"),
    ),
    execute="""
import base64
import io

from fastapi import HTTPException
from PIL import Image


def execute(input: Input) -> Output:
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(input.picture))).convert("RGB")
    except OSError:
        raise HTTPException(422, "no picture") from None
    width, height = (input.box.width, input.box.height) if input.box else (300, 300)
    scale = min(width / picture.width, height / picture.height, 1)
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    if input.background is not None:
        box = Image.new("RGB", (width, height), input.background)
        box.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        picture = box
    file = io.BytesIO()
    picture.save(file, "PNG")
    return Output(picture=base64.b64encode(file.getvalue()).decode(), width=picture.width, height=picture.height,
                  scale=scale)
""",
)

CSV_TO_XLSX = Right(
    inputs=(
        field("file", "file", media_types=["text/csv"]),
        field("delimiter", required=False, default='","', choices=[",", ";", "|"]),
        field("sheetName", required=False, default='"Data"', limits={"minLength": 1, "maxLength": 31}),
    ),
    outputs=(
        field("workbook", "file", media_types=["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]),
        field("rowCount", "integer"),
    ),
    execute=r"""
import base64
import csv
import io
import re

from fastapi import HTTPException
from openpyxl import Workbook


def value(text):
    if re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?(0|[1-9][0-9]*)\.[0-9]+", text) else text


def execute(input: Input) -> Output:
    header, *rows = list(csv.reader(io.StringIO(input.file), delimiter=input.delimiter)) or [None]
    if header is None:
        raise HTTPException(422, "an empty file")
    book = Workbook()
    book.active.title = input.sheet_name
    book.active.append(header)
    for row in rows:
        book.active.append([value(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return Output(workbook=base64.b64encode(file.getvalue()).decode(), row_count=len(rows))
""",
)

BUSINESS_DAYS = Right(
    inputs=(
        field("from", "date"),
        field("to", "date"),
        _optional("holidays", "list of date", "[]"),
        field(
            "weekend",
            "list of text",
            required=False,
            default='["saturday", "sunday"]',
            choices=["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        ),
    ),
    outputs=(
        field("days", "integer"),
        field("first", "date", nullable=True),
        field("last", "date", nullable=True),
    ),
    execute="""
from datetime import date, timedelta

from fastapi import HTTPException

NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def execute(input: Input) -> Output:
    begin = date.fromisoformat(input.from_)
    length = (date.fromisoformat(input.to) - begin).days
    if not 0 <= length <= 3660:
        raise HTTPException(422, "no such time")
    days = [begin + timedelta(number) for number in range(length + 1)]
    days = [day for day in days if NAMES[day.weekday()] not in input.weekend and str(day) not in input.holidays]
    return Output(days=len(days), first=str(days[0]) if days else None, last=str(days[-1]) if days else None)
""",
)

MERGE_PATCH = Right(
    inputs=(
        field("target", "json", nullable=True),
        field("patch", "json", nullable=True),
        _optional("keepNulls", "boolean", "false"),
    ),
    outputs=(field("result", "json", nullable=True), field("changed", "boolean")),
    execute="""
def merged(target, patch, keep):
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None and not keep:
            target.pop(key, None)
        else:
            target[key] = merged(target.get(key), value, keep)
    return target


def execute(input: Input) -> Output:
    result = merged(input.target, input.patch, input.keep_nulls)
    return Output(result=result, changed=result != input.target)
""",
)

RIGHT = {
    "roman": ROMAN,
    "statistics": STATISTICS,
    "contact": CONTACT,
    "fit": FIT,
    "csv-to-xlsx": CSV_TO_XLSX,
    "business-days": BUSINESS_DAYS,
    "merge-patch": MERGE_PATCH,
}
