"""From the files of a reply to a service, or to the reasons why not: the preflight."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bot.clients.llm.model import Refused, WouldFail
from bot.generate.draft import skeleton
from bot.generate.files import samples
from bot.generate.files.preflight import Preflight
from bot.guard import example as example_guard
from bot.guard.executor import rules as executor_guard
from bot.guard.packages.requirements import debian_packages, direct, python_packages
from bot.guard.tests import scenarios as scenario_guard
from bot.guard.tests.lock import locked
from bot.values.service import Service, Spec, Strategy


def assemble(
    preflight: Preflight,
    spec: Spec,
    strategy: Strategy,
    files: Mapping[str, str],
    before: Service | None,
    disputed: Collection[str] = (),
) -> Service:
    """Return the service that `files` make, or make of `before`; what a file does not change stays as it was.

    Args:
        disputed: names of generated tests that the model says contradict the description.

    Raises:
        WouldFail: names everything that is wrong at once.
        TransientError: the package index or the Debian archive does not answer.
    """
    executor = files.get("executor.py", before.executor if before else "")
    # A person may have given the branch other classes than the specification has.
    classes = before.executor if before else skeleton.input_and_output(spec)
    executor = preflight.mended("executor.py", executor, classes)
    tests = preflight.mended("test_executor.py", files.get("test_executor.py", before.tests if before else ""))
    problems = _source_problems(preflight, spec, executor, tests, before, disputed)
    required, faults = python_packages(files.get("requirements.txt", "").splitlines())
    required = preflight.needed(required)
    problems += faults
    if "packages.txt" in files:
        system_packages, faults = debian_packages(files["packages.txt"].splitlines())
        problems += [*faults, *preflight.system_packages(system_packages)]
    else:
        system_packages = list(before.system_packages) if before else []
    example, faults = _example(spec, files, before)
    problems += faults
    if before is not None and ("requirements.txt" not in files or set(required) == set(direct(before.requirements))):
        pinned = before.requirements
    else:
        pinned, faults = preflight.pinned(required)
        problems += faults
    if not problems and (lacking := preflight.lacking(executor, tests, pinned)):
        pinned, problems = preflight.pinned([*direct(pinned), *lacking])
    if not problems:
        problems += preflight.imports(executor, tests, pinned)
    if problems:
        raise WouldFail(_listed(problems))
    service = Service(
        executor=executor,
        tests=tests,
        requirements=pinned,
        system_packages=tuple(system_packages),
        example=example,
    )
    # What changes nothing is refused elsewhere, and need not be built for that.
    if preflight.build is not None and service != before and (death := preflight.build(spec, strategy, service)):
        raise WouldFail(f"The files were built and tested, which failed:\n{death}")
    return service


def _source_problems(
    preflight: Preflight,
    spec: Spec,
    executor: str,
    tests: str,
    before: Service | None,
    disputed: Collection[str],
) -> list[str]:
    problems = []
    tree = executor_guard.parse("executor.py", executor)
    if isinstance(tree, str):
        problems += preflight.saving([tree])
    else:
        # A person may have given the branch other fields than the specification has; a fix keeps either.
        kept = before is not None and _same_fields(tree, before.executor)
        theirs = _parsed("executor.py", before.executor) if before is not None else None
        problems += preflight.saving(executor_guard.problems(tree, spec, same_fields=kept, before=theirs))
        known = executor_guard.undefined(theirs) if theirs is not None else []
        problems += preflight.saving([text for text in executor_guard.undefined(tree) if text not in known])
    tree = executor_guard.parse("test_executor.py", tests)
    if isinstance(tree, str):
        return [*problems, *preflight.saving([tree])]
    was = _parsed("test_executor.py", before.tests) if before is not None else None
    outputs = spec.output_schema.get("properties", {})
    problems += preflight.saving(scenario_guard.problems(tree, spec.scenarios, outputs=outputs, before=was))
    if was is not None:
        problems += locked(was, tree, spec.scenarios, disputed)
    return problems


def _parsed(name: str, source: str) -> ast.Module | None:
    tree = executor_guard.parse(name, source)
    return None if isinstance(tree, str) else tree


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


def _listed(problems: Iterable[str]) -> str:
    return "\n".join(f"- {problem}" for problem in list(dict.fromkeys(problems))[:12])
