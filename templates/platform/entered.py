"""What a person entered in the form, made into JSON. Pure: Streamlit is not imported here."""

import base64
import json
import math
import re
from typing import Any

from form import Field, as_text

ROWS = ("table", "list", "map")
"""The kinds that are typed as rows."""


class BadInput(Exception):
    """A field's text cannot be sent; the message is for the person who typed it."""


def collect(fields: list[Field], entered: dict[str, Any], example: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the object that the form makes, and what keeps it from being sent, a sentence a fault.

    An optional field that was left empty is not in it.

    Args:
        entered: what each field holds, by its name: text, True or False, uploaded files, rows, or the same of an
            object.
        example: the object in the example request; a file is taken from there where none was uploaded.
    """
    body: dict[str, Any] = {}
    faults: list[str] = []
    for field in fields:
        value = entered[field.name]
        try:
            if field.kind == "object" and (field.required or not is_empty(value)):
                known = example.get(field.name)
                inner, inner_faults = collect(list(field.within), value, known if isinstance(known, dict) else {})
                body[field.name] = inner
                faults += [f"{field.label} › {fault}" for fault in inner_faults]
                continue
            sent = None if field.kind == "object" else to_send(field, value, example.get(field.name))
        except BadInput as fault:
            faults.append(str(fault))
            continue
        if sent is not None or (field.required and field.nullable):
            body[field.name] = sent
        elif field.required:
            faults.append(f"{field.label} is needed.")
    return body, faults


def is_empty(entered: Any) -> bool:
    """Tell whether a person left a field, or all fields of an object, as empty as they were."""
    if isinstance(entered, dict):
        return all(map(is_empty, entered.values()))
    return entered is None or entered is False or entered == "" or entered == []


def to_send(field: Field, entered: Any, example: Any) -> Any:
    """Return a field's value as JSON has it, or None where it was left empty.

    Raises:
        BadInput: what was entered is no such value.
    """
    if field.kind == "file":
        return base64.b64encode(entered.getvalue()).decode() if entered else example
    if field.kind == "files":
        return [base64.b64encode(file.getvalue()).decode() for file in entered or ()] or example
    if field.kind == "text file" and hasattr(entered, "getvalue"):
        return read_text(field, entered.getvalue())
    if field.kind in ROWS:
        rows = read_rows(field, entered)
        return rows if rows or field.required else None
    if entered is None or (isinstance(entered, str) and not entered.strip() and "text" not in field.kind):
        return None
    if field.kind in ("integer", "number"):
        return read_number(field, entered)
    if field.kind == "json":
        return read_json(field, entered)
    if entered == "" and not (field.required and field.value == ""):
        return None
    return entered


def read_text(field: Field, data: bytes) -> str:
    """Return the text of a file.

    Raises:
        BadInput: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{field.label}: the file is not text in UTF-8") from error


def read_json(field: Field, text: str) -> Any:
    """Return what a JSON field holds.

    Raises:
        BadInput: it is not JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{field.label}: not valid JSON ({error.msg}, line {error.lineno})") from error


def read_number(field: Field, text: str) -> int | float:
    """Return exactly the number that was typed.

    Raises:
        BadInput: it is none, or out of the field's bounds.
    """
    text = text.strip()
    if re.fullmatch(r"[+-]?\d+", text):
        number: int | float = int(text)
    elif field.kind == "integer":
        raise BadInput(f"{field.label}: {text} is not a whole number")
    else:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise BadInput(f"{field.label}: {text} is not a number")
    for wrong, words, bound in (
        (field.minimum is not None and number < field.minimum, "at least", field.minimum),
        (field.maximum is not None and number > field.maximum, "at most", field.maximum),
        (field.above is not None and number <= field.above, "more than", field.above),
        (field.below is not None and number >= field.below, "less than", field.below),
    ):
        if wrong:
            raise BadInput(f"{field.label}: must be {words} {as_text(bound)}")
    return number


def rows_of(field: Field) -> list[dict[str, Any]]:
    """Return the rows that a field of rows starts with; a cell that is no text, choice, True or False is JSON."""
    match field.kind, field.value:
        case "map", dict():
            rows = [{"name": name, "value": value} for name, value in field.value.items()]
        case "list", list():
            rows = [{"value": value} for value in field.value]
        case "table", list():
            rows = [row for row in field.value if isinstance(row, dict)]
        case _:
            rows = []
    return [{column.name: _cell(row.get(column.name)) for column in field.within} for row in rows]


def read_rows(field: Field, rows: list[dict[str, Any]]) -> Any:
    """Return the list or map that rows make; rows without any value are left out.

    Raises:
        BadInput: a cell holds no value of its column, or a needed one is empty.
    """
    made = []
    for number, row in enumerate(rows, 1):
        cells = {name: cell for name, cell in row.items() if not (cell is None or cell == "" or cell != cell)}
        if not cells:
            continue
        entry = {}
        for column in field.within:
            if column.name in cells:
                try:
                    entry[column.name] = _cell_value(column, cells[column.name])
                except BadInput as fault:
                    raise BadInput(f"{field.label}, row {number}: {fault}") from fault
            elif column.required:
                raise BadInput(f"{field.label}, row {number}: {column.label} is needed.")
        made.append(entry)
    if field.kind == "map":
        return {entry["name"]: entry["value"] for entry in made}
    return [entry["value"] for entry in made] if field.kind == "list" else made


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else as_text(value)


def _cell_value(column: Field, cell: Any) -> Any:
    if column.kind in ("integer", "number"):
        return read_number(column, str(cell))
    if "text" in column.kind or column.kind == "file":
        return str(cell)
    if column.kind == "choice":
        return next((option for option in column.options if as_text(option) == str(cell)), cell)
    return bool(cell) if column.kind == "boolean" else read_json(column, str(cell))
