"""The tests of a service, as far as they follow from its specification: no model has to invent them."""

from __future__ import annotations

import re
from typing import Any

from bot.guard.example import is_file, parts
from bot.values.service import Scenario, Spec

_SIGNATURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "application/pdf": b"%PDF-",
    "application/zip": b"PK",
    "audio/wav": b"RIFF",
    "audio/x-wav": b"RIFF",
    "audio/ogg": b"OggS",
}
"""How files of a type begin: a test can assert that of any file of the type."""

_PART = (
    r"\b(?:contain(?:s|ing)?|includ(?:es?|ing)|enthält|(?<!answers )(?<!answered )(?<!responds )(?<!replies )with"
    r"|(?P<begin>(?:starts?|starting|begins?|beginning|beginnt|fängt) (?:with|mit))"
    r"|(?P<end>(?:ends?|ending|endet) (?:with|in|mit|auf)))\b"
)
"""Words before a text that is a part of what is answered."""


def tests(spec: Spec) -> str:
    """Return the source of `test_executor.py`: it holds what the scenarios say as data, and `...` for the rest."""
    functions = [_test(scenario, spec) for scenario in spec.scenarios]
    functions += [_function(requirement.name, "call", ["..."]) for requirement in spec.tested]
    imports = ["import pytest"] if any("pytest." in function for function in functions) else []
    return "\n\n\n".join([*imports, *functions])


def has_files(schema: dict[str, Any]) -> bool:
    """Tell whether a field of `schema` holds a file."""
    return any(is_file(part) for part in parts(schema))


def _test(scenario: Scenario, spec: Spec) -> str:
    if scenario.is_refused:
        refused = "400 <= status < 500" if scenario.status == "4xx" else f"status == {scenario.status}"
        return _function(scenario.name, "call", [f"status, _ = call({_request(scenario, spec)})", f"assert {refused}"])
    expected = scenario.answer or scenario.expected or {}
    files = [
        f"assert decoded(answer[{name!r}]).startswith({_SIGNATURES[media]!r})"
        for name, schema in spec.output_schema.get("properties", {}).items()
        if (media := schema.get("contentMediaType", "")) in _SIGNATURES and is_file(schema)
    ]
    lines = [
        f"status, answer = call({_request(scenario, spec)})",
        f"assert status == {scenario.status or 200}",
        *(_assertion(name, value, scenario.text) for name, value in expected.items()),
        *files,
    ]
    if not scenario.answer:
        # Values that only words name may be missing here.
        lines.append("# and what else the test says" if files or expected else "...")
    return _function(scenario.name, "call, decoded" if files else "call", lines)


def _assertion(name: str, value: Any, words: str) -> str:
    """Return what asserts that a field of the answer has a value, or a part that the words name before the value."""
    if isinstance(value, str) and (part := re.search(rf"{_PART}[^\w<>{{}}]*{re.escape(value)}", words, re.IGNORECASE)):
        if part["begin"] or part["end"]:
            return f"assert answer[{name!r}].{'startswith' if part['begin'] else 'endswith'}({value!r})"
        return f"assert {value!r} in answer[{name!r}]"
    return f"assert answer[{name!r}] == {_literal(value)}"


def _function(name: str, parameters: str, lines: list[str]) -> str:
    return "\n".join([f"def test_{name}({parameters}):", *(f"    {line}" for line in lines)])


def _request(scenario: Scenario, spec: Spec) -> str:
    """Return the request as source, with `...` for the values that the scenario does not name."""
    if scenario.request is not None:
        return repr(scenario.request)
    given, required = scenario.given or {}, spec.input_schema.get("required", ())
    fields = [name for name in spec.input_schema.get("properties", {}) if name in given or name in required]
    return "{" + ", ".join(f"{name!r}: {repr(given[name]) if name in given else '...'}" for name in fields) + "}"


def _literal(value: Any) -> str:
    return f"pytest.approx({value!r})" if isinstance(value, float) else repr(value)
