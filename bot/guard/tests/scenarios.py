"""The tests of scenarios: there is one for each, it calls the service with what the scenario says, and it asserts."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from bot.foreign import find_keys
from bot.guard.names import Function, all_bindings, line_range
from bot.guard.source import Source
from bot.guard.tests import rules
from bot.guard.tests.held import Held
from bot.guard.tests.literal import is_call, request_faults
from bot.guard.tests.testfile import DOOR, file_faults
from bot.values.naming import TESTS
from bot.values.service import Requirement, Scenario

FIXTURES = frozenset(
    """
    cache capfd capfdbinary caplog capsys capsysbinary doctest_namespace monkeypatch pytestconfig record_property
    recwarn request subtests tmp_path tmp_path_factory tmpdir tmpdir_factory
    """.split()  # noqa: SIM905 - as a list it would be a name a line
)
"""The fixtures that pytest itself has."""


def scenario_faults(
    source: Source, scenarios: Sequence[Scenario], requirements: Sequence[Requirement] = ()
) -> list[str]:
    """Return what is wrong with the test file as a test of `scenarios`, and of requirements, in words for the model.

    Whether a test can fail is not judged here: the build tries it against services that do nothing.
    """
    if source.fault:
        return [source.fault]
    try:
        return [
            *_missing(source.tree, scenarios, requirements),
            *_faults(source, [*scenarios, *map(_plain, requirements)]),
        ]
    except RecursionError:
        return [source.too_deep]


def holding(source: Source, texts: Collection[str]) -> list[str]:
    """Return the tests of a file that hold one of some texts as a value of their own, such as a field's name."""
    return [
        name
        for name, test in _tests(source.bare).items()
        if name.startswith("test")
        for nodes in [[node for part in _parts(source, test) for node in ast.walk(part)]]
        if any(isinstance(node, ast.Constant) and node.value in texts for node in nodes)
    ]


def used_names(source: Source, node: ast.AST) -> set[str]:
    """Return the names of the module that a part of the file uses, directly or through functions, fixtures and
    constants, and the names it uses that are bound nowhere.

    A function's own variable counts too if the module binds its name as well.
    """
    used: set[str] = set()
    waiting = list(_names(source, node))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            for definition in source.bindings.get(name, ()):
                waiting += _names(source, definition)
    return used


def _names(source: Source, node: ast.AST) -> set[str]:
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    names -= {name for name, _ in all_bindings(parts)} - source.bindings.keys()
    names |= _parameters(node)
    for part in getattr(node, "decorator_list", ()):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "usefixtures":
            names |= {str(fixture.value) for fixture in part.args if isinstance(fixture, ast.Constant)}
    return names


def _parameters(node: ast.AST) -> set[str]:
    """Return the names of a function's parameters; those of a test are fixtures."""
    if not isinstance(node, Function):
        return set()
    return {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}


def _tests(tree: ast.Module) -> dict[str, Function]:
    return {node.name: node for node in tree.body if isinstance(node, Function)}


def _missing(tree: ast.Module, scenarios: Sequence[Scenario], requirements: Sequence[Requirement]) -> list[str]:
    tests = _tests(tree)
    return [
        rules.MISSING.refuse(f"{TESTS} has no function `test_{wanted.name}` for the {kind}: {wanted.text}")
        for kind, all_wanted in (("scenario", scenarios), ("requirement", requirements))
        for wanted in all_wanted
        if f"test_{wanted.name}" not in tests
    ]


def _plain(requirement: Requirement) -> Scenario:
    """Return a requirement as a scenario whose words are all there is."""
    return Scenario(name=requirement.name, text=requirement.text)


def _faults(source: Source, scenarios: Sequence[Scenario]) -> list[str]:
    faults = file_faults(source)
    faults += [
        f"{TESTS} {rules.HOLDS_SECRET.refuse(f'must not hold a secret: {key.place}; leave it out')}"
        for key in find_keys(source.text)
    ]
    tests = _tests(source.bare)
    for scenario in scenarios:
        test = tests.get(f"test_{scenario.name}")
        if test is not None:
            faults += [f"{TESTS}: `{test.name}` {text}" for text in _test_faults(source, test, scenario)]
    return faults


