"""From the files of a reply to a service, or to the reasons why not: the preflight."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.clients.llm import Refused
from bot.clients.packages import Packages, Unresolvable
from bot.generate import samples
from bot.guard import example as example_guard
from bot.guard import executor as executor_guard
from bot.guard import scenarios as scenario_guard
from bot.guard.requirements import debian_packages, direct, noted, python_packages
from bot.models import Service, Spec


def assemble(packages: Packages, spec: Spec, files: Mapping[str, str], before: Service | None) -> Service:
    """Return the service that `files` make, or make of `before`; what a file does not change stays as it was.

    Raises:
        Refused: names everything that is wrong at once.
        TransientError: the package index does not answer.
    """
    problems: list[str] = []
    executor = files.get("executor.py", before.executor if before else "")
    tests = files.get("test_executor.py", before.tests if before else "")
    problems += _source_problems(spec, executor, tests, before)
    required, faults = python_packages(files.get("requirements.txt", "").splitlines())
    problems += faults
    if "packages.txt" in files:
        system_packages, faults = debian_packages(files["packages.txt"].splitlines())
        problems += faults
    else:
        system_packages = list(before.system_packages) if before else []
    example, faults = _example(spec, files, before)
    problems += faults
    if problems:
        raise Refused(_listed(problems))
    if before is not None and ("requirements.txt" not in files or set(required) == set(direct(before.requirements))):
        pinned = before.requirements
    else:
        pinned = _pinned(packages, required)
    return Service(
        executor=executor,
        tests=tests,
        requirements=pinned,
        system_packages=tuple(system_packages),
        example=example,
    )


def _source_problems(spec: Spec, executor: str, tests: str, before: Service | None) -> list[str]:
    problems = []
    tree = executor_guard.parse("executor.py", executor)
    if isinstance(tree, str):
        problems.append(tree)
    else:
        # A person may have given the branch other fields than the specification has; a fix keeps either.
        kept = before is not None and _same_fields(tree, before.executor)
        problems += executor_guard.problems(tree, spec, same_fields=kept)
    tree = executor_guard.parse("test_executor.py", tests)
    if isinstance(tree, str):
        return [*problems, tree]
    problems += scenario_guard.problems(tree, spec.scenarios)
    if before is not None:
        was = executor_guard.parse("test_executor.py", before.tests)
        if not isinstance(was, str):
            problems += scenario_guard.weakened(was, tree, spec.scenarios)
    return problems


def _same_fields(tree: ast.Module, before: str) -> bool:
    was = executor_guard.parse("executor.py", before)
    return not isinstance(was, str) and all(
        executor_guard.fields(tree, name) == executor_guard.fields(was, name) for name in ("Input", "Output")
    )


def _example(spec: Spec, files: Mapping[str, str], before: Service | None) -> tuple[dict[str, Any], list[str]]:
    if "example.json" not in files:
        return (before.example, []) if before else ({}, ["example.json is missing"])
    try:
        value = samples.filled(json.loads(files["example.json"]))
    except Refused as refusal:
        return {}, [str(refusal)]
    except (ValueError, RecursionError) as error:
        return {}, [f"example.json is not valid JSON: {error}"]
    faults = example_guard.problems(value, spec.input_schema)
    return ({}, faults) if faults else (value, [])


def _pinned(packages: Packages, required: Sequence[str]) -> str:
    try:
        return noted(required, packages.pin("\n".join(required)))
    except Unresolvable as error:
        raise Refused(f"requirements.txt cannot be installed; require other packages, or none: {error}") from error


def _listed(problems: Iterable[str]) -> str:
    return "\n".join(f"- {problem}" for problem in list(dict.fromkeys(problems))[:12])
