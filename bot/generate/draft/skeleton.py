"""The parts of a service's files that follow from its specification: no model has to invent them."""

from __future__ import annotations

import json
from typing import Any

from bot.generate import samples
from bot.generate.draft.names import field_name
from bot.guard.tests import LiteralRequest
from bot.values.service import Scenario, Spec

_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "dict"}
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
_VALUES: dict[str, Any] = {"string": "...", "integer": 1, "number": 1.5, "boolean": True, "object": {}, "array": []}


def classes(spec: Spec) -> str:
    """Return the source of the classes `Input` and `Output`."""
    return f"{_class('Input', spec.input_schema)}\n\n\n{_class('Output', spec.output_schema)}"


def example(spec: Spec) -> str:
    """Return the shape of `example.json`, with placeholders."""
    shape: dict[str, Any] = {}
    for name, schema in spec.input_schema["properties"].items():
        if schema.get("contentEncoding") == "base64":
            shape[name] = samples.placeholder(schema["contentMediaType"])
        else:
            shape[name] = _VALUES[schema["type"]]
    return json.dumps(shape, ensure_ascii=False)


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
    fields, required = spec.input_schema.get("properties", {}), spec.input_schema.get("required", ())
    names = {name: name if name in fields else field_name(name) for name in scenario.request}
    # `Input` refuses a request without them, so a test that shall be answered could not be passed.
    lacking = () if scenario.is_refused else tuple(name for name in required if name not in names.values())
    return LiteralRequest(scenario.request, names, frozenset(lacking))


def has_files(schema: dict[str, Any]) -> bool:
    """Tell whether a field of `schema` holds a file."""
    return any("contentEncoding" in field for field in schema["properties"].values())


def _test(scenario: Scenario, spec: Spec) -> str:
    given, expected = scenario.given or {}, scenario.expected or {}
    lines = [f"def test_{scenario.name}():"]
    call = f"execute(Input({_arguments(scenario, spec)}))"
    if scenario.is_refused:
        return "\n".join([*lines, *_refused(call, scenario)])
    files = [
        f"    assert base64.b64decode(output.{name}).startswith({_SIGNATURES[media]!r})"
        for name, schema in spec.output_schema["properties"].items()
        if (media := schema.get("contentMediaType", "")) in _SIGNATURES and "contentEncoding" in schema
    ]
    if given or expected or files or scenario.request is not None:
        lines.append(f"    output = {call}")
        lines += [f"    assert output.{name} == {_literal(value)}" for name, value in expected.items()]
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
        f"{name}={given[name]!r}" if name in given else f"{name}=..." for name in spec.input_schema["properties"]
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


def _class(name: str, schema: dict[str, Any]) -> str:
    fields = [f"    {field}: {_annotation(part)}{_documented(part)}" for field, part in schema["properties"].items()]
    return "\n".join([f"class {name}(BaseModel):", *fields])


def _annotation(schema: dict[str, Any]) -> str:
    if schema["type"] == "array":
        return f"list[{_annotation(schema['items'])}]"
    return _TYPES[schema["type"]]


def _documented(schema: dict[str, Any]) -> str:
    description = schema.get("description", "")
    if schema.get("contentEncoding") == "base64":
        description = f"{description} (base64 of {schema['contentMediaType']})".strip()
    return f" = Field(description={json.dumps(description, ensure_ascii=False)})" if description else ""
