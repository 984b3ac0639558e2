"""What a description demands beyond the scenarios, and what checks each demand: the interface, a test, or nothing.

A model lists the demands. What it says of them is believed only as far as code can see it: a demand stands in the
person's words, and the interface checks it only if the schema really has the limit that the words name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.generate.draft.drafts import RequirementDraft
from bot.generate.draft.names import field_name, scenario_name
from bot.guard.example import takes_null
from bot.guard.text import cut, visible, words_of
from bot.values.service import Requirement, Scenario, Spec

TESTED = 8
"""How many requirements have a test of their own; the last test takes the rest as well."""
_TEXT_LIMIT = 240
"""Characters of a requirement: it is shown in prompts."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
_QUOTED = re.compile(r"`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”|(?<!\w)'([^'\n]+)'(?!\w)")
_REFUSAL = 422.0
"""The status with which the interface refuses a request."""
_SYNONYMS = {
    "choices": "enum",
    "media_types": "contentMediaType",
    "type": "format",
    "minItems": "minProperties",
    "maxItems": "maxProperties",
}
_LIMITS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"}
    | {"minItems", "maxItems", "minProperties", "maxProperties"}
)
_KEYWORDS = _LIMITS | {"default", "enum", "format", "contentMediaType"}
_WORDS = frozenset({"required", "optional", "nullable", "format", "contentMediaType"})
"""What a field can be without a value that a sentence would have to name."""
_CHECKED = re.compile(r"`(?P<name>[^`]+)`: (?P<facts>.+)", re.DOTALL)
_LISTED = re.compile(rf"(?:^|(?<=, ))(?:{'|'.join(sorted(_KEYWORDS | _WORDS, key=len, reverse=True))})\b")


def read_requirements(
    drafts: Sequence[RequirementDraft],
    said: str,
    scenarios: Sequence[Scenario],
    inputs: dict[str, Any],
    outputs: dict[str, Any],
) -> tuple[Requirement, ...]:
    """Return what the person demands beyond the scenarios.

    Left out are demands that do not stand in the person's words, and those that repeat a scenario or another demand.

    Args:
        said: everything the person said of the service but its tests.
        inputs, outputs: the JSON schemas of the request and of the answer.
    """
    shown = [_stems(scenario.text) for scenario in scenarios]
    taken = [scenario.name for scenario in scenarios]
    settled: list[Requirement] = []
    tested: list[str] = []
    for draft in drafts:
        text = " ".join(visible(draft.text).split()).strip(" -*")
        stems = _stems(text)
        if not _stands_in(text, said) or any(stems <= other for other in shown):
            continue
        shown.append(stems)
        text = cut(text, _TEXT_LIMIT)
        reason = cut(" ".join(visible(draft.untestable).split()), _TEXT_LIMIT)
        if checked := _checked_by(text, draft, inputs) or _checked_by(text, draft, outputs):
            settled.append(Requirement(name=scenario_name(text, taken), text=text, interface=checked))
        elif len(words_of(reason)) > 1:
            settled.append(Requirement(name=scenario_name(text, taken), text=text, unchecked=reason))
        else:
            tested.append(text)
            continue
        taken.append(settled[-1].name)
    tests: list[Requirement] = []
    for text in _few(tested):
        tests.append(Requirement(name=scenario_name(text, taken), text=text))
        taken.append(tests[-1].name)
    return (*tests, *settled)


def recheck(requirement: Requirement, before: Spec, after: Spec) -> str:
    """Return what checks a requirement in an interface that has changed; "" where the interface does not any more.

    A field within another one is not looked for: what was said of it stays.
    """
    found = re.match(r"`([^`]+)`: ", requirement.interface)
    was, now = ([spec.input_schema, spec.output_schema] for spec in (before, after))
    if found is None or was == now or not any(found[1] in schema["properties"] for schema in was):
        return requirement.interface
    keywords = [word for word in re.findall(r"\w+", requirement.interface) if word in _KEYWORDS | _WORDS]
    draft = RequirementDraft(text=requirement.text, field=found[1], keywords=keywords, untestable="")
    return _checked_by(requirement.text, draft, now[0]) or _checked_by(requirement.text, draft, now[1])


def still_demanded(
    requirements: Sequence[Requirement], inputs: dict[str, Any], outputs: dict[str, Any]
) -> tuple[Requirement, ...]:
    """Return the requirements of a service whose interface has changed.

    A sentence that the interface checks says what the interface says now; it goes with the field or the limit that it
    was about. What tests check, and what nothing does, stays.

    Args:
        inputs, outputs: the JSON schemas of the request and of the answer as they are now.
    """
    return tuple(now for each in requirements if (now := _as_it_is(each, inputs, outputs)) is not None)


def names_field(text: str, name: str) -> bool:
    """Tell whether a sentence speaks of a field, by its name or in words: "dark color" for `dark_color`."""
    words = " ".join(words_of(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)))
    said = f" {' '.join(words_of(text))} "
    return any(f" {each} " in said for each in (name.casefold(), words) if each)


