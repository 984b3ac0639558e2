"""What a model fills in when it specifies and plans: flat lists, which a small model fills in reliably."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

BASES = (
    "text", "integer", "number", "boolean", "date", "date-time", "email", "uri", "uuid", "file", "object", "json",
)  # fmt: skip
SHAPES = ("", "list of ", "rows of ", "map of ")
"""A field's type is one of `SHAPES`, then one of `BASES`: "integer", "list of object"."""
_OTHER_BASES = {
    "string": "text", "str": "text", "int": "integer", "float": "number", "decimal": "number", "bool": "boolean",
    "datetime": "date-time", "timestamp": "date-time", "url": "uri", "binary": "file", "dict": "object", "any": "json",
}  # fmt: skip
_OTHER_SHAPES = {
    "array": "list of ", "list": "list of ", "rows": "rows of ", "list of list": "rows of ", "matrix": "rows of ",
    "map": "map of ", "dict": "map of ", "dictionary": "map of ", "": "",
}  # fmt: skip
"""What models write for a base or a shape -> what is meant."""

REQUIREMENTS = 12
"""How many requirements a model is asked for, at most."""

Keyword = Literal[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
]


class Draft(BaseModel):
    """A part of a model's answer. Every key is required and no other is taken, as strict structured output wants it.

    What a class names in `may_lack` is required by its schema only: an answer without it is read all the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    may_lack: ClassVar[dict[str, Any]] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_what_may_lack(cls, values: Any) -> Any:
        return cls.may_lack | values if isinstance(values, dict) else values


class LimitDraft(Draft):
    """What the values of a field must keep to, in a keyword of JSON schema."""

    keyword: Keyword
    value: str


class FieldDraft(Draft):
    """A field of the request or of the answer, or a field within another one."""

    name: str = Field(description="as in JSON; a field within another one with its path: address.city, items[].price")
    type: str = Field(json_schema_extra={"enum": [f"{shape}{base}" for shape in SHAPES for base in BASES]})
    required: bool
    nullable: bool
    default: str = Field(description="as JSON; empty for none")
    choices: list[str]
    limits: list[LimitDraft]
    media_types: list[str] = Field(description="of a file, such as image/png; of text that is not plain")
    description: str

    @field_validator("type")
    @classmethod
    def _known(cls, value: str) -> str:
        shape, _, base = value.strip().lower().rpartition(" of ")
        base = base if base in BASES else base.removesuffix("s")
        base = _OTHER_BASES.get(base, base)
        if base not in BASES or shape not in _OTHER_SHAPES:
            raise ValueError(f"must be one of {', '.join(BASES)}, or `list of ...`, `rows of ...`, `map of ...` of one")
        return f"{_OTHER_SHAPES[shape]}{base}"


Fields = Annotated[list[FieldDraft], Field(min_length=1, max_length=40)]


class ValueDraft(Draft):
    """A value of a field that a test names. A value that is not text is written as JSON."""

    field: str
    value: str


def _status(value: Any) -> Any:
    """Return a status as it is meant: a number, "4xx" for any that refuses, or "" where nothing is said of one."""
    text = str(value).strip().lower()
    return text if re.fullmatch(r"[2-5]\d\d|4xx", text) else ""


class TestDraft(Draft):
    """A test in words, and the values that these words name."""

    may_lack = {"status": ""}

    text: str
    given: Annotated[list[ValueDraft], Field(max_length=12)]
    expected: Annotated[list[ValueDraft], Field(max_length=12)]
    status: Annotated[str, BeforeValidator(_status)] = Field(description="such as 413; 4xx for any; empty for 200")


class RequirementDraft(Draft):
    """A sentence of the idea that the service has to keep to, and what checks it, as a model says."""

    text: str
    field: str
    keywords: list[str]
    untestable: str


def _readable(entries: Any) -> list[dict[str, Any]]:
    """Return the requirements that can be read: a specification without them is better than none."""
    read = []
    for entry in entries if isinstance(entries, list) else ():
        values = {"text": entry} if isinstance(entry, str) else entry
        if isinstance(values, dict) and isinstance(values.get("text"), str) and values["text"].strip():
            keywords = values.get("keywords")
            words = re.findall(r"\w+", keywords) if isinstance(keywords, str) else keywords
            named = [word for word in words if isinstance(word, str)] if isinstance(words, list) else []
            texts = {name: values[name] if isinstance(values.get(name), str) else "" for name in _REQUIREMENT_TEXTS}
            read.append({**texts, "keywords": named})
    return read


_REQUIREMENT_TEXTS = ("text", "field", "untestable")


class QuestionDraft(Draft):
    """Something essential that is missing."""

    missing: Literal["credential", "format", "contradiction"]
    question: str
    proposal: str


class SpecDraft(Draft):
    """The service, as a model proposes it."""

    model_config = ConfigDict(title="spec")
    may_lack = {"language": "", "requirements": [], "hosts": []}

    language: str = Field(description="of the idea, as BCP 47 has it, e.g. en")
    slug: str
    title: str
    summary: str
    inputs: Fields
    outputs: Fields
    tests: Annotated[list[TestDraft], Field(max_length=20)]
    requirements: Annotated[
        list[RequirementDraft], BeforeValidator(_readable), Field(json_schema_extra={"maxItems": REQUIREMENTS})
    ]
    assumptions: Annotated[list[str], Field(max_length=5)]
    out_of_scope: Annotated[list[str], Field(max_length=5)]
    hosts: Annotated[list[str], Field(max_length=5)]


class AskingSpecDraft(SpecDraft):
    """The service, as a model proposes it that may ask something first."""

    may_lack = {**SpecDraft.may_lack, "questions": []}

    questions: Annotated[list[QuestionDraft], Field(max_length=5)]


class TestChangeDraft(TestDraft):
    """A test that is new or takes another one's place, and the words that say so."""

    replaces: str
    words: str


class SpecChangeDraft(Draft):
    """What changes in a specification, as a model proposes it."""

    model_config = ConfigDict(title="spec_change")

    inputs: Annotated[list[FieldDraft], Field(max_length=40)]
    outputs: Annotated[list[FieldDraft], Field(max_length=40)]
    removed_inputs: Annotated[list[str], Field(max_length=40)]
    removed_outputs: Annotated[list[str], Field(max_length=40)]
    tests: Annotated[list[TestChangeDraft], Field(max_length=8)]


class StrategyDraft(Draft):
    """A way to build the service, as a model proposes it."""

    name: str
    approach: str
    packages: Annotated[list[str], Field(max_length=12)]
    system_packages: Annotated[list[str], Field(max_length=12)]
    risks: str

    @field_validator("name", "approach")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty")
        return value


class PlanChangeDraft(SpecChangeDraft):
    """What changes in a plan, as a model proposes it."""

    model_config = ConfigDict(title="plan_change")

    answer: Annotated[str, Field(pattern=r"\S")]
    done: bool
    title: str
    summary: str
    slug: str
    dropped: Annotated[list[str], Field(max_length=20)]
    assumptions: Annotated[list[str], Field(max_length=20)]
    strategies: Annotated[list[StrategyDraft], Field(max_length=5)]

    @model_validator(mode="before")
    @classmethod
    def _may_lack_what_stays(cls, values: Any) -> Any:
        return {"title": "", "summary": "", "slug": "", "dropped": [], **values} if isinstance(values, dict) else values


class StrategiesDraft(Draft):
    """The ways to build the service, the most promising first."""

    model_config = ConfigDict(title="strategies")

    strategies: Annotated[list[StrategyDraft], Field(min_length=1, max_length=5)]
