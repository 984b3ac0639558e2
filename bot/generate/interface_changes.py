"""What changed of a service's interface, as its callers see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.values.revision import InterfaceChange
from bot.values.service import Spec

_WORDS_ONLY = frozenset({"description", "title"})
_SHOWN_VALUE = 60


def interface_changes(before: Spec, after: Spec) -> tuple[InterfaceChange, ...]:
    """Return what of the request and of the answer differs, a line a field."""
    request = _changes(before.input_schema, after.input_schema, "request")
    return (*request, *_changes(before.output_schema, after.output_schema, "answer"))


def _changes(before: dict[str, Any], after: dict[str, Any], part: str) -> Iterator[InterfaceChange]:
    was, now = before.get("properties", {}), after.get("properties", {})
    needed_before, needed = set(before.get("required", ())), set(after.get("required", ()))
    for name in [*now, *(gone for gone in was if gone not in now)]:
        if name not in now:
            yield InterfaceChange(text=f"{part}: `{name}` is gone", breaks=True)
        elif name not in was:
            kind = _kind(now[name])
            how = "required" if name in needed else "optional"
            if part == "answer":
                yield InterfaceChange(text=f"{part}: `{name}` is new ({kind})", breaks=False)
            else:
                default = f", default {_value(now[name]['default'])}" if "default" in now[name] else ""
                text = f"{part}: `{name}` is new ({kind}, {how}{default})"
                yield InterfaceChange(text=text, breaks=name in needed)
        else:
            yield from _field(f"{part}: `{name}`", was[name], now[name])
            if (name in needed_before) != (name in needed):
                breaks = (name in needed) == (part == "request")
                text = f"{part}: `{name}` is {'required' if name in needed else 'optional'} now"
                yield InterfaceChange(text=text, breaks=breaks)


def _field(name: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[InterfaceChange]:
    keys = [key for key in dict.fromkeys([*was, *now]) if key not in _WORDS_ONLY and was.get(key) != now.get(key)]
    changes = [f"{key} {_value(was.get(key))} → {_value(now.get(key))}" for key in keys]
    if changes:
        yield InterfaceChange(text=f"{name}: {'; '.join(changes)}", breaks=any(_narrows(key, was, now) for key in keys))


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


def _value(value: Any) -> str:
    if value is None:
        return "none"
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + '…'}`"
