"""From the files of a reply to a service, or to the faults for which the reply is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.clients.llm import Refused, WouldFail
from bot.generate import samples
from bot.generate.draft import interface_source
from bot.generate.files.preflight import Preflight
from bot.generate.files.reply import Reply
from bot.guard.example import example_faults, is_file, parts
from bot.guard.packages import debian_packages, direct_requirements, python_packages
from bot.guard.source import Source
from bot.guard.tests import lock_faults
from bot.values.naming import EXECUTOR, REQUIREMENTS, TEST_REQUIREMENTS, TESTS
from bot.values.service import Brief, ScenarioTests, Service, Spec, Strategy

_MOST_FAULTS = 12
"""How many faults the model is told at once."""


def assemble(
    preflight: Preflight, brief: Brief, strategy: Strategy, reply: Reply, before: Service | None = None
) -> Service:
    """Return the service that the files of a reply make. Files of tests in the reply do not count.

    Args:
        before: the service on the branch, which the reply fixes; None where the reply is a new service, which takes the
            brief's tests.

    Raises:
        WouldFail: a build would fail; the text lists all faults.
        TransientError: the package index or the Debian archive does not answer.
    """
    files, spec = reply.files, brief.spec
    was_executor = Source.read(EXECUTOR, before.executor) if before else None
    # A person may have changed interface.py on the branch.
    types = before.interface if before else interface_source(spec.input_schema, spec.output_schema)
    executor = preflight.mended(_source(EXECUTOR, files, was_executor), types)
    faults = preflight.executor(executor, was_executor, types)
    pinned, wrong = _requirements(preflight, files, before)
    faults += wrong
    system_packages, wrong = _system_packages(preflight, files, before)
    faults += wrong
    example, wrong = _example(spec, files, before)
    faults += wrong
    if not faults and (lacking := preflight.lacking(executor, pinned)):
        pinned, faults = preflight.pinned([*direct_requirements(pinned), *lacking])
    if not faults:
        faults = preflight.imports(executor, pinned)
    if faults:
        raise WouldFail(_listed(faults))
    tests = _tests(brief, before)
    service = Service(
        interface=types,
        executor=executor.text,
        tests=tests.source,
        test_requirements=tests.requirements,
        requirements=pinned,
        system_packages=system_packages,
        example=example,
    )
    # The caller refuses a fix that changes nothing; no build is needed for that.
    if preflight.build is not None and service != before and (death := preflight.build(spec, strategy, service)):
        raise WouldFail(f"The files were built and tested, which failed:\n{death}")
    return service


def assemble_tests(
    preflight: Preflight, spec: Spec, reply: Reply, review: Sequence[str] = (), before: ScenarioTests | None = None
) -> ScenarioTests:
    """Return the tests that the files of a reply make.

    Args:
        review: the tests that the reply may change, where it reviews those of `before`.

    Raises:
        WouldFail: they are no tests of the scenarios, or a build would fail; the text lists all faults.
        TransientError: the package index does not answer.
    """
    source = preflight.mended(Source.read(TESTS, reply.files[TESTS]))
    faults = [*preflight.tests(source, spec), *samples.sample_faults(source)]
    if before is not None:
        faults += lock_faults(Source.read(TESTS, before.source), source, review)
    pinned, wrong = before.requirements if before else "", list[str]()
    if TEST_REQUIREMENTS in reply.files or before is None:
        required, wrong = python_packages(reply.files.get(TEST_REQUIREMENTS, "").splitlines())
        pinned, unpinned = preflight.pinned_for_tests(required)
        wrong += unpinned
    faults += wrong
    if not faults and (lacking := preflight.lacking(source, pinned)):
        pinned, faults = preflight.pinned_for_tests([*direct_requirements(pinned), *lacking])
    if not faults:
        faults = preflight.imports(source, pinned)
    if faults:
        raise WouldFail(_listed(faults))
    return ScenarioTests(source=source.text, requirements=pinned)


def _tests(brief: Brief, before: Service | None) -> ScenarioTests:
    if before is not None:
        return before.scenario_tests
    if brief.tests is None:
        raise ValueError("a service is written for tests, and there are none")
    return brief.tests


def _source(name: str, files: Mapping[str, str], before: Source | None) -> Source:
    """Return a file as the reply has it, or as it was; a text that did not change is not parsed again."""
    if before is not None and files.get(name, before.text) == before.text:
        return before
    return Source.read(name, files.get(name, ""))


def _requirements(preflight: Preflight, files: Mapping[str, str], before: Service | None) -> tuple[str, list[str]]:
    """Return the text of requirements.txt in exact versions, and the faults of the requirements."""
    required, faults = python_packages(files.get(REQUIREMENTS, "").splitlines())
    required = preflight.needed(required)
    if before is not None:
        same = set(required) == set(direct_requirements(before.requirements))
        if same or REQUIREMENTS not in files:
            return before.requirements, faults
    pinned, unpinned = preflight.pinned(required)
    return pinned, [*faults, *unpinned]


def _system_packages(
    preflight: Preflight, files: Mapping[str, str], before: Service | None
) -> tuple[tuple[str, ...], list[str]]:
    if "packages.txt" not in files:
        return before.system_packages if before else (), []
    names, faults = debian_packages(files["packages.txt"].splitlines())
    return tuple(names), [*faults, *preflight.system_packages(names)]


def _example(spec: Spec, files: Mapping[str, str], before: Service | None) -> tuple[dict[str, Any], list[str]]:
    if "example.json" not in files:
        return (before.example, []) if before else ({}, ["example.json is missing"])
    try:
        value = samples.filled(json.loads(files["example.json"]))
    except Refused as refusal:
        return {}, [f"example.json: {refusal}"]
    except (ValueError, RecursionError) as error:
        return {}, [f"example.json is not valid JSON: {error}"]
    faults = example_faults(value, spec.input_schema)
    if any("base64" in fault for fault in faults):
        media = {str(part["contentMediaType"]) for part in parts(spec.input_schema) if is_file(part)}
        forms = sorted({json.dumps(samples.placeholder(each)) for each in media} | {'{"$text": "..."}'})
        faults.append(f"example.json: write {' or '.join(forms)} in the place of a file")
    return ({}, faults) if faults else (value, [])


def _listed(faults: Iterable[str]) -> str:
    return "\n".join(f"- {fault}" for fault in list(dict.fromkeys(faults))[:_MOST_FAULTS])
