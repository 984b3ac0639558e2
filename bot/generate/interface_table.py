"""A service's request or answer as the rows of a table that people read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from bot.guard.example import is_file, takes_null, type_of
from bot.sentence import Sentence, joined, sentence, verbatim
from bot.values.service import Spec

_SHOWN_VALUE = 60
_NAMES = {"string": sentence("text"), "": sentence("any JSON")}
_CHARACTERS, _ENTRIES = sentence("%(range)s characters"), sentence("%(range)s entries")
_RANGES = (
    ("minimum", "maximum", None),
    ("minLength", "maxLength", _CHARACTERS),
    ("minItems", "maxItems", _ENTRIES),
    ("minProperties", "maxProperties", _ENTRIES),
)
"""The keywords of a lower and an upper limit, both included, and what they count."""
_SINGLE = {
    "exclusiveMinimum": sentence("above %(limit)s"),
    "exclusiveMaximum": sentence("below %(limit)s"),
    "multipleOf": sentence("a multiple of %(limit)s"),
    "pattern": sentence("matches %(limit)s"),
}


class FieldRow(NamedTuple):
    """A field in words, in Markdown.

    Attributes:
        name: within another field with its path, such as `items[].price`.
        needed: "required", or what holds where it is left out.
        limits: what its values must keep to, or "".
    """

    name: str
    kind: Sentence
    needed: Sentence
    limits: Sentence
    description: str


def interface_rows(schema: dict[str, Any]) -> tuple[FieldRow, ...]:
    """Return the fields of the JSON schema of an object, each followed by those within it."""
    return tuple(_rows(schema, ""))


def status_rows(spec: Spec) -> tuple[tuple[str, Sentence], ...]:
    """Return the statuses that a service answers with, each with what it means."""
    said: dict[str, list[str]] = {}
    for scenario in spec.scenarios:
        if scenario.status not in (None, 200, 422):
            said.setdefault(str(scenario.status), []).append(f"`test_{scenario.name}`")
    return (
        ("200", sentence("the answer")),
        *((status, sentence("what %(names)s sent", names=", ".join(names))) for status, names in said.items()),
        ("422", sentence("what was sent does not fit the request")),
        ("500, 504", sentence("it failed, or took too long")),
    )


def _rows(schema: dict[str, Any], path: str) -> Iterator[FieldRow]:
    for name, part in schema.get("properties", {}).items():
        if "default" in part:
            needed = sentence("optional, %(value)s without it", value=_shown(part["default"]))
        else:
            needed = sentence("required") if name in schema.get("required", ()) else sentence("optional")
        inner, brackets = _innermost(part)
        each = [sentence("each %(limit)s", limit=limit) for limit in _limits(inner) if inner is not part]
        limits = joined([*_limits(part), *each], "; ")
        yield FieldRow(f"`{path}{name}`", _kind(part), needed, limits, part.get("description", ""))
        yield from _rows(inner, f"{path}{name}{brackets}.")


def _innermost(part: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the schema of the values within lists and maps, and the brackets that lead to them."""
    if isinstance(part.get("items"), dict):
        inner, brackets = _innermost(part["items"])
        return inner, f"[]{brackets}"
    if isinstance(part.get("additionalProperties"), dict):
        inner, brackets = _innermost(part["additionalProperties"])
        return inner, f"{{}}{brackets}"
    return part, ""


def _kind(part: dict[str, Any]) -> Sentence:
    kind = _plain_kind(part)
    return sentence("%(kind)s or null", kind=kind) if "type" in part and takes_null(part) else kind


def _plain_kind(part: dict[str, Any]) -> Sentence:
    if isinstance(part.get("items"), dict):
        return sentence("list of %(kind)s", kind=_kind(part["items"]))
    if isinstance(part.get("additionalProperties"), dict):
        return sentence("map of %(kind)s", kind=_kind(part["additionalProperties"]))
    media = ", ".join(part.get("x-media-types", ())) or part.get("contentMediaType", "")
    if is_file(part):
        return sentence("file (%(media)s)", media=media) if media else sentence("file")
    kind = type_of(part)
    # What JSON Schema calls it is the same in all languages.
    name = verbatim(part["format"]) if part.get("format") else _NAMES.get(kind, verbatim(kind))
    return sentence("%(kind)s (%(media)s)", kind=name, media=media) if media else name


def _limits(part: dict[str, Any]) -> Iterator[Sentence]:
    if "enum" in part:
        values = ", ".join(_shown(value) for value in part["enum"] if value is not None)
        yield sentence("one of %(values)s", values=values)
    for lower, upper, what in _RANGES:
        if lower in part and upper in part:
            found = sentence("%(low)s to %(high)s", low=str(part[lower]), high=str(part[upper]))
        elif lower in part:
            found = sentence("at least %(limit)s", limit=str(part[lower]))
        elif upper in part:
            found = sentence("at most %(limit)s", limit=str(part[upper]))
        else:
            continue
        yield what.having(range=found) if what else found
    for keyword, words in _SINGLE.items():
        if keyword in part:
            yield words.having(limit=_shown(part[keyword]) if keyword == "pattern" else str(part[keyword]))


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False).replace("`", "'")
    return f"`{text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + '…'}`"
