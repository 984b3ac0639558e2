"""What a model is asked for when it specifies and plans: flat lists that a small model fills in reliably.

The JSON schemas of a `Spec` are made from them in code: models write invalid ones.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

FieldType = Literal[
    "text",
    "integer",
    "number",
    "boolean",
    "file",
    "list of text",
    "list of numbers",
    "rows of text",
    "rows of numbers",
    "list of objects",
    "object",
]
_SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "file": {"type": "string", "contentEncoding": "base64"},
    "list of text": {"type": "array", "items": {"type": "string"}},
    "list of numbers": {"type": "array", "items": {"type": "number"}},
    "rows of text": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    "rows of numbers": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    "list of objects": {"type": "array", "items": {"type": "object"}},
    "object": {"type": "object"},
}
_MEDIA_TYPE = re.compile(r"[a-z]+/(?:[a-z0-9][a-z0-9.+-]*|\*)")


class Draft(BaseModel):
    """A part of a model's answer: every key is required, others are refused, as strict structured output wants it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldDraft(Draft):
    """A field of the request or of the answer."""

    name: str
    type: FieldType
    media_type: str = Field(description="of a file, such as image/png; of text that is not plain; else empty")
    description: str


Fields = Annotated[list[FieldDraft], Field(min_length=1, max_length=12)]


class ValueDraft(Draft):
    """A value of a field that a test names; what is not text is written as JSON."""

    field: str
    value: str


class TestDraft(Draft):
    """A test, and the data that stand in its words."""

    text: str
    given: Annotated[list[ValueDraft], Field(max_length=12)]
    expected: Annotated[list[ValueDraft], Field(max_length=12)]


class QuestionDraft(Draft):
    """Something essential that is missing."""

    missing: Literal["credential", "format", "contradiction"]
    question: str
    proposal: str


class SpecDraft(Draft):
    """The service, as a model proposes it."""

    model_config = ConfigDict(title="spec")

    slug: str
    title: str
    summary: str
    inputs: Fields
    outputs: Fields
    tests: Annotated[list[TestDraft], Field(max_length=20)]
    assumptions: Annotated[list[str], Field(max_length=5)]
    out_of_scope: Annotated[list[str], Field(max_length=5)]
    questions: Annotated[list[QuestionDraft], Field(max_length=5)]


class StrategyDraft(Draft):
    """A way to build the service, as a model proposes it."""

    name: str
    approach: str
    packages: Annotated[list[str], Field(max_length=12)]
    system_packages: Annotated[list[str], Field(max_length=12)]
    risks: str

    @field_validator("name", "approach")
    @classmethod
    def _said(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty")
        return value


class StrategiesDraft(Draft):
    """The ways to build the service, the most promising first."""

    model_config = ConfigDict(title="strategies")

    strategies: Annotated[list[StrategyDraft], Field(min_length=1, max_length=5)]


def object_schema(fields: Sequence[FieldDraft]) -> dict[str, Any]:
    """Return the JSON schema of an object with `fields`, all of them required, under names that Python allows."""
    properties: dict[str, Any] = {}
    for field in fields:
        media = field.media_type.strip().lower()
        # What can be read is text, whatever a model calls it: base64 would only be in the way.
        kind = "text" if field.type == "file" and media.startswith("text/") else field.type
        schema = dict(_SCHEMAS[kind])
        if kind == "file":
            schema["contentMediaType"] = media if _MEDIA_TYPE.fullmatch(media) else "application/octet-stream"
        elif kind == "text" and _MEDIA_TYPE.fullmatch(media) and media != "text/plain":
            schema["contentMediaType"] = media
        if field.description.strip():
            schema["description"] = field.description.strip()[:300]
        properties[_unused(field_name(field.name), properties, "_")] = schema
    return {"type": "object", "properties": properties, "required": list(properties)}


def field_name(name: str) -> str:
    """Return `name` as a field of a pydantic model: an identifier, no keyword, nothing that pydantic has itself."""
    words = _words(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name), "_")[:40].strip("_")
    if not words or words[0].isdigit():
        words = f"field_{words}".strip("_")
    if keyword.iskeyword(words) or hasattr(BaseModel, words) or words.startswith("model_"):
        words = f"the_{words}"
    return words


def slug(proposed: str, title: str, taken: Iterable[str]) -> str:
    """Return a DNS label from the model's proposal, else from the title, that is not `taken`."""
    words = _words(proposed, "-") or _words(title, "-") or "service"
    if words[0].isdigit():
        words = f"s-{words}"
    return _unused(words[:36].strip("-"), frozenset(taken), "-")


def scenario_name(text: str, taken: Iterable[str]) -> str:
    """Return what the scenario's test is called after `test_`: its first words, or just "scenario"."""
    words = _words(text, "_")
    if len(words) > 48:
        words = words[:48].rpartition("_")[0] or words[:48]
    if not words or words[0].isdigit():
        words = f"scenario_{words}".strip("_")
    return _unused(words, frozenset(taken), "_")


def _words(text: str, separator: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return separator.join(re.findall(r"[a-z0-9]+", ascii_only))


def _unused(name: str, taken: Iterable[str], separator: str) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}{separator}{number}", number + 1
    return candidate
