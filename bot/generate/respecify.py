"""From what people ask for on a pull request to a changed specification."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from bot.clients.llm import Message, Refused, read_json
from bot.generate.draft import (
    FieldDraft,
    SpecChangeDraft,
    TestChangeDraft,
    fitting_values,
    names_field,
    object_schema,
    read_scenario,
    read_status,
    read_values,
    scenario_name,
    still_demanded,
)
from bot.generate.points import listed, say_so, speak_of
from bot.generate.prompt import LEVELS, about, messages
from bot.generate.writer import Writer
from bot.guard.example import value_faults
from bot.guard.text import cut, visible
from bot.values.cost import Usage
from bot.values.revision import Point
from bot.values.service import Requirement, Scenario, Spec

_WANTED_LIMIT = 500
_NOTHING = (
    "Nothing changes. Write the fields and the tests that the points ask for. Only where a test that a person wrote "
    "stands against all of that, and no point says that it no longer holds, answer with nothing once more."
)


def change_spec(writer: Writer, spec: Spec, points: Sequence[Point], wanted: str) -> tuple[Spec, Usage]:
    """Change a specification as the points say. What they do not name stays as it is, to the letter.

    A scenario in a person's words changes only where the points say so, in words that the model has to quote. Where
    that forbids what they ask for, nothing changes.

    Args:
        wanted: what must change, in the words of whoever wrote the service; "" where nobody has said so: it may stay.

    Raises:
        ModelError: the model gave no usable answer.
    """
    prompts = [_prompt(spec, points, wanted, level) for level in range(LEVELS)]
    conversation = writer.begin("respecify", prompts, schema=SpecChangeDraft)
    refused = False
    while True:
        reply = conversation.ask()
        try:
            changed = _with_requirements(spec, changed_spec(spec, points, read_json(reply, SpecChangeDraft)))
            if wanted and changed == spec and not refused:
                raise Refused(_NOTHING)
            return changed, conversation.usage
        except Refused as refusal:
            # Who has read why, and changes nothing, has not overlooked it.
            refused = True
            conversation.refuse(refusal)


def _prompt(spec: Spec, points: Sequence[Point], wanted: str, level: int) -> list[Message]:
    said = cut(visible(wanted), _WANTED_LIMIT)
    return messages("respecify.md.j2", **about(spec, level), points=listed(points, level), wanted=said)


def changed_spec(spec: Spec, points: Sequence[Point], draft: SpecChangeDraft, dropped: Collection[str] = ()) -> Spec:
    """Return the specification that a model's answer makes.

    Args:
        dropped: names of requirements that go anyway.

    Raises:
        Refused: a field says what no field can be; a scenario or a requirement would change or fail of which the points
            do not speak; or one that is not a person's speaks of a field that goes.
    """
    inputs = _with_fields(spec.input_schema, draft.inputs, draft.removed_inputs)
    outputs = _with_fields(spec.output_schema, draft.outputs, draft.removed_outputs)
    goes = _names(spec.input_schema, spec.output_schema) - _names(inputs, outputs)
    named = {scenario.name: scenario for scenario in spec.scenarios}
    demands = {requirement.name: requirement for requirement in spec.requirements}
    for test in draft.tests:
        name = test.replaces.strip().removesuffix(" (idea)").removeprefix("test_")
        if name in demands and demands[name].is_tested:
            _refuse_unspoken(demands.pop(name), points, goes)
        elif name:
            _refuse_unsaid(named.get(name), test, points)
            del named[name]
        if text := visible(test.text).strip():
            new = _scenario(test, scenario_name(text, [*named, *demands]), points, inputs, outputs)
            named[new.name] = new
    if not named:
        raise Refused("No test is left. Leave out of `tests` those that stay.")
    for scenario in named.values():
        _refuse_contradiction(scenario, inputs, outputs)
    thought_up = [old for old in spec.scenarios if old.generated and named.get(old.name) == old]
    _refuse_outdated((*thought_up, *(each for each in demands.values() if each.name not in dropped)), goes)
    # Of what nothing can check, the sentence goes with its field.
    kept = [each for each in demands.values() if not (each.unchecked and _speaks_of(each.text, goes))]
    changed = {"input_schema": inputs, "output_schema": outputs, "scenarios": tuple(named.values())}
    return spec.model_copy(update={**changed, "requirements": tuple(kept)})


def _with_requirements(before: Spec, after: Spec) -> Spec:
    """Return a specification that has changed, without what its interface does not hold to any more."""
    if (before.input_schema, before.output_schema) == (after.input_schema, after.output_schema):
        return after
    demanded = still_demanded(after.requirements, after.input_schema, after.output_schema)
    return after.model_copy(update={"requirements": demanded})


def _with_fields(schema: dict[str, Any], drafts: Sequence[FieldDraft], removed: Sequence[str]) -> dict[str, Any]:
    """Return a schema with fields added, replaced and removed; the others keep every detail."""
    try:
        new = object_schema(drafts)
    except ValueError as error:
        raise Refused(str(error)) from error
    if unknown := [name for name in removed if name not in schema["properties"]]:
        raise Refused(f"There is no field `{unknown[0]}` to remove.")
    properties = {**schema["properties"], **new["properties"]}
    properties = {name: part for name, part in properties.items() if name not in removed}
    if not properties:
        raise Refused("No field is left.")
    was, now = schema.get("required", ()), new.get("required", ())
    required = [name for name in properties if name in (now if name in new["properties"] else was)]
    rest = {key: value for key, value in schema.items() if key != "required"}
    return {**rest, "properties": properties} | ({"required": required} if required else {})


def _refuse_unsaid(scenario: Scenario | None, test: TestChangeDraft, points: Sequence[Point]) -> None:
    """Go on only where a test may be replaced.

    Raises:
        Refused: there is none of that name, or it is a person's and no point speaks of it.
    """
    if scenario is None:
        raise Refused(
            f"There is no test `{test.replaces}` to replace. `replaces` holds the name of one of the tests above, or "
            '"" for a test that is new.'
        )
    if scenario.generated:
        return
    if not test.words.strip():
        fault = "`words` is empty"
    elif not say_so(points, test.words):
        fault = f"“{cut(test.words, 100)}” does not stand in the points like this, or is less than two words"
    elif not speak_of(test.words, scenario.text):
        fault = f"“{cut(test.words, 100)}” has no word in common with what that test says: {scenario.text}"
    else:
        return
    raise Refused(
        f"`test_{scenario.name}` is what a person wrote, and stays unless a point says otherwise. If one does, quote "
        f"in `words` what it says, exactly: {fault}. If none does, leave this test out; `tests` may be []."
    )


def _refuse_unspoken(requirement: Requirement, points: Sequence[Point], goes: Collection[str]) -> None:
    """Go on only where the test of a requirement may be replaced.

    Args:
        goes: the names of fields that are no more.

    Raises:
        Refused: no point speaks of it, nor of a field that goes.
    """
    if not _speaks_of(requirement.text, goes) and not any(speak_of(point.text, requirement.text) for point in points):
        raise Refused(f"No point speaks of `test_{requirement.name}`, so it stays: {requirement.text}")


def _refuse_outdated(tests: Iterable[Scenario | Requirement], goes: Collection[str]) -> None:
    """Go on only where no test speaks of a field that is no more. Of a person's scenario only its data count.

    Raises:
        Refused: one does.
    """
    for test in tests:
        is_test = isinstance(test, Scenario) or test.is_tested
        if is_test and (names := _speaks_of(test.text, goes)):
            raise Refused(
                f"`test_{test.name}` speaks of `{names[0]}`, which goes: {test.text}\nName it in `replaces`: with "
                'another text where the rest of it still holds, or with the text "" where it just goes.'
            )


def _speaks_of(text: str, fields: Iterable[str]) -> list[str]:
    return [name for name in sorted(fields) if names_field(text, name)]


def _names(*schemas: dict[str, Any]) -> set[str]:
    return {name for schema in schemas for name in schema["properties"]}


def _scenario(
    test: TestChangeDraft, name: str, points: Sequence[Point], inputs: dict[str, Any], outputs: dict[str, Any]
) -> Scenario:
    """Return a test as a scenario: a person's, where a point says it in these words, or gives its data."""
    text, quoted = visible(test.text).strip(), visible(test.words).strip()
    fields, answers = inputs["properties"], outputs["properties"]
    given, expected = read_values(text, test.given, test.expected, fields, answers)
    data: dict[str, Any] = {
        "given": given,
        "expected": expected,
        "status": None if expected else read_status(text, test.status),
    }
    if say_so(points, text):
        return Scenario(name=name, text=text, **read_scenario(text, test, fields, answers))
    if say_so(points, quoted) and _data_in(quoted, test, data, fields, answers):
        return Scenario(name=name, text=quoted, **read_scenario(quoted, test, fields, answers))
    for point in points:
        if persons := _data_in(point.text, test, data, fields, answers):
            return Scenario(name=name, text=text, **persons)
    data["given"] = {**fitting_values(test.given, fields), **(given or {})} or None
    return Scenario(name=name, text=text, **data, generated=True)


