"""What a model fills in when it specifies and plans: flat lists, which a small model fills in reliably."""

from __future__ import annotations

from typing import Annotated, Literal

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


class Draft(BaseModel):
    """A part of a model's answer. Every key is required and no other is taken, as strict structured output wants it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldDraft(Draft):
    """A field of the request or of the answer."""

    name: str
    type: FieldType
    media_type: str = Field(description="of a file, such as image/png; of text that is not plain; else empty")
    description: str


Fields = Annotated[list[FieldDraft], Field(min_length=1, max_length=12)]


class ValueDraft(Draft):
    """A value of a field that a test names. A value that is not text is written as JSON."""

    field: str
    value: str


class TestDraft(Draft):
    """A test in words, and the values that these words name."""

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
    def _not_empty(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty")
        return value


class StrategiesDraft(Draft):
    """The ways to build the service, the most promising first."""

    model_config = ConfigDict(title="strategies")

    strategies: Annotated[list[StrategyDraft], Field(min_length=1, max_length=5)]
