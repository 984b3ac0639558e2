"""The data in a scenario: what is written as data, and the values that a model read and that stand in its words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.generate.draft.drafts import TestDraft, ValueDraft
from bot.generate.draft.literals import read_literals, tells_role
from bot.generate.draft.names import field_name
from bot.generate.draft.quotations import quoted
from bot.generate.draft.quotes import read_quotes
from bot.generate.draft.vocabulary import ARROW, GIVES
from bot.guard.example import parts, type_of, value_faults
from bot.values.service import Status

# Words between an input and what is expected of it. A value that holds such a word is a piece of the sentence.
_JOINT = re.compile(rf"\b(?:{GIVES}|results?|should|must|is|are|has|have)\b|{ARROW}", re.IGNORECASE)

_VALUE_OF = (
    r"(?:\W|\b(?:is|are|be|as|of|to|equals?|ist|sind|als|lautet|est|sont|vaut|valent|es|son|é|são|è|sono|zijn)\b)*"
)
"""What may stand between a field's name and its value."""
_EMPTIES = frozenset({"[]", "{}"})
_EMPTY = re.compile(r"\b(?:empty|leere?[nmrs]?|vides?|vac[ií][oa]s?)\b|空", re.IGNORECASE)
"""Words for what is empty."""
_NO_TEXT = ("audio/", "image/", "video/")
"""The media types of answers in which no test can read a text."""


