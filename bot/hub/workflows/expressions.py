"""Expressions in workflow files, as far as the hub evaluates them itself.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_WHOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_FORMAT = re.compile(r"format\((.*)\)", re.DOTALL)


def evaluate(text: str, context: Mapping[str, Any]) -> str:
    """Replace every `${{ ... }}` in `text`.

    `context` is the `github` context as nested mappings: `github.event.pull_request.number` is
    `context["event"]["pull_request"]["number"]`. Known expressions are such look-ups, literals in single quotes,
    `format` of them, and `&&` and `||` between them; a look-up that leads nowhere is empty, as on GitHub.

    Raises:
        ValueError: it holds an expression this does not know.
    """
    return _WHOLE.sub(lambda match: _either(match[1], context), text)


def _either(text: str, context: Mapping[str, Any]) -> str:
    for option in text.split("||"):
        values = [_term(term.strip(), context) for term in option.split("&&")]
        if all(values):
            return values[-1]
    return ""


def _term(term: str, context: Mapping[str, Any]) -> str:
    if literal := re.fullmatch(r"'([^']*)'", term):
        return literal[1]
    if made := _FORMAT.fullmatch(term):
        form, *values = (_term(part.strip(), context) for part in made[1].split(","))
        return form.format(*values)
    if not re.fullmatch(r"github(\.[A-Za-z_][A-Za-z0-9_-]*)+", term):
        raise ValueError(f"unknown expression: {term}")
    value: Any = context
    for key in term.split(".")[1:]:
        value = value.get(key) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