def _as_it_is(requirement: Requirement, *schemas: dict[str, Any]) -> Requirement | None:
    checked = _CHECKED.fullmatch(requirement.interface)
    if checked is None:
        return requirement
    name, keywords = checked["name"], _LISTED.findall(checked["facts"])
    facts = next((facts for schema in schemas for field, facts in _fields(schema) if field == name), {})
    holds = _listed([word for word in keywords if word in facts], facts)
    if holds == checked["facts"]:
        return requirement
    said = f"`{name}`: {holds}"
    return requirement.model_copy(update={"text": said, "interface": said}) if holds else None


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each field of a schema, at any depth, with what the schema says of it by keyword."""
    for part in _within(schema):
        for name, field in part.get("properties", {}).items():
            yield name, _facts(field, name in part.get("required", ()))
            yield from _fields(field)


def _listed(keywords: Iterable[str], facts: dict[str, Any]) -> str:
    return ", ".join(word if word in _WORDS else f"{word} {_shown(facts[word])}" for word in keywords)


def _few(texts: Sequence[str]) -> list[str]:
    """Return the texts, with those that are too many in the last one."""
    return [*texts[: TESTED - 1], *(["; ".join(texts[TESTED - 1 :])] if len(texts) >= TESTED else [])]


def _stems(text: str) -> frozenset[str]:
    """Return what words begin with, so that "sorted" is "sort"; words with digits as they are."""
    words = re.findall(r"\w+", text.casefold())
    return frozenset(word if re.search(r"\d", word) else word[:4] for word in words)


def _stands_in(text: str, said: str) -> bool:
    """Tell whether somebody said this: word for word, or most of the longer words and each number."""
    if " ".join(text.casefold().split()) in " ".join(said.casefold().split()):
        return bool(text)
    words = {stem for stem in _stems(text) if len(stem) >= 4}
    return set(_numbers(text)) <= set(_numbers(said)) and 4 * len(words & _stems(said)) >= 3 * max(1, len(words))


def _numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in _NUMBER.findall(text)]


def _checked_by(text: str, draft: RequirementDraft, schema: dict[str, Any]) -> str:
    """Return what of a schema checks the demand; "" where the schema does not have what its words name."""
    found = _field(draft.field.strip(), schema)
    if found is None:
        return ""
    name, facts = found
    literals = {value for fact in facts.values() for value in _values(fact)}
    named = {next(filter(None, groups)).casefold() for groups in _QUOTED.findall(text)}
    if not set(_numbers(text)) <= {*literals, _REFUSAL} or not named <= {*literals, name.casefold()}:
        return ""
    words = _stems(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name))
    is_named = name.casefold() in text.casefold() or words <= _stems(text)
    claimed = dict.fromkeys(_SYNONYMS.get(word, word) if word not in facts else word for word in draft.keywords)
    holds = [word for word in claimed if word in facts and _says(text, word, facts[word], is_named)]
    return f"`{name}`: {_listed(holds, facts)}" if holds else ""


def _field(path: str, schema: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the last name in a path such as `items[].price`, and what the schema says of this field by keyword."""
    part, name, required = schema, "", False
    for step in [path] if path in schema.get("properties", {}) else path.split("."):
        inner = list(_within(part))[-1]
        fields, name = inner.get("properties", {}), step.removesuffix("[]")
        name = name if name in fields else field_name(name)
        if name not in fields:
            return None
        required = name in inner.get("required", ())
        part = fields[name]
    return name, _facts(part, required)


def _facts(part: dict[str, Any], required: bool) -> dict[str, Any]:
    """Return what a schema says of a field, by keyword."""
    facts: dict[str, Any] = {"required" if required else "optional": True}
    for each in _within(part):
        facts = {word: each[word] for word in _KEYWORDS & each.keys()} | facts
    return facts | ({"nullable": True} if part and takes_null(part) else {})


def _within(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and, for a list or a map, that of its values."""
    yield part
    for inner in (part.get("items"), part.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from _within(inner)


def _values(fact: Any) -> Iterator[float | str]:
    """Yield the numbers and texts in what a schema says."""
    for value in fact if isinstance(fact, list) else [fact]:
        if isinstance(value, str):
            yield value.casefold()
            yield from _numbers(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield abs(float(value))


def _says(text: str, keyword: str, fact: Any, is_named: bool) -> bool:
    """Tell whether a sentence can mean what a keyword says: it holds the values, or there are none to hold.

    Args:
        is_named: the sentence names the field.
    """
    if keyword in _WORDS or fact in (0, 1, "", None, [], {}):
        return is_named
    return all(_holds(text, value) for value in (fact if isinstance(fact, list) else [fact]) if value is not None)


def _holds(text: str, value: Any) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(float(value)) in _numbers(text)
    return _shown(value).casefold() in text.casefold()


def _shown(fact: Any) -> str:
    if isinstance(fact, str):
        return fact
    return ", ".join(map(_shown, fact)) if isinstance(fact, list) and fact else json.dumps(fact, ensure_ascii=False)
