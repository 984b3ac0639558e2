"""What `executor.py` must be, whatever it does."""

from __future__ import annotations

import ast
from typing import Any

from bot.models import Spec


def parse(name: str, source: str) -> ast.Module | str:
    """Return the syntax tree of a file, or what is wrong with it."""
    try:
        return ast.parse(source, filename=name)
    except SyntaxError as error:
        return f"{name}, line {error.lineno}: {error.msg}: `{(error.text or '').strip()[:200]}`"
    except (ValueError, RecursionError, MemoryError) as error:
        # A null byte, or nesting that no person writes.
        return f"{name} cannot be parsed: {error or type(error).__name__}"


def problems(tree: ast.Module, spec: Spec, *, same_fields: bool = False) -> list[str]:
    """Return how the file differs from what the service's server and its specification expect.

    Args:
        same_fields: the fields are those of the file before, whatever the specification says.
    """
    found = []
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for name, schema in (("Input", spec.input_schema), ("Output", spec.output_schema)):
        if name in classes:
            found += [] if same_fields else _fields(classes[name], schema)
        else:
            found.append(f"executor.py must define `class {name}(BaseModel)` at top level")
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "execute"]
    if not functions:
        found.append("executor.py must define `def execute(input: Input) -> Output` at top level, not async")
    else:
        arguments = functions[-1].args
        wanted = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
        needs_more = any(default is None for default in arguments.kw_defaults)
        if wanted != 1 or needs_more:
            found.append("executor.py: `execute` must take exactly one argument, `input: Input`")
    return found


def fields(tree: ast.Module, name: str) -> frozenset[str]:
    """Return the names of the fields of class `name`; empty where there is no such class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return frozenset(_declared(node))
    return frozenset()


def _fields(node: ast.ClassDef, schema: dict[str, Any]) -> list[str]:
    declared = _declared(node)
    wanted = schema.get("properties", {})
    found = [f"executor.py: class {node.name} lacks the field `{name}`" for name in wanted if name not in declared]
    unknown = [name for name in declared if name not in wanted]
    return found + [f"executor.py: class {node.name} must not have the field `{name}`" for name in unknown]


def _declared(node: ast.ClassDef) -> dict[str, ast.AnnAssign]:
    return {
        part.target.id: part
        for part in node.body
        if isinstance(part, ast.AnnAssign)
        and isinstance(part.target, ast.Name)
        and not part.target.id.startswith("_")
        and part.target.id != "model_config"
        and "ClassVar" not in ast.unparse(part.annotation)
    }
