"""The tests of the scenarios: every one must be there, call the service, assert something, and stay that way."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from bot.models import Scenario

_ESCAPES = frozenset(
    {"skip", "skipif", "xfail", "importorskip", "skipUnless", "skipIf", "expectedFailure", "SkipTest", "__test__"}
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def problems(tree: ast.Module, scenarios: Sequence[Scenario]) -> list[str]:
    """Return what is wrong with the test file as a test of `scenarios`."""
    found = []
    functions = [node for node in tree.body if isinstance(node, Function)]
    names = [function.name for function in functions]
    by_name = {function.name: function for function in functions}
    if not _imports_execute(tree):
        found.append("test_executor.py must begin with `from executor import Input, execute`")
    if "execute" in names:
        found.append("test_executor.py must import `execute`, not define it")
    found += [f"test_executor.py defines `{name}` twice" for name in sorted(set(names)) if names.count(name) > 1]
    found += [f"test_executor.py must not use `{name}`: every test runs" for name in sorted(_escapes(tree))]
    calling = _calling(by_name)
    for scenario in scenarios:
        name = f"test_{scenario.name}"
        function = by_name.get(name)
        if function is None:
            found.append(f"test_executor.py has no function `{name}` for the scenario: {scenario.text}")
            continue
        if name not in calling:
            found.append(f"test_executor.py: `{name}` must call `execute`")
        if not _asserts(function):
            found.append(f"test_executor.py: `{name}` must assert what the scenario expects")
    return found


def weakened(before: ast.Module, after: ast.Module, scenarios: Sequence[Scenario]) -> list[str]:
    """Return how `after` tests the scenarios less than `before` did.

    A model may have written a scenario's test wrongly, so that its code may change; but it keeps the number of its
    asserts, and the data that come from the person's words.
    """
    found = []
    old, new = _functions(before), _functions(after)
    for scenario in scenarios:
        name = f"test_{scenario.name}"
        if name not in old or name not in new:
            continue  # `problems` reports a missing one; what was never there cannot be weakened.
        if len(_asserts(new[name])) < len(_asserts(old[name])):
            found.append(f"`{name}` has fewer asserts than before; scenario tests may not be weakened")
        lost = _data(old[name], scenario.text) - _data(new[name], scenario.text)
        found += [
            f"`{name}` no longer holds {value!r}, which the scenario names; fix executor.py instead"
            for value in sorted(lost, key=repr)
        ]
    return found


def _functions(tree: ast.Module) -> dict[str, Function]:
    return {node.name: node for node in tree.body if isinstance(node, Function)}


def _imports_execute(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.module == "executor" and node.level == 0)
        or (isinstance(node, ast.Import) and any(alias.name == "executor" for alias in node.names))
        for node in tree.body
    )


def _escapes(tree: ast.Module) -> set[str]:
    """Return the names by which a test could avoid to run or to count."""
    used: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
                used.add(name)
    return used & _ESCAPES


def _calling(functions: dict[str, Function]) -> set[str]:
    """Return the functions that use `execute`, be it through another function or a fixture."""
    uses = {name: _names(function) for name, function in functions.items()}
    calling = {name for name, used in uses.items() if "execute" in used}
    while more := {name for name, used in uses.items() if name not in calling and used & calling}:
        calling |= more
    return calling


def _names(function: Function) -> set[str]:
    names = {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
    return names


def _asserts(function: Function) -> list[ast.AST]:
    """Return the statements that can fail: asserts about something, and `with pytest.raises(...)`."""
    return [
        node
        for node in ast.walk(function)
        if (isinstance(node, ast.Assert) and any(isinstance(part, ast.Name) for part in ast.walk(node.test)))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "raises")
    ]


def _data(function: Function, text: str) -> set[str | int | float]:
    """Return the literals of `function` that come from the scenario's words."""
    values: set[str | int | float] = set()
    documentation = function.body[0] if ast.get_docstring(function) is not None else None
    for statement in function.body:
        if statement is documentation:
            continue
        for node in ast.walk(statement):
            if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
                continue
            if isinstance(node.value, str | int | float) and _says(text, str(node.value).strip()):
                values.add(node.value)
    return values


def _says(text: str, word: str) -> bool:
    """Tell whether `word` stands in `text` by itself, not as a part of another word or number."""
    return bool(word) and re.search(rf"(?<![\w.]){re.escape(word)}(?![\w]|\.\w)", text) is not None