def read_scenario(text: str, read: TestDraft, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the data in a person's scenario, as attributes of `Scenario`.

    What stands there as data counts before what a model read in the words.

    Args:
        read: what a model read.
        inputs, outputs: the fields' JSON schemas by name.
    """
    given, expected = read.given, read.expected
    numeric = any(type_of(schema) in ("integer", "number") for schema in outputs.values())
    literals = read_literals(
        text,
        numeric=numeric,
        alone=len(outputs) == 1,
        is_value=lambda before, data: _is_value(before, data, inputs, outputs),
    )
    request, answer, status = literals.request, literals.answer, literals.status
    words = literals.words if request is not None or answer is not None else text
    inputs_named, outputs_named = read_values(
        words, given if request is None else (), expected if answer is None else (), inputs, outputs
    )
    if request is not None:
        beside = _beside(request, literals.words, given, inputs)
        if beside:
            inputs_named, request = beside | request, None
    if status == "4xx" and outputs_named:
        # Words such as "is rejected" are then what the service answers.
        status = None
    elif status is None and answer is None and not outputs_named:
        # Code knows the words for a refusal in few languages.
        status = read_status(text, read.status)
    return {
        "given": inputs_named if request is None else _fields(request, inputs),
        "expected": outputs_named if answer is None else _fields(answer, outputs),
        "request": request,
        "answer": answer,
        "status": status,
        "quotes": _quotes(literals.words, inputs, outputs, refused=status not in (None, 200, 201)),
    }


def read_status(text: str, read: str) -> Status | None:
    """Return the status that a model read in the words of a scenario: a number only where it stands there.

    Args:
        read: such as "413", "4xx" or "".
    """
    if read.isdigit() and re.search(rf"(?<![\w.]){read}(?!\w|\.\w)", text):
        return int(read) if read != "200" else None
    return "4xx" if read.startswith("4") else None


def _beside(request: dict[str, Any], words: str, given: Sequence[ValueDraft], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of other fields that stand in quotes before a request, which then is only a part of one."""
    before = words.partition("{}")[0]
    others = [draft for draft in given if draft.field not in request and draft.value not in inputs]
    named, _ = read_values(before, others, (), inputs, {})
    marked = quoted(before)
    return {name: value for name, value in (named or {}).items() if value in marked and name not in request}


def _is_value(before: str, data: dict[str, Any], inputs: dict[str, Any], outputs: dict[str, Any]) -> bool:
    """Tell whether an object in a scenario is the value of a field, and no whole request or answer.

    Args:
        before: the words before the object.
    """
    keys = data.keys()
    whole = keys <= inputs.keys() or keys <= outputs.keys()
    for name, schema in (*inputs.items(), *outputs.items()):
        fits = any(keys <= part.get("properties", {}).keys() for part in parts(schema)) if keys else not whole
        takes_any = type_of(schema) in ("object", "") and "properties" not in schema and not whole
        if re.search(rf"(?<!\w){re.escape(name)}{_VALUE_OF}$", before, re.IGNORECASE) and (fits or takes_any):
            return True
        if fits and not whole:
            return True
    return not (keys & inputs.keys() or keys & outputs.keys() or tells_role(before))


def _quotes(words: str, inputs: dict[str, Any], outputs: dict[str, Any], *, refused: bool) -> tuple[str, ...]:
    """Return the texts that the words of a scenario quote as data of the fields."""
    own = [part for schema in (*inputs.values(), *outputs.values()) for part in parts(schema)]
    names = {name for part in own for name in part.get("properties", {})}
    choices = {choice for part in own for choice in part.get("enum", ()) if isinstance(choice, str)}
    seen = outputs and all(str(schema.get("contentMediaType", "")).startswith(_NO_TEXT) for schema in outputs.values())
    return read_quotes(
        words,
        {*inputs, *outputs, *names},
        choices,
        answers=not refused and not seen,
        takes_files=any("contentMediaType" in part for schema in inputs.values() for part in parts(schema)),
    )


def _fields(data: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any] | None:
    named = {name if name in fields else field_name(name): value for name, value in data.items()}
    return {name: value for name, value in named.items() if name in fields} or None


def read_values(
    text: str,
    given: Sequence[ValueDraft],
    expected: Sequence[ValueDraft],
    inputs: dict[str, Any],
    outputs: dict[str, Any],
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the values of input and output fields that `text` names; None where it names none.

    The person's tests are locked, so a test with a wrong value could hardly be mended. Therefore a value counts only if
    it stands in the text as often as it is used. Where the text has quotes, its values of text stand in them. An empty
    list or object stands there as `[]` or `{}`, or as a word.

    Args:
        inputs, outputs: the fields' JSON schemas by name.
    """
    left = _Words(text)
    return left.take(given, inputs) or None, left.take(expected, outputs) or None


def fitting_values(drafts: Sequence[ValueDraft], fields: dict[str, Any]) -> dict[str, Any]:
    """Return the values that fit their fields, whether or not any words name them; no files, and no `...`."""
    known = [draft for draft in drafts if draft.field in fields and draft.value.strip() != "..."]
    values = {draft.field: _typed(draft.value, fields[draft.field]) for draft in known}
    return {
        name: value for name, value in values.items() if value is not None and "contentEncoding" not in fields[name]
    }


class _Words:
    """A scenario's words. A value uses up the place where it stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._quoted = quoted(text)

    def take(self, drafts: Sequence[ValueDraft], fields: dict[str, Any]) -> dict[str, Any]:
        """Return the values that stand in what is left of the text, and use up their places."""
        values: dict[str, Any] = {}
        for draft in drafts:
            name = draft.field if draft.field in fields else field_name(draft.field)
            if name not in fields or name in values or "contentEncoding" in fields[name]:
                continue
            value = _typed(draft.value, fields[name])
            rest = self._without(_leaves(value)) if value is not None else None
            if rest is not None:
                values[name], self._text = value, rest
        return values

    def _without(self, leaves: Iterable[str]) -> str | None:
        """Return the text without one occurrence of each leaf, or None where a leaf does not stand there."""
        rest = self._text
        for leaf in leaves:
            match = _place(rest, leaf)
            if match is None or not leaf.strip() or not self._may_be_text(leaf):
                return None
            rest = f"{rest[: match.start()]}\0{rest[match.end() :]}"
        return rest

    def _may_be_text(self, leaf: str) -> bool:
        if _number(leaf) or leaf in _EMPTIES:
            return True
        return leaf in self._quoted if self._quoted else _JOINT.search(leaf) is None


def foreign_to(text: str, value: Any) -> list[str]:
    """Return the texts, numbers and empty parts of a value that do not stand in a text, neither plain nor as JSON."""
    return [leaf for leaf in _leaves(value) if not any(_place(text, spelling) for spelling in _spellings(leaf))]


def _spellings(leaf: str) -> set[str]:
    """Return a text as it is and as it stands in JSON."""
    return {leaf, json.dumps(leaf)[1:-1], json.dumps(leaf, ensure_ascii=False)[1:-1]} if leaf else {'""'}


def _place(text: str, leaf: str) -> re.Match[str] | None:
    """Return a place where a leaf stands in a text, as a whole word."""
    match = _EMPTY.search(text) if leaf in _EMPTIES else None
    return match or re.search(rf"(?<![\w.]){re.escape(leaf)}(?!\w|\.\w)", text)


def _number(leaf: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?|true|false", leaf) is not None


def _typed(text: str, schema: dict[str, Any]) -> Any:
    """Return the value that `text` is for a field, or None where it is none."""
    if type_of(schema) == "string" and not value_faults(text, schema):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return None if value_faults(value, schema) else value


def _leaves(value: Any) -> list[str]:
    """Return the texts and numbers in a value, and what is empty, as they would stand in a sentence."""
    match value:
        case dict() if value:
            return [leaf for part in value.values() for leaf in _leaves(part)]
        case list() if value:
            return [leaf for part in value for leaf in _leaves(part)]
        case str():
            return [value]
        case _:
            return [json.dumps(value)]
