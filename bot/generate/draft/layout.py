"""Python source as a formatter would lay it out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_WIDTH = 120


def literal(value: Any) -> str:
    """Return the source of a value as JSON has it, with texts in double quotes where that is shorter."""
    match value:
        case str():
            text = json.dumps(value, ensure_ascii=False)
            if '"' in value and "'" not in value:
                return "'" + text[1:-1].replace('\\"', '"') + "'"
            return text
        case dict():
            return "{" + ", ".join(f"{literal(key)}: {literal(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case _:
            return repr(value)


def assignment(name: str, value: str, annotation: str = "", arguments: Sequence[str] = (), *, indent: int = 0) -> str:
    """Return the line, or lines, that assign to `name`: `value`, or with arguments a call of it."""
    before = " " * indent
    target = f"{name}: {annotation}" if annotation else name
    if not value:
        return f"{before}{target}"
    if not arguments:
        return _broken(f"{before}{target} = ", value, indent)
    return _broken(f"{before}{target} = ", f"{value}({', '.join(arguments)})", indent)


def _broken(start: str, expression: str, indent: int, end: str = "") -> str:
    """Return an expression after `start`: on one line, else its outermost brackets on lines of their own."""
    if len(start) + len(expression) + len(end) <= _WIDTH:
        return f"{start}{expression}{end}"
    head, opening, parts, closing = _parts(expression)
    if not parts:
        return f"{start}{expression}{end}"
    inner = " " * (indent + 4)
    one_line = f"{inner}{', '.join(parts)}"
    if len(one_line) <= _WIDTH and head and opening == "(":
        lines = [one_line]
    else:
        lines = [_broken(inner, part, indent + 4, ",") for part in parts]
    return "\n".join([f"{start}{head}{opening}", *lines, f"{' ' * indent}{closing}{end}"])


def _parts(expression: str) -> tuple[str, str, list[str], str]:  # noqa: C901 (one pass over the characters)
    """Return what stands before the last top-level brackets, the brackets, and the parts in them."""
    starts: list[int] = []
    quote = ""
    outer = None
    at = 0
    cuts: list[int] = []
    while at < len(expression):
        char = expression[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char in "([{":
            if not starts:
                outer, cuts = at, []
            starts.append(at)
        elif char in ")]}":
            starts.pop()
        elif char == "," and len(starts) == 1:
            cuts.append(at)
        at += 1
    if outer is None or expression[-1] not in ")]}":
        return expression, "", [], ""
    edges = [outer, *cuts, len(expression) - 1]
    parts = [expression[left + 1 : right].strip() for left, right in pairwise(edges)]
    return expression[:outer], expression[outer], [part for part in parts if part], expression[-1]
