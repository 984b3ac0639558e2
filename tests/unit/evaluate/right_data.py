"""Services that do what the issues of tasks without files say."""

from __future__ import annotations

from tests.fakes.fields import field
from tests.unit.evaluate.made import Made, optional

ROMAN = Made(
    inputs=(
        field("number", "integer", required=False, limits={"minimum": 1, "maximum": 3999}),
        field("numeral", required=False),
        optional("lowercase", "boolean", "false"),
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

STATISTICS = Made(
    inputs=(
        field("text"),
        optional("top", "integer", "3", minimum=0, maximum=20),
        optional("case-sensitive", "boolean", "false"),
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

CONTACT = Made(
    inputs=(
        field("contact", "object"),
        field("contact.name", limits={"minLength": 1, "maxLength": 80}),
        field("contact.email", "email", required=False, nullable=True),
        field("contact.phone", required=False, nullable=True),
        optional("contact.tags", "list of text", "[]"),
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

BUSINESS_DAYS = Made(
    inputs=(
        field("from", "date"),
        field("to", "date"),
        optional("holidays", "list of date", "[]"),
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

MERGE_PATCH = Made(
    inputs=(
        field("target", "json", nullable=True),
        field("patch", "json", nullable=True),
        optional("keepNulls", "boolean", "false"),
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
