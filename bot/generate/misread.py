"""What code misread in a scenario, as the writer of the tests says: read anew, from words that really stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.clients.llm import Refused
from bot.generate.draft import foreign_to
from bot.generate.points import is_said
from bot.guard.example import value_faults
from bot.guard.text import cut
from bot.values.service import Scenario, Spec, Status

_LINE = re.compile(
    r"^[\s>]*(?:[-*+][ \t]+)?[*_`]{0,3}misread[*_`]{0,3}[ \t]*:[*_`]{0,3}[ \t]*[*_`]{0,3}(?:test_)?(?P<name>\w+)"
    r"[*_`]{0,3}[ \t]*:[ \t]*`?",
    re.IGNORECASE | re.MULTILINE,
)
_TOLD_LIMIT = 600
_OF_WHICH = {"request": "given", "answer": "expected"}


class Misread(BaseModel):
    """What the words of a scenario mean instead; what is left out was read rightly.

    Attributes:
        words: the words of the issue that say so.
        request, answer: the whole bodies as the person wrote them; None where there is none.
        given, expected: the values of fields that the words name.
        quotes: the texts that the person quotes as data.
    """

    model_config = ConfigDict(extra="forbid")

    words: str
    request: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    given: dict[str, Any] | None = None
    expected: dict[str, Any] | None = None
    status: Status | None = None
    quotes: tuple[str, ...] = ()


class Rereading:
    """What the replies of one conversation say was misread of a specification.

    Attributes:
        spec: the specification, as code has read the scenarios.
    """

    def __init__(self, spec: Spec) -> None:
        """Read nothing yet."""
        self.spec = spec
        self._scenarios = {scenario.name: scenario for scenario in spec.scenarios}
        self._refused: set[str] = set()

    def read(self, prose: str) -> tuple[Scenario, ...]:
        """Return the scenarios that code misread, as they are meant: the lines `Misread: test_name: {"words": "...",
        "status": 413}` say so.

        The words that a line quotes, and all data in it, stand in the issue, and no data of the person get lost. Where
        the second line about a test is no better than its first, what code has read stays: a model that insists, or
        repeats an example, ends no run.

        Raises:
            Refused: a line says something else, or cannot be read.
        """
        changed: dict[str, Scenario] = {}
        for line in _LINE.finditer(prose):
            name = line["name"].removeprefix("test_")
            try:
                meant = self._meant(name, prose, line.end())
            except Refused:
                if name in self._refused:
                    continue
                self._refused.add(name)
                raise
            if meant != self._scenarios[name]:
                changed[name] = meant
        return tuple(changed.values())

    def _meant(self, name: str, prose: str, start: int) -> Scenario:
        """Return a scenario as the JSON object at `start` says it is meant."""
        if name not in self._scenarios:
            raise Refused(f"There is no test `test_{name}` of which anything could be misread.")
        read = self._scenarios[name]
        misread = _misread(name, prose, start)
        meant = _corrected(read, misread, self.spec)
        if faults := list(_faults(read, meant, misread.words, self.spec)):
            raise Refused("\n".join(f"What is misread in `test_{name}`: {fault}" for fault in faults))
        if meant == read:
            return read
        return meant.model_copy(update={"reread": _told(read, meant, misread.words)})


def _misread(name: str, prose: str, start: int) -> Misread:
    try:
        data, _ = json.JSONDecoder().raw_decode(prose, start)
        return Misread.model_validate(data)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise Refused(f"What is misread in `test_{name}` cannot be read: {place}: {fault['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise Refused(f"What is misread in `test_{name}` must be one JSON object: {error}") from error


def _corrected(scenario: Scenario, misread: Misread, spec: Spec) -> Scenario:
    said = misread.model_fields_set - {"words"}
    meant = {name: getattr(misread, name) for name in said}
    schemas = {"given": spec.input_schema, "expected": spec.output_schema}
    for body, fields in _OF_WHICH.items():
        if body in said and fields not in said:
            known = schemas[fields].get("properties", {})
            meant[fields] = {name: value for name, value in (meant[body] or {}).items() if name in known} or None
    return scenario.model_copy(update=meant)


def _faults(read: Scenario, meant: Scenario, words: str, spec: Spec) -> Iterator[str]:
    """Yield why a scenario cannot be meant like this."""
    issue = f"{read.text}\n{spec.description}"
    if not is_said(words, [issue]):
        fault = f"“{cut(words, 100)}” does not stand in it like this, or is less" if words.strip() else "it is empty"
        yield f"quote in `words` what the issue says, exactly, at least two words of it: {fault}"
    new = _data(meant)
    for leaf in foreign_to(issue, new):
        yield f"{leaf} does not stand in the issue"
    if isinstance(meant.status, int) and meant.status not in (200, read.status):
        for number in foreign_to(issue, [meant.status]):
            yield f"the status {number} does not stand in the issue"
    kept = json.dumps(new, ensure_ascii=False)
    for leaf in foreign_to(kept, _data(read.model_copy(update={"quotes": ()}))):
        yield f"{leaf} is what the person wrote as data; say whether it is sent, expected or quoted"
    served = [("given", meant.given, spec.input_schema)] if not meant.is_refused else []
    for what, values, schema in (*served, ("expected", meant.expected, spec.output_schema)):
        for name, value in (values or {}).items():
            known = schema.get("properties", {}).get(name)
            if known is None or value_faults(value, known):
                yield f"{what}: the field `{name}` does not take this"


def _data(scenario: Scenario) -> list[Any]:
    bodies = [getattr(scenario, name) for name in (*_OF_WHICH, *_OF_WHICH.values())]
    return [*(body for body in bodies if body is not None), *scenario.quotes]


def _told(read: Scenario, meant: Scenario, words: str) -> str:
    """Return what people are told of a change."""
    now = dict(meant)
    changed = [(name, value) for name, value in read if value != now[name]]
    parts = [f"{name} `{_shown(now[name])}`, not `{_shown(value)}`" for name, value in changed]
    return cut(f"{'; '.join(parts)}: “{' '.join(words.split())}”", _TOLD_LIMIT)


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
