"""The parts of a service's files that follow from its specification: no model has to invent them."""

from __future__ import annotations

from typing import Any

from bot.generate.draft.names import field_name
from bot.guard.example import is_file, parts
from bot.guard.tests import LiteralRequest
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
_RAISED = (("fastapi", "HTTPException"), ("pydantic", "ValidationError"))


def tests(spec: Spec) -> str:
    """Return the source of `test_executor.py`: it holds the values that the scenarios name, and `...` for the rest."""
    functions = [_test(scenario, spec) for scenario in spec.scenarios]
    used = [module for module in ("base64", "pytest") if any(f"{module}." in function for function in functions)]
    raised = [f"from {home} import {name}" for home, name in _RAISED if any(name in text for text in functions)]
    imports = [*(f"import {module}" for module in used), "from executor import Input, execute", *raised]
    return "\n\n\n".join(["\n".join(imports), *functions])


def literal_request(scenario: Scenario, spec: Spec) -> LiteralRequest | None:
    """Return what the test of a scenario sends, as the person wrote it; None where the person wrote no data."""
    if scenario.request is None:
        return None
    required = spec.input_schema.get("required", ())
    names = {name: field_name(name) for name in scenario.request}
    # `Input` refuses a request without them, so a test that shall be answered could not be passed.
    lacking = () if scenario.is_refused else tuple(field_name(name) for name in required if name not in names)
    return LiteralRequest(scenario.request, names, frozenset(lacking))


def has_files(schema: dict[str, Any]) -> bool:
    """Tell whether a field of `schema` holds a file."""
    return any(is_file(part) for part in parts(schema))


def _test(scenario: Scenario, spec: Spec) -> str:
    given, expected = scenario.given or {}, scenario.expected or {}
    lines = [f"def test_{scenario.name}():"]
    call = f"execute(Input({_arguments(scenario, spec)}))"
    if scenario.is_refused:
        return "\n".join([*lines, *_refused(call, scenario)])
    files = [
        f"    assert base64.b64decode(output.{field_name(name)}).startswith({_SIGNATURES[media]!r})"
        for name, schema in spec.output_schema["properties"].items()
        if (media := schema.get("contentMediaType", "")) in _SIGNATURES and "contentEncoding" in schema
    ]
    if given or expected or files or scenario.request is not None:
        lines.append(f"    output = {call}")
        lines += [f"    assert output.{field_name(name)} == {_literal(value)}" for name, value in expected.items()]
        lines += files
    if not expected:
        lines.append("    # and what else the test says" if files else "    ...")
    return "\n".join(lines)


def _arguments(scenario: Scenario, spec: Spec) -> str:
    """Return the arguments of `Input`, with `...` where the scenario names no value."""
    literal = literal_request(scenario, spec)
    if literal is not None:
        return literal.arguments()
    given = scenario.given or {}
    return ", ".join(
        f"{field_name(name)}={repr(given[name]) if name in given else '...'}"
        for name in spec.input_schema["properties"]
        if name in given or name in spec.input_schema.get("required", ())
    )


def _refused(call: str, scenario: Scenario) -> list[str]:
    """Return the lines of a test that expects a refusal. The schema refuses with 422, the executor as it likes."""
    if scenario.status in ("4xx", 422):
        return ["    with pytest.raises((HTTPException, ValidationError)):", f"        {call}"]
    return [
        "    with pytest.raises(HTTPException) as refusal:",
        f"        {call}",
        f"    assert refusal.value.status_code == {scenario.status}",
    ]


def _literal(value: Any) -> str:
    return f"pytest.approx({value!r})" if isinstance(value, float) else repr(value)
