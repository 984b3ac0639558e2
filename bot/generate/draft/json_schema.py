"""The JSON schemas of a service's request and answer. They are made in code, because models write invalid ones."""

from __future__ import annotations

import json
import math
import mimetypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.generate.draft.drafts import SHAPES, FieldDraft, Keyword
from bot.guard.example import value_faults
from bot.guard.text import cut

DESCRIPTION_LIMIT = 300
"""Characters a field's description may have: it is shown in every prompt."""

_BASES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "email": {"type": "string", "format": "email"},
    "uri": {"type": "string", "format": "uri"},
    "uuid": {"type": "string", "format": "uuid"},
    "object": {"type": "object"},
    "json": {},
}
_NUMBER_LIMITS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_TEXT_LIMITS = frozenset({"minLength", "maxLength", "pattern"})
_LIST_LIMITS = frozenset({"minItems", "maxItems"})
_MEANT: dict[str, str] = {
    "minimum": "minLength",
    "maximum": "maxLength",
    "minLength": "minItems",
    "maxLength": "maxItems",
    "minItems": "minLength",
    "maxItems": "maxLength",
}
"""A limit -> the one that is meant where the first does not fit the type, as in "text of at least 3"."""
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_MEDIA_TYPE = re.compile(r"[a-z]+/(?:[a-z0-9][a-z0-9.+-]*|\*)")
_STEP = re.compile(r"(?P<name>[^.]+?)(?P<shape>\[[^\].]*\]|\{\})?")
_SUFFIXES = {"[": "list of ", "{": "map of "}


def object_schema(fields: Sequence[FieldDraft]) -> dict[str, Any]:
    """Return the JSON schema (2020-12) of an object with `fields`, under their names as they are.

    Raises:
        ValueError: a limit, a choice or a default does not fit its field; the text says which.
    """
    root = _Node()
    for draft in fields:
        root.place(list(_steps(draft.name)), draft)
    return root.object()


def _steps(name: str) -> Iterator[tuple[str, str]]:
    """Yield each name in a path such as `items[].price`, with the shape that its brackets say."""
    matches = [_STEP.fullmatch(step) for step in name.strip().split(".")]
    if not all(matches):
        # It is no path but a name with a dot, such as ".env".
        yield name.strip(), ""
    for match in filter(None, matches if all(matches) else ()):
        yield match["name"].strip(), _SUFFIXES.get((match["shape"] or "")[:1], "")


@dataclass
class _Node:
    """A field and the fields within it.

    Attributes:
        shape: what the brackets after its name say, one of `SHAPES`.
        draft: None for the root, and for a field that only paths name.
    """

    shape: str = ""
    draft: FieldDraft | None = None
    within: dict[str, _Node] = field(default_factory=dict)

    def place(self, steps: list[tuple[str, str]], draft: FieldDraft) -> None:
        """Put a draft where its path says; of several drafts of one path, the first counts."""
        (name, shape), *deeper = steps
        node = self.within.setdefault(name, _Node())
        node.shape = node.shape or shape
        if deeper:
            node.place(deeper, draft)
        elif node.draft is None:
            node.draft = draft

    @property
    def required(self) -> bool:
        if self.draft is not None:
            return self.draft.required and not _text_of_default(self.draft)
        return any(node.required for node in self.within.values())

    def object(self) -> dict[str, Any]:
        properties = {name: node.schema(name) for name, node in self.within.items()}
        required = [name for name, node in self.within.items() if node.required]
        return {"type": "object", "properties": properties} | ({"required": required} if required else {})

    def schema(self, name: str) -> dict[str, Any]:
        if self.draft is None:
            return _shaped(self.object(), self.shape)
        draft = self.draft
        shape, base = _parts(draft.type)
        shape = shape or self.shape
        core = self.object() if self.within else _core(base, draft)
        choices = _choices(name, core, draft.choices)
        core |= {"enum": choices} if choices else {}
        schema = _shaped(core, shape)
        for limit in draft.limits:
            if limit.value.strip() and not choices:
                _limit(name, limit.keyword, limit.value.strip(), core, schema)
        _check_limits(name, core)
        _check_limits(name, schema)
        if draft.nullable or draft.default.strip() == "null":
            _admit_null(schema)
        if description := " ".join(draft.description.split()):
            schema["description"] = cut(description, DESCRIPTION_LIMIT)
        if text := _text_of_default(draft):
            schema["default"] = _default(name, text, schema)
        return schema


def _parts(kind: str) -> tuple[str, str]:
    shape = next(shape for shape in reversed(SHAPES) if kind.startswith(shape))
    return shape, kind.removeprefix(shape)


def _shaped(core: dict[str, Any], shape: str) -> dict[str, Any]:
    """Return the schema of a list, of rows or of a map of values with the schema `core`, or `core` itself."""
    match shape:
        case "list of ":
            return {"type": "array", "items": core}
        case "rows of ":
            return {"type": "array", "items": {"type": "array", "items": core}}
        case "map of ":
            return {"type": "object", "additionalProperties": core}
    return core


