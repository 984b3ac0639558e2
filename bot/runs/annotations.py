"""Where in a service's own files a build failed, for people who read the pull request: one line, one annotation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.values.checks import Annotation
from bot.values.failure import Failure
from bot.values.naming import REQUIREMENTS, TESTS

LIMIT = 50
"""Annotations that GitHub takes in one request."""
_LONGEST = 1_000
"""Characters of a message."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class _Place(NamedTuple):
    file: str
    line: int
    text: str


def annotate(failure: Failure, files: Mapping[str, str], folder: str) -> tuple[Annotation, ...]:
    """Return the annotations of a failure: on the line of its cause, and on each failed test where it is defined.

    Lines that are not there get none: what a log says of a line may be about another version of the file.

    Args:
        files: the text of the service's files by name within its folder, as they were built.
        folder: the path of that folder in the repository.
    """
    texts: dict[tuple[str, int], list[str]] = {}
    for place in _places(failure, files, folder):
        said = texts.setdefault((place.file, place.line), [])
        if place.text not in said:
            said.append(place.text)
    return tuple(
        Annotation(path=f"{folder}/{file}", line=line, message="\n".join(said)[:_LONGEST])
        for (file, line), said in list(texts.items())[:LIMIT]
    )


def file_within(path: str, files: Mapping[str, str], folder: str) -> str | None:
    """Return the name within the service's folder of a file that a log names, or None where it is none of these."""
    name = path.removeprefix("./").removeprefix(f"{folder}/")
    if name in files:
        return name
    last = name.rpartition("/")[2]
    return last if last in files else None


def _places(failure: Failure, files: Mapping[str, str], folder: str) -> Iterator[_Place]:
    """Yield what is wrong where, the most telling first."""
    file = file_within(failure.file, files, folder)
    if file is not None:
        line = failure.line or (_requirement(failure.headline, files[file]) if file == REQUIREMENTS else None)
        if _is_there(line, files[file]):
            yield _Place(file, line or 0, failure.headline)
    for test in failure.tests:
        if (line := _definition(test.name, files.get(TESTS, ""))) is not None:
            yield _Place(TESTS, line, test.error or f"{test.name} failed")
        file = file_within(test.file, files, folder)
        if file is not None and test.line != failure.line and _is_there(test.line, files[file]):
            yield _Place(file, test.line or 0, f"{test.name}: {test.error}")
    for dispute in failure.disputes:
        if (line := _definition(dispute.test, files.get(TESTS, ""))) is not None:
            yield _Place(TESTS, line, f"{dispute.test} {dispute.reason}")


def _is_there(line: int | None, text: str) -> bool:
    return line is not None and 1 <= line <= len(text.splitlines())


def _definition(test: str, source: str) -> int | None:
    """Return the line at which a test is defined, e.g. "test_upper[a]" or "TestMore::test_upper", or None."""
    *classes, name = re.split(r"::|\.", test.partition("[")[0])
    heads = [rf"class\s+{re.escape(each)}\b" for each in classes] + [rf"(?:async\s+)?def\s+{re.escape(name)}\s*\("]
    lines = source.splitlines()
    at = 0
    for head in heads:
        found = (number for number, line in enumerate(lines[at:], at + 1) if re.match(rf"\s*{head}", line))
        line = next(found, None)
        if line is None:
            return None
        at = line
    return at


def _requirement(headline: str, requirements: str) -> int | None:
    """Return the line of the first requirement that a headline names, or None."""
    named = {_normal(word) for word in _NAME.findall(headline)}
    for number, line in enumerate(requirements.splitlines(), 1):
        match = _NAME.match(line.strip())
        if match and (_normal(match[0]) in named):
            return number
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
