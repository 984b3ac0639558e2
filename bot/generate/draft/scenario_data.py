"""The data in a scenario's words: what a model read out of them, as far as it really stands there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.generate.draft.drafts import ValueDraft, field_name
from bot.guard.example import fault

_QUOTED = re.compile(r"`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”|'([^'\n]+)'(?!\w)")
# Words that join an input to what is expected of it: a value that spans one is a piece of the sentence.
_JOINT = re.compile(
    r"\b(?:gives?|returns?|becomes?|yields?|results?|should|must|is|are|has|have)\b|->|=>|→", re.IGNORECASE
)


def read(
    text: str,
    given: Sequence[ValueDraft],
    expected: Sequence[ValueDraft],
    inputs: dict[str, Any],
    outputs: dict[str, Any],
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the values of input and output fields that `text` names; None where it names none.

    A test that holds a wrong value can never be mended, as the person's tests are locked. So a value counts only if it
    stands in the text, as often as it is used, and a text with quotes names its texts in them.

    Args:
        inputs, outputs: the fields' JSON schemas by name.
    """
    left = _Words(text)
    return left.take(given, inputs) or None, left.take(expected, outputs) or None


class _Words:
    """A scenario's words, of which every occurrence is used once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._quoted = {next(filter(None, groups)) for groups in _QUOTED.findall(text)}

    def take(self, drafts: Sequence[ValueDraft], fields: dict[str, Any]) -> dict[str, Any]:
        """Return the values that stand in what is left of the text, and use them up."""
        found: dict[str, Any] = {}
        for draft in drafts:
            name = draft.field if draft.field in fields else field_name(draft.field)
            if name not in fields or name in found or "contentEncoding" in fields[name]:
                continue
            value = _typed(draft.value, fields[name])
            rest = self._without(_leaves(value)) if value is not None else None
            if rest is not None:
                found[name], self._text = value, rest
        return found

    def _without(self, leaves: Iterable[str]) -> str | None:
        """Return the text without one occurrence of each leaf, or None where one does not stand there."""
        rest = self._text
        for leaf in leaves:
            match = re.search(rf"(?<![\w.]){re.escape(leaf)}(?!\w|\.\w)", rest)
            if match is None or not leaf.strip() or not self._may_be_text(leaf):
                return None
            rest = f"{rest[: match.start()]}\0{rest[match.end() :]}"
        return rest

    def _may_be_text(self, leaf: str) -> bool:
        if _number(leaf):
            return True
        return leaf in self._quoted if self._quoted else _JOINT.search(leaf) is None


def _number(leaf: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?|true|false", leaf) is not None


def _typed(text: str, schema: dict[str, Any]) -> Any:
    """Return the value that `text` is for a field, or None where it is none."""
    kind = schema["type"]
    if kind == "string":
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return None if fault(value, schema) else value


def _leaves(value: Any) -> list[str]:
    """Return the texts and numbers in a value, as they would stand in a sentence."""
    match value:
        case dict():
            return [leaf for part in value.values() for leaf in _leaves(part)]
        case list():
            return [leaf for part in value for leaf in _leaves(part)]
        case str():
            return [value]
        case _:
            return [json.dumps(value)]
