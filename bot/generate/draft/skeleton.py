"""The parts of a service's files that follow from its specification: no model has to invent them."""

from __future__ import annotations

import json
from typing import Any

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
_VALUES: dict[str, Any] = {"string": "...", "integer": 1, "number": 1.5, "boolean": True, "object": {}, "array": []}


def classes(spec: Spec) -> str:
    """Return the source of the classes `Input` and `Output`."""
    return f"{_class('Input', spec.input_schema)}\n\n\n{_class('Output', spec.output_schema)}"


def example(spec: Spec) -> str:
    """Return the shape of `example.json`, with placeholders."""
    shape: dict[str, Any] = {}
    for name, schema in spec.input_schema["properties"].items():
        if schema.get("contentEncoding") == "base64":
            shape[name] = {"$file": schema["contentMediaType"]}
        else:
            shape[name] = _VALUES[schema["type"]]
    return json.dumps(shape, ensure_ascii=False)


def tests(spec: Spec) -> str:
    """Return the source of `test_executor.py`: it holds the values that the scenarios name, and `...` for the rest."""
    functions = [_test(scenario, spec) for scenario in spec.scenarios]
    used = [module for module in ("base64", "pytest") if any(f"{module}." in function for function in functions)]
    imports = [*(f"import {module}" for module in used), "from executor import Input, execute"]
    return "\n\n\n".join(["\n".join(imports), *functions])


def has_files(schema: dict[str, Any]) -> bool:
    """Tell whether a field of `schema` holds a file."""
    return any("contentEncoding" in field for field in schema["properties"].values())


def _test(scenario: Scenario, spec: Spec) -> str:
    given, expected = scenario.given or {}, scenario.expected or {}
    lines = [f"def test_{scenario.name}():"]
    arguments = ", ".join(
        f"{name}={given[name]!r}" if name in given else f"{name}=..." for name in spec.input_schema["properties"]
    )
    files = [
        f"    assert base64.b64decode(output.{name}).startswith({_SIGNATURES[media]!r})"
        for name, schema in spec.output_schema["properties"].items()
        if (media := schema.get("contentMediaType", "")) in _SIGNATURES and "contentEncoding" in schema
    ]
    if given or expected or files:
        lines.append(f"    output = execute(Input({arguments}))")
        lines += [f"    assert output.{name} == {_literal(value)}" for name, value in expected.items()]
        lines += files
    if not expected:
        lines.append("    # and what else the test says" if files else "    ...")
    return "\n".join(lines)


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
