"""What changed of a service's interface, as its callers see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.sentence import Sentence, joined, sentence, verbatim
from bot.values.revision import InterfaceChange
from bot.values.service import Spec

_WORDS_ONLY = frozenset({"description", "title"})
_SHOWN_VALUE = 60
_PART = {"request": sentence("request"), "answer": sentence("answer")}


def interface_changes(before: Spec, after: Spec) -> tuple[InterfaceChange, ...]:
    """Return what of the request and of the answer differs, a line a field."""
    request = _changes(before.input_schema, after.input_schema, "request")
    return (*request, *_changes(before.output_schema, after.output_schema, "answer"))


def _changes(before: dict[str, Any], after: dict[str, Any], part: str) -> Iterator[InterfaceChange]:
    was, now = before.get("properties", {}), after.get("properties", {})
    needed_before, needed = set(before.get("required", ())), set(after.get("required", ()))
    for name in [*now, *(gone for gone in was if gone not in now)]:
        if name not in now:
            yield InterfaceChange(
                text=sentence("%(part)s: `%(name)s` is gone", part=_PART[part], name=name), breaks=True
            )
        elif name not in was:
            kind = _kind(now[name])
            details: list[Sentence] = [verbatim(kind)]
            if part == "request":
                details.append(sentence("required") if name in needed else sentence("optional"))
                if "default" in now[name]:
                    details.append(sentence("default %(value)s", value=_value(now[name]["default"])))
            text = sentence(
                "%(part)s: `%(name)s` is new (%(details)s)",
                part=_PART[part],
                name=name,
                details=joined(details, ", "),
            )
            yield InterfaceChange(text=text, breaks=part == "request" and name in needed)
        else:
            yield from _field(part, name, was[name], now[name])
            if (name in needed_before) != (name in needed):
                breaks = (name in needed) == (part == "request")
                text = sentence("%(part)s: `%(name)s` is optional now", part=_PART[part], name=name)
                if name in needed:
                    text = sentence("%(part)s: `%(name)s` is required now", part=_PART[part], name=name)
                yield InterfaceChange(text=text, breaks=breaks)


def _field(part: str, name: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[InterfaceChange]:
    keys = [key for key in dict.fromkeys([*was, *now]) if key not in _WORDS_ONLY and was.get(key) != now.get(key)]
    # What JSON Schema calls it is the same in all languages.
    changes = [
        sentence("%(key)s %(before)s → %(after)s", key=key, before=_value(was.get(key)), after=_value(now.get(key)))
        for key in keys
    ]
    if changes:
        text = sentence("%(part)s: `%(name)s`: %(changes)s", part=_PART[part], name=name, changes=joined(changes, "; "))
        yield InterfaceChange(text=text, breaks=any(_narrows(key, was, now) for key in keys))


def _narrows(key: str, was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Return whether a change may refuse what was taken before; where that cannot be told, it may."""
    if key == "default":
        return False
    if key not in now:
        return key == "type"
    if key in was and isinstance(was[key], int | float) and isinstance(now[key], int | float):
        lower = key.startswith(("min", "exclusiveMin"))
        return bool(now[key] > was[key]) if lower else bool(now[key] < was[key])
    if key in ("enum", "type") and key in was:
        before, after = (value if isinstance(value, list) else [value] for value in (was[key], now[key]))
        return not all(value in after for value in before)
    return True


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("contentMediaType") or schema.get("format") or schema.get("type") or "any"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _value(value: Any) -> Sentence | str:
    if value is None:
        return sentence("none")
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + '…'}`"
