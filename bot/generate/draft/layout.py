"""Python source as a formatter would lay it out."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
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
    one_line = inner + ", ".join(f"{name}{part}" for name, part in parts)
    # A formatter keeps the arguments of a call together where they fit, and nothing else.
    if len(one_line) <= _WIDTH and opening == "(":
        lines = [one_line]
    else:
        lines = [_broken(f"{inner}{name}", part, indent + 4, ",") for name, part in parts]
    return "\n".join([f"{start}{head}{opening}", *lines, f"{' ' * indent}{closing}{end}"])


def _parts(expression: str) -> tuple[str, str, list[tuple[str, str]], str]:
    """Return what stands before an expression's brackets, the brackets, and the parts in them, each after its name."""

    def text(node: ast.expr | None) -> str:
        return (ast.get_source_segment(expression, node) if node is not None else None) or "**"

    match ast.parse(expression, mode="eval").body:
        case ast.Call(func=function, args=arguments, keywords=keywords):
            named = [(f"{keyword.arg}=", text(keyword.value)) for keyword in keywords]
            return text(function), "(", [*(("", text(argument)) for argument in arguments), *named], ")"
        case ast.Subscript(value=value, slice=ast.Tuple(elts=parts)):
            return text(value), "[", [("", text(part)) for part in parts], "]"
        case ast.List(elts=parts):
            return "", "[", [("", text(part)) for part in parts], "]"
        case ast.Dict(keys=keys, values=values):
            return "", "{", [(f"{text(key)}: ", text(value)) for key, value in zip(keys, values, strict=True)], "}"
    return expression, "", [], ""