def _core(base: str, draft: FieldDraft) -> dict[str, Any]:
    media = [known for text in draft.media_types for part in text.split(",") if (known := _media_type(part))]
    if base == "text":
        media = [known for known in media if known != "text/plain"]
    elif base == "file" and media and all(known.startswith("text/") for known in media):
        # A model may call a readable file a file. As text it needs no base64.
        base = "text"
    if base not in ("text", "file"):
        return dict(_BASES[base])
    schema = {"type": "string"} | ({"contentEncoding": "base64"} if base == "file" else {})
    return schema | _content(media or ["application/octet-stream"]) if base == "file" or media else schema


def _content(media: list[str]) -> dict[str, Any]:
    """Return what a schema says of files of one of several media types. JSON schema has a word for one only."""
    if len(media) == 1:
        return {"contentMediaType": media[0]}
    families = {known.partition("/")[0] for known in media}
    common = f"{families.pop()}/*" if len(families) == 1 else "application/octet-stream"
    return {"contentMediaType": common, "x-media-types": list(dict.fromkeys(media))}


def _media_type(text: str) -> str:
    """Return a media type, also for a suffix such as "png"; "" for any other text."""
    text = text.strip().lower()
    if text and "/" not in text:
        text = mimetypes.guess_type(f"x.{text.removeprefix('.')}")[0] or ""
    return text if _MEDIA_TYPE.fullmatch(text) else ""


def _limit(name: str, keyword: Keyword, value: str, core: dict[str, Any], schema: dict[str, Any]) -> None:
    """Put a limit where it belongs: on the values of a list, or on the list."""
    meant: str = keyword
    for _ in range(3):
        if place := _place(meant, core, schema):
            target, known = place
            target[known] = _limit_value(name, known, value)
            if core.get("type") == "integer" and known in _NUMBER_LIMITS:
                _make_whole(core)
            return
        meant = _MEANT.get(meant, meant)
    raise ValueError(f"the field `{name}` cannot have the limit {keyword}")


def _place(keyword: str, core: dict[str, Any], schema: dict[str, Any]) -> tuple[dict[str, Any], str] | None:
    if keyword in _NUMBER_LIMITS and core.get("type") in ("integer", "number"):
        return core, keyword
    if keyword in _TEXT_LIMITS and core.get("type") == "string" and not core.keys() & {"contentEncoding", "format"}:
        return core, keyword
    if keyword in _LIST_LIMITS and schema.get("type") == "array":
        return schema, keyword
    if keyword in _LIST_LIMITS and "additionalProperties" in schema:
        return schema, keyword.replace("Items", "Properties")
    return None


def _limit_value(name: str, keyword: str, value: str) -> Any:
    if keyword == "pattern":
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"the pattern of `{name}` is no regular expression: {error}") from error
        return value
    number = _number(value)
    whole = keyword not in _NUMBER_LIMITS
    if number is None or (whole and (not isinstance(number, int) or number < 0)):
        raise ValueError(f"the limit {keyword} of `{name}` must be a number, not {value!r}")
    if keyword == "multipleOf" and number <= 0:
        raise ValueError(f"the limit multipleOf of `{name}` must be above 0")
    return number


def _number(text: str) -> int | float | None:
    try:
        number = json.loads(text.replace("_", "").replace(",", "").lstrip("+"))
    except ValueError:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        return None
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _make_whole(core: dict[str, Any]) -> None:
    """Round the bounds of an integer that are no integers."""
    for bound, exclusive, whole in (
        ("minimum", "exclusiveMinimum", math.ceil),
        ("maximum", "exclusiveMaximum", math.floor),
    ):
        for keyword in (bound, exclusive):
            if isinstance(core.get(keyword), float):
                core[bound] = whole(core.pop(keyword))
    if isinstance(core.get("multipleOf"), float):
        del core["multipleOf"]


def _check_limits(name: str, schema: dict[str, Any]) -> None:
    for low, high in _BOUNDS:
        if low in schema and high in schema and schema[low] > schema[high]:
            raise ValueError(f"the {low} of `{name}` is above its {high}")


def _choices(name: str, core: dict[str, Any], texts: Sequence[str]) -> list[Any]:
    """Return the values that a field may have; none where it may have any."""
    if core.get("type") not in ("string", "integer", "number") or "contentEncoding" in core:
        return []
    choices = [text if core["type"] == "string" else _number(text) for text in texts]
    wrong = [text for text, choice in zip(texts, choices, strict=True) if choice is None or value_faults(choice, core)]
    if wrong:
        raise ValueError(f"the choice {wrong[0]!r} does not fit the type of `{name}`")
    return list(dict.fromkeys(choices))


def _admit_null(schema: dict[str, Any]) -> None:
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]


def _text_of_default(draft: FieldDraft) -> str:
    """Return a default as the model wrote it; "" where there is none."""
    text = draft.default.strip()
    return "" if text.lower() in ("none", "undefined", "n/a") else text


def _default(name: str, text: str, schema: dict[str, Any]) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        # Small models write text without quotes, and Python's words.
        value = {"True": True, "False": False}.get(text, text)
    if value_faults(value, schema) and not value_faults(text, schema):
        value = text
    if faults := value_faults(value, schema):
        raise ValueError(f"the default of `{name}` {faults[0]}, not {text}")
    return value
