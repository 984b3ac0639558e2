"""From the files of a reply to a service, or to the reasons why not: the preflight."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bot.clients.llm import Refused, WouldFail
from bot.generate.draft import skeleton
from bot.generate.files import samples
from bot.generate.files.preflight import Preflight
from bot.generate.files.reply import Reply
from bot.guard import example as example_guard
from bot.guard.executor import rules as executor_guard
from bot.guard.packages.requirements import debian_packages, direct, python_packages
from bot.guard.tests.lock import locked
from bot.values.service import Scenario, Service, Spec, Strategy


def assemble(preflight: Preflight, spec: Spec, strategy: Strategy, reply: Reply, before: Service | None) -> Service:
    """Return the service that the files of a reply make, or make of `before`; what a file does not change stays.

    Raises:
        WouldFail: names everything that is wrong at once.
        TransientError: the package index or the Debian archive does not answer.
    """
    files = reply.files
    executor = files.get("executor.py", before.executor if before else "")
    # A person may have given the branch other classes than the specification has.
    classes = before.executor if before else skeleton.input_and_output(spec)
    executor = preflight.mended("executor.py", executor, classes)
    tests = preflight.mended("test_executor.py", files.get("test_executor.py", before.tests if before else ""))
    problems = [
        *preflight.executor(executor, spec, before),
        *preflight.tests(tests, spec, before),
        *_loosened(tests, before, spec.scenarios, [dispute.test for dispute in reply.disputes]),
    ]
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


def _loosened(
    tests: str, before: Service | None, scenarios: Sequence[Scenario], disputed: Collection[str]
) -> list[str]:
    """Return which tests of the branch the new ones lack or weaken."""
    if before is None:
        return []
    was, tree = (executor_guard.parse("test_executor.py", source) for source in (before.tests, tests))
    if isinstance(was, str) or isinstance(tree, str):
        return []
    return locked(was, tree, scenarios, disputed)


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
