"""A service's request or answer as the rows of a table that people read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from bot.guard.example import is_file, takes_null, type_of
from bot.values.service import Spec

_SHOWN_VALUE = 60
_NAMES = {"string": "text", "": "any JSON"}
_RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " entries"),
    ("minProperties", "maxProperties", " entries"),
)
"""The keywords of a lower and an upper limit, both included, and what they count."""
_SINGLE = {
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "a multiple of {}",
    "pattern": "matches {}",
}


class FieldRow(NamedTuple):
    """A field in words, in Markdown.

    Attributes:
        name: within another field with its path, such as `items[].price`.
        needed: "required", or what holds where it is left out.
        limits: what its values must keep to, or "".
    """

    name: str
    kind: str
    needed: str
    limits: str
    description: str


def interface_rows(schema: dict[str, Any]) -> tuple[FieldRow, ...]:
    """Return the fields of the JSON schema of an object, each followed by those within it."""
    return tuple(_rows(schema, ""))


def status_rows(spec: Spec) -> tuple[tuple[str, str], ...]:
    """Return the statuses that a service answers with, each with what it means."""
    said: dict[str, list[str]] = {}
    for scenario in spec.scenarios:
        if scenario.status not in (None, 200, 422):
            said.setdefault(str(scenario.status), []).append(f"`test_{scenario.name}`")
    return (
        ("200", "the answer"),
        *((status, f"what {' and '.join(names)} sent") for status, names in said.items()),
        ("422", "what was sent does not fit the request"),
        ("500, 504", "it failed, or took too long"),
    )


def _rows(schema: dict[str, Any], path: str) -> Iterator[FieldRow]:
    for name, part in schema.get("properties", {}).items():
        if "default" in part:
            needed = f"optional, {_shown(part['default'])} without it"
        else:
            needed = "required" if name in schema.get("required", ()) else "optional"
        inner, brackets = _innermost(part)
        limits = "; ".join([*_limits(part), *(f"each {words}" for words in _limits(inner) if inner is not part)])
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


def _kind(part: dict[str, Any]) -> str:
    null = " or null" if "type" in part and takes_null(part) else ""
    if isinstance(part.get("items"), dict):
        return f"list of {_kind(part['items'])}{null}"
    if isinstance(part.get("additionalProperties"), dict):
        return f"map of {_kind(part['additionalProperties'])}{null}"
    media = ", ".join(part.get("x-media-types", ())) or part.get("contentMediaType", "")
    if is_file(part):
        name = f"file ({media})" if media else "file"
    else:
        kind = type_of(part)
        name = part.get("format") or _NAMES.get(kind, kind)
        name = f"{name} ({media})" if media else name
    return f"{name}{null}"


def _limits(part: dict[str, Any]) -> Iterator[str]:
    if "enum" in part:
        yield f"one of {', '.join(_shown(value) for value in part['enum'] if value is not None)}"
    for lower, upper, what in _RANGES:
        if lower in part and upper in part:
            yield f"{part[lower]} to {part[upper]}{what}"
        elif lower in part:
            yield f"at least {part[lower]}{what}"
        elif upper in part:
            yield f"at most {part[upper]}{what}"
    for keyword, words in _SINGLE.items():
        if keyword in part:
            yield words.format(_shown(part[keyword]) if keyword == "pattern" else part[keyword])


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False).replace("`", "'")
    return f"`{text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + '…'}`"