def _test_faults(source: Source, test: Function, scenario: Scenario) -> Iterator[str]:
    parts = _parts(source, test)
    nodes = [node for part in parts for node in ast.walk(part)]
    if not any(map(is_call, nodes)):
        yield rules.SENDS_NOTHING.refuse("must send a request with the fixture `call`: `status, answer = call({...})`")
    if not any(isinstance(node, ast.Assert) for node in nodes):
        yield rules.ASSERTS_NOTHING.refuse("must assert what the scenario expects of `status` and `answer`")
    for name in sorted(_undefined(source, parts) | _unknown_fixtures(source, test)):
        yield rules.UNDEFINED.refuse(f"uses `{name}`, which is not defined; define or import it")
    if _left_open(test):
        yield rules.LEFT_OPEN.refuse("leaves a `...` where a value belongs: write the scenario's value there")
    if scenario.request is not None:
        yield from map(rules.OTHER_REQUEST.refuse, request_faults(parts, scenario.request))
    reads_files = any(isinstance(node, ast.Name) and node.id == "fixture" for node in nodes)
    yield from map(rules.LACKS_DATA.refuse, _missing_data(Held(parts), scenario, reads_files))


def _missing_data(held: Held, scenario: Scenario, reads_files: bool) -> Iterator[str]:
    """Yield what a scenario says literally and its test does not hold."""
    values = list(_values(scenario))
    for field, value in values:
        if not (held.holds_text(value) if isinstance(value, str) else held.holds_number(value)):
            yield f"must hold the value {value!r} that the scenario names for `{field}`"
    for quote in scenario.quotes:
        if quote not in {value for _, value in values} and not held.holds_quote(quote):
            text = quote.replace('\\"', '"')
            yield f"must hold {text!r}, which its scenario quotes, letter for letter: send it, or assert it"
    for name in scenario.files:
        if not (reads_files and held.holds_text(name)):
            yield f'must use the file that its scenario names: with the parameter `fixture`, `fixture("{name}")`'


def _parts(source: Source, test: Function) -> list[ast.AST]:
    """Return a test and everything in the file that it uses."""
    return [test, *(node for name in sorted(used_names(source, test)) for node in source.bindings.get(name, ()))]


def _undefined(source: Source, parts: Sequence[ast.AST]) -> set[str]:
    """Return the names that parts of the file use and nothing defines."""
    looked_at = {line for part in parts for line in line_range(part)}
    return {name for name, used_in in source.undefined.items() if looked_at.intersection(used_in)}


def _unknown_fixtures(source: Source, test: Function) -> set[str]:
    return _parameters(test) - source.bindings.keys() - FIXTURES - DOOR - _case_names(test) - set(dir(builtins))


def _left_open(test: Function) -> bool:
    """Tell whether a test holds the `...` that the model was to replace, as in `call({"text": ...})`."""
    parts = list(ast.walk(test))
    slices = {part for node in parts if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)}
    return any(isinstance(node, ast.Constant) and node.value is ... and node not in slices for node in parts)


def _case_names(test: Function) -> set[str]:
    """Return the parameters that decorators give, as `parametrize` does; they are no fixtures."""
    texts = [
        part.value
        for decorator in test.decorator_list
        for part in ast.walk(decorator)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return {name.strip() for text in texts for name in text.split(",")}


def _values(scenario: Scenario) -> Iterator[tuple[str, str | int | float]]:
    """Yield the texts and numbers in the scenario's data, each with its field."""

    def within(value: Any) -> Iterator[str | int | float]:
        if isinstance(value, dict):
            for part in value.values():
                yield from within(part)
        elif isinstance(value, list | tuple):
            for part in value:
                yield from within(part)
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            yield value

    if isinstance(scenario.status, int) and scenario.status != 200:
        yield "status", scenario.status
    for values in (scenario.given, scenario.expected):
        for field, value in (values or {}).items():
            yield from ((field, part) for part in within(value))