def _data_in(
    words: str, test: TestChangeDraft, data: dict[str, Any], fields: dict[str, Any], answers: dict[str, Any]
) -> dict[str, Any]:
    """Return the data of a test that people have given in their words; nothing where these lack what must come out, or
    something of `data`, which is what stands in the text of the test."""
    sent, answered = read_values(words, test.given, test.expected, fields, answers)
    status = None if answered else read_status(words, test.status)
    held: dict[str, Any] = {"given": sent, "expected": answered, "status": status}
    lacking = (
        name
        for body in ("given", "expected")
        for name, value in (data[body] or {}).items()
        if (held[body] or {}).get(name) != value
    )
    says_outcome = answered or isinstance(status, int)
    return held if says_outcome and data["status"] in (None, status) and not any(lacking) else {}


def _refuse_contradiction(scenario: Scenario, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
    """Go on only where the interface still has what a scenario sends and expects.

    Raises:
        Refused: it has not.
    """
    sent, expected = scenario.request or scenario.given or {}, scenario.answer or scenario.expected or {}
    for values, schema, what in ((sent, inputs, "sends"), (expected, outputs, "expects")):
        for name, value in values.items():
            known = schema["properties"].get(name)
            if scenario.is_refused and what == "sends":
                continue
            if known is None or value_faults(value, known):
                raise Refused(
                    f"`test_{scenario.name}` {what} `{name}`, which the changed fields do not take: {scenario.text}"
                )
    lacking = [name for name in inputs.get("required", ()) if scenario.request is not None and name not in sent]
    if lacking and not scenario.is_refused:
        raise Refused(f"`{lacking[0]}` cannot be required: `test_{scenario.name}` leaves it out. Make it optional.")
