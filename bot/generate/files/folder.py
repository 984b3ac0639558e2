"""The folder of a service, `services/<slug>/`: made from a specification and a model's files, and read back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bot.errors import UserError
from bot.foreign import without_keys
from bot.generate import samples
from bot.guard.source import Source
from bot.render import render, templates_dir
from bot.values.naming import (
    DESCRIPTION,
    DOCKERFILE,
    EXECUTOR,
    FIXTURES,
    INTERFACE,
    REQUIREMENTS,
    TEST_REQUIREMENTS,
    TESTING_FILES,
    TESTS,
    service_folder,
)
from bot.values.service import Fixture, Service, Spec, Strategy

RESOURCES: dict[str, Any] = {"timeout": 60, "memory": 1024, "cpus": 1.0, "pids": 256}
"""The limit of an execution in seconds, and the limits of a container in MiB, cores and processes."""

_FIXED = ("server.py", ".dockerignore", *TESTING_FILES)
_SYSTEM_PACKAGES = re.compile(r'^ARG SYSTEM_PACKAGES=(?:"(?P<quoted>[^"\n]*)"|(?P<bare>\S*))[ \t]*$', re.MULTILINE)
_COPY_TESTS = re.compile(r"^COPY test_executor\.py /tests/", re.MULTILINE)
# The whole instruction, over its continued lines, up to the version of pytest.
_INSTALL_PYTEST = re.compile(
    r"^RUN (?:[^\n]*\\\n)*?[^\n]*/testing/venv(?:[^\n]*\\\n)*[^\n]*\bpytest==[^\s\\]+", re.MULTILINE
)
_DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(?::[a-z0-9]+)?")


@dataclass(frozen=True)
class Blueprint:
    """What a service's folder is made from, besides the files that the model writes.

    Attributes:
        issue: the number of the issue that asked for the service.
        base_image: the image that the Dockerfile begins with.
        fixtures: the files that the service's tests read.
    """

    spec: Spec
    strategy: Strategy
    issue: int
    base_image: str
    fixtures: tuple[Fixture, ...] = ()


def service_files(blueprint: Blueprint, service: Service) -> dict[str, str | bytes]:
    """Return every file of a new service by its path in the repository: text, and the bytes of what its tests read.

    Raises:
        UserError: a system package's name is not valid; it must not reach a shell.
    """
    fixtures = {fixture.name: fixture.content for fixture in blueprint.fixtures} | _samples(service)
    files = {
        **texts(service),
        DOCKERFILE: render(
            "service/Dockerfile.j2",
            base_image=blueprint.base_image,
            system_packages=_checked(service.system_packages),
            fixtures=bool(fixtures),
            test_requirements=bool(service.test_requirements),
        ),
        DESCRIPTION: _dump(_described(blueprint, service)),
    }
    files.update({name: (templates_dir() / "service" / name).read_text(encoding="utf-8") for name in _FIXED})
    folder = service_folder(blueprint.spec.slug)
    return {
        **{f"{folder}/{name}": _ends_with_newline(text) for name, text in files.items()},
        **{f"{folder}/{FIXTURES}/{name}": content for name, content in fixtures.items()},
    }


def texts(service: Service) -> dict[str, str]:
    """Return the files of a service that hold nothing but what a model has written, by name within the folder."""
    written = {
        INTERFACE: service.interface,
        EXECUTOR: service.executor,
        TESTS: service.tests,
        TEST_REQUIREMENTS: service.test_requirements,
        REQUIREMENTS: service.requirements,
    }
    # There may be no package that a service needs; the Dockerfile wants the file.
    return {name: _ends_with_newline(text) for name, text in written.items() if text or name == REQUIREMENTS}


def only_texts_change(before: Service, after: Service, spec: Spec | None) -> bool:
    """Return whether a fix changes none of the files that also hold something else, so that they need not be read.

    Args:
        spec: as for `changed_files`.
    """
    other = [(one.system_packages, one.example, bool(one.test_requirements), _samples(one)) for one in (before, after)]
    return spec is None and other[0] == other[1]


def changed_files(
    folder: str, before: Service, after: Service, files: dict[str, str], spec: Spec | None = None
) -> dict[str, str | bytes]:
    """Return what a fix changes, by path in the repository; empty where it changes nothing.

    Args:
        folder: the service's, `services/<slug>`.
        before: the service as the model was shown it.
        after: the service as the model changed it.
        files: the files on the branch, by name within the folder. A person may have changed them: a file that the fix
            does not touch stays. Of the Dockerfile only the line with the system packages is replaced, and what is
            needed is added where tests get their first sample files or packages.
        spec: what the service has become; None where that has not changed.

    Raises:
        UserError: the Dockerfile has no line `ARG SYSTEM_PACKAGES="..."` any more, or a system package's name is not
            valid.
    """
    old, new = texts(before), texts(after)
    changed: dict[str, str | bytes] = {
        # A file that is not needed any more stays, and is empty.
        name: new.get(name, "\n")
        for name in {**old, **new}
        if new.get(name) != old.get(name)
    }
    if after.system_packages != before.system_packages:
        changed[DOCKERFILE] = _with_system_packages(files.get(DOCKERFILE, ""), after.system_packages)
    was = _samples(before)
    if added := {name: content for name, content in _samples(after).items() if name not in was}:
        changed |= {f"{FIXTURES}/{name}": content for name, content in added.items()}
        dockerfile = str(changed.get(DOCKERFILE, files.get(DOCKERFILE, "")))
        if "COPY fixtures/" not in dockerfile:
            changed[DOCKERFILE] = _COPY_TESTS.sub(r"COPY fixtures/ /tests/fixtures/\n\g<0>", dockerfile, count=1)
    if after.test_requirements and not before.test_requirements:
        dockerfile = str(changed.get(DOCKERFILE, files.get(DOCKERFILE, "")))
        changed[DOCKERFILE] = _with_test_requirements(dockerfile)
    if after.example != before.example or spec is not None:
        said = {} if spec is None else spec.model_dump(mode="json")
        changed[DESCRIPTION] = _dump({**_load(files), **said, "example": after.example})
    return {f"{folder}/{name}": text for name, text in changed.items() if text != files.get(name)}


def with_update(described: str, issue: int) -> str:
    """Return the text of a `service.json` that also names an issue which has had the service changed."""
    manifest = json.loads(described)
    return _dump({**manifest, "updates": [*manifest.get("updates", ()), issue]})


def read_service(files: dict[str, str]) -> tuple[Spec, Strategy, Service]:
    """Read a folder's files (by name within the folder) back into what they were made from.

    Raises:
        UserError: names the file that is missing or does not hold what it should.
    """
    described = _load(files)
    try:
        spec = Spec.model_validate({name: described[name] for name in Spec.model_fields if name in described})
        strategy = Strategy.model_validate(described["strategy"])
        service = Service(
            interface=files.get(INTERFACE, ""),
            executor=_file(files, EXECUTOR),
            tests=_file(files, TESTS),
            test_requirements=files.get(TEST_REQUIREMENTS, ""),
            requirements=_file(files, REQUIREMENTS),
            system_packages=_system_packages(_file(files, DOCKERFILE)),
            example=described["example"],
        )
    except (KeyError, ValueError) as error:
        raise UserError(
            "`%(file)s` does not describe a service: %(reason)s", file=DESCRIPTION, reason=str(error)
        ) from error
    return spec, strategy, service


def _samples(service: Service) -> dict[str, bytes]:
    return samples.sample_files(Source.read(TESTS, service.tests))


def _described(blueprint: Blueprint, service: Service) -> dict[str, Any]:
    described = blueprint.spec.model_dump(mode="json")
    slug, title, summary = (described.pop(name) for name in ("slug", "title", "summary"))
    return {
        "slug": slug,
        "title": title,
        "summary": summary,
        "issue": blueprint.issue,
        "example": service.example,
        "resources": RESOURCES,
        "strategy": blueprint.strategy.model_dump(mode="json"),
        **described,
    }


def _dump(described: dict[str, Any]) -> str:
    return without_keys(json.dumps(described, indent=2, ensure_ascii=False)) + "\n"


def _load(files: dict[str, str]) -> dict[str, Any]:
    try:
        described = json.loads(_file(files, DESCRIPTION))
    except json.JSONDecodeError as error:
        raise UserError("`%(file)s` is not valid JSON: %(reason)s", file=DESCRIPTION, reason=str(error)) from error
    if not isinstance(described, dict) or not isinstance(described.get("slug"), str):
        raise UserError("`%(file)s` does not describe a service: it has no `slug`", file=DESCRIPTION)
    return described


def _file(files: dict[str, str], name: str) -> str:
    if name not in files:
        raise UserError("The service's folder has no `%(name)s`.", name=name)
    return files[name]


def _system_packages(dockerfile: str) -> tuple[str, ...]:
    match = _SYSTEM_PACKAGES.search(dockerfile)
    return tuple((match["quoted"] or match["bare"] or "").split()) if match else ()


def _with_system_packages(dockerfile: str, packages: tuple[str, ...]) -> str:
    line = f'ARG SYSTEM_PACKAGES="{" ".join(_checked(packages))}"'
    text, count = _SYSTEM_PACKAGES.subn(lambda _: line, dockerfile, count=1)
    if not count:
        raise UserError(
            'The Dockerfile has no line `ARG SYSTEM_PACKAGES="..."`, so I cannot set it to `%(packages)s`. Put the '
            "line back, or install them yourself.",
            packages=" ".join(packages),
        )
    return text


def _with_test_requirements(dockerfile: str) -> str:
    """Return a Dockerfile that installs what tests need.

    Raises:
        UserError: it has no line that installs pytest for the tests.
    """
    if f"--requirement {TEST_REQUIREMENTS}" in dockerfile:
        return dockerfile
    text, count = _INSTALL_PYTEST.subn(
        rf"COPY {TEST_REQUIREMENTS} ./\n\g<0> --requirement {TEST_REQUIREMENTS}", dockerfile, count=1
    )
    if not count:
        raise UserError(
            "The Dockerfile has no step that installs pytest, so the tests cannot have `%(file)s`. Put the step back "
            "as in other services, or install it yourself.",
            file=TEST_REQUIREMENTS,
        )
    return text


def _checked(packages: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [name for name in packages if not _DEBIAN_PACKAGE.fullmatch(name)]
    if wrong:
        raise UserError("No Debian package can be called %(names)s.", names=", ".join(f"`{name}`" for name in wrong))
    return packages


def _ends_with_newline(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
