"""A settings file as somebody wrote it: its values, with their lines; its faults, with lines and what to write instead.

Anchors and aliases are refused: no setting needs them, and a few lines of them can stand for gigabytes.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from bot.config.expected import expected, resolved
from bot.config.repository import Fault, RepoConfig, WrongSettings, json_schema
from bot.sentence import Sentence, joined, sentence

_LIMIT = 20_000
"""Characters of a file that is read."""
_DEEPEST = 20
"""Lists and mappings in one another that are read; reading thousands of them takes PyYAML most of a minute."""
_CLOSE = 0.5
"""How like a known key an unknown one must be, from 0 to 1, to be taken for a slip of the pen."""
_STRANGE = re.compile(r"[^\w.$ -]")

Place = tuple[str | int, ...]
"""Keys and positions in lists, from the outermost to the innermost."""


@dataclass(frozen=True)
class SettingsFile:
    """What a settings file says.

    Attributes:
        values: by name; only those that the file sets.
        lines: the line of each of them, counted from 1.
        faults: what is wrong with it; where there is something, the values are of no use.
    """

    repo: str
    values: dict[str, Any]
    lines: dict[str, int]
    faults: tuple[Fault, ...] = ()


def read_settings(repo: str, text: str) -> SettingsFile:
    """Read the YAML text of a settings file of a repository; an empty text sets nothing."""
    try:
        root, values = _parse(text)
    except _Faulty as error:
        return SettingsFile(repo, {}, {}, (Fault(repo=repo, line=error.line, text=error.text),))
    places = dict(_places(root))
    faults = [Fault(repo=repo, line=line, text=text) for line, text in _duplicates(root)]
    try:
        as_config(values)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            place = fault["loc"]
            faults.append(Fault(repo=repo, line=_line(places, place), text=_refusal(fault["type"], place)))
    faults.sort(key=lambda fault: fault.line)
    lines = {str(place[0]): line for place, line in places.items() if len(place) == 1}
    return SettingsFile(repo, values, lines, tuple(faults))


def read_egress(repo: str, text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the hosts that services may reach, as a settings file names them; faults in what else it sets do not
    matter.

    Raises:
        WrongSettings: the text cannot be read, or what it names are no hosts.
    """
    read = read_settings(repo, text)
    if read.faults and not read.values:
        raise WrongSettings(read.faults)
    try:
        return as_config({name: value for name, value in read.values.items() if name == "egress"}).egress
    except ValidationError as error:
        raise WrongSettings(read.faults) from error


def as_config(values: Mapping[str, Any]) -> RepoConfig:
    """Return the settings that have these values; as JSON, so that `"3"` and `yes` are no numbers, as in the schema.

    Raises:
        ValidationError: a key or a value is wrong.
    """
    return RepoConfig.model_validate_json(json.dumps(values, default=str))


class _Faulty(Exception):
    """The text is no mapping in YAML."""

    def __init__(self, line: int, text: Sentence) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


class _Loader(yaml.SafeLoader):
    """YAML in which a key is the text that stands there: `on` is not `true`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


def _parse(text: str) -> tuple[yaml.MappingNode, dict[str, Any]]:
    """Return a file's mapping as nodes and as values.

    Raises:
        _Faulty: it is none.
    """
    if len(text) > _LIMIT:
        raise _Faulty(
            1,
            sentence(
                "the file has %(length)s characters, and at most %(most)s are read.",
                length=f"{len(text):,}",
                most=f"{_LIMIT:,}",
            ),
        )
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if getattr(event, "anchor", None):
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise _Faulty(line, sentence("anchors (`&`) and aliases (`*`) are not taken. Write the value itself."))
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ValueError("lists in lists without end")
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None or (isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null")):
            return yaml.MappingNode("tag:yaml.org,2002:map", []), {}
        if not isinstance(root, yaml.MappingNode):
            raise _Faulty(root.start_mark.line + 1, sentence("settings are expected, one `name: value` a line."))
        return root, dict(loader.construct_document(root))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Faulty(mark.line + 1 if mark else 1, _said(error.problem or "")) from error
    except (yaml.YAMLError, ValueError) as error:
        # A character that YAML forbids, lists in lists without end, a date or a number that there cannot be.
        raise _Faulty(1, sentence("the file cannot be read as YAML.")) from error


def _places(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Yield the place and the line of everything that a file sets."""
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                inner = (*place, str(key.value))
                yield inner, key.start_mark.line + 1
                yield from _places(value, inner)
        case yaml.SequenceNode():
            for index, value in enumerate(node.value):
                yield (*place, index), value.start_mark.line + 1
                yield from _places(value, (*place, index))


def _duplicates(root: yaml.MappingNode) -> Iterator[tuple[int, Sentence]]:
    first: dict[str, int] = {}
    for key, _ in root.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in first:
            text = sentence(
                "`%(name)s` is set on line %(line)s already. Keep one of them.", name=_inert(name), line=first[name]
            )
            yield line, text
        first.setdefault(name, line)


def _line(places: dict[Place, int], place: Place) -> int:
    """Return the line of a place, or of the innermost one around it."""
    while place and place not in places:
        place = place[:-1]
    return places.get(place, 1)


def _refusal(kind: str, place: Place) -> Sentence:
    """Return what is wrong at a place, and what to write there instead."""
    name = str(place[-1]) if place else ""
    known, definitions = _schema(place[:-1], name)
    shown = ".".join(str(part) for part in place if isinstance(part, str))
    if kind == "extra_forbidden":
        like = difflib.get_close_matches(name, known, 1, _CLOSE)
        names = ", ".join(f"`{key}`" for key in known)
        there = sentence("There are %(names)s.", names=names)
        if like:
            there = sentence("Did you mean `%(meant)s`?", meant=like[0])
        return joined([sentence("there is no setting `%(name)s`.", name=_inert(shown)), there])
    if place and isinstance(place[-1], int):
        return sentence(
            "everything in `%(name)s` must be %(kind)s.",
            name=_inert(shown),
            kind=expected(known["items"], definitions),
        )
    return sentence("`%(name)s` must be %(kind)s.", name=_inert(shown), kind=expected(known[name], definitions))


def _schema(place: Place, last: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schemas of what stands at a place: the settings by name, or of a list its `items`.

    Args:
        last: a name that stands there, where every name may.
    """
    whole = json_schema()
    definitions = whole.get("$defs", {})
    schema = whole
    for part in place:
        inner = schema["items"] if isinstance(part, int) else schema.get("properties", {}).get(part)
        schema = resolved(inner or schema["additionalProperties"], definitions)
    every = schema.get("additionalProperties")
    known = {last: every} if isinstance(every, dict) else {"items": schema.get("items", {})}
    return schema.get("properties", known), definitions


def _said(problem: str) -> Sentence:
    """Return what the reader of YAML says, which may hold any text of the file."""
    return sentence("this is not valid YAML: `%(problem)s`.", problem=problem.replace("`", "?")[:120])


def _inert(words: str) -> str:
    """Return what somebody wrote as it can stand in a comment: short, and without a meaning of its own there."""
    return _STRANGE.sub("?", words)[:60]
