"""From a person's words to a specification."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from bot.clients.llm import Message, Refused, read_json
from bot.errors import UserError
from bot.generate.draft import (
    REQUIREMENTS,
    AskingSpecDraft,
    SpecDraft,
    TestDraft,
    object_schema,
    read_requirements,
    read_scenario,
    read_status,
    read_values,
    scenario_name,
    slug,
)
from bot.generate.network import NOWHERE, Egress, ask_to_open, closed_hosts, needed_hosts, slug_let_out, works_without
from bot.generate.prompt import IDEA_LIMIT, IDEA_LIMITS, LEVELS, TESTS_LIMITS, messages
from bot.generate.writer import Writer
from bot.guard.text import cut, fenced, kept_by_cut, visible, written_in
from bot.language import language_tag
from bot.values.cost import Usage
from bot.values.service import Idea, Question, Scenario, Spec

_HINT_LIMIT = 1_000
_NOTHING = TestDraft(text="", given=[], expected=[], status="")
SCENARIOS = 20
SCENARIO_LIMIT = 2_000
"""Characters a scenario may have: it is shown in every prompt."""


def write_spec(
    writer: Writer, idea: Idea, taken: Collection[str], *, egress: Egress = NOWHERE, may_ask: bool = False
) -> tuple[Spec, Usage]:
    """Specify the service; every scenario of the person becomes one test, in the person's words.

    Args:
        taken: slugs of services that exist; the new one gets another.
        egress: which hosts services may reach; where this one needs others, that is a question, or an assumption.
        may_ask: the specification may hold questions; otherwise their proposals are among its assumptions.

    Raises:
        UserError: there is nothing to specify, or more than fits.
        ModelError: the model gave no usable answer.
    """
    idea = _cleaned(idea)
    _admit(idea)
    prompts = [_prompt(idea, may_ask, level) for level in range(LEVELS)]
    conversation = writer.begin("specify", prompts, schema=AskingSpecDraft if may_ask else SpecDraft)
    while True:
        reply = conversation.ask()
        try:
            return _spec(idea, read_json(reply, AskingSpecDraft), taken, egress, may_ask), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def _cleaned(idea: Idea) -> Idea:
    """Return what people can see of an idea."""
    return Idea(
        title=visible(idea.title).strip(),
        description=visible(idea.description).strip(),
        scenarios=tuple(text for scenario in idea.scenarios if (text := visible(scenario).strip())),
        answers=tuple(visible(text) for text in idea.answers),
        hint=visible(idea.hint).strip(),
    )


def _prompt(idea: Idea, may_ask: bool, level: int) -> list[Message]:
    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(idea.scenarios, 1))
    return messages(
        "specify.md.j2",
        idea=fenced(_description(idea), "idea", IDEA_LIMITS[level]),
        tests=fenced(numbered, "tests", TESTS_LIMITS[level]) if idea.scenarios else "",
        may_ask=may_ask,
        requirements=REQUIREMENTS,
    )


def described(idea: Idea) -> str:
    """Return what people can see of all that somebody said of a service but its tests."""
    return _description(_cleaned(idea))


def _description(idea: Idea) -> str:
    """Return everything the person said of the service but its tests."""
    text = idea.description
    if idea.title and idea.title.lower() not in text.lower():
        text = f"{idea.title}\n\n{text}"
    if idea.answers:
        text = f"{text}\n\nAsked for more, the person said:\n" + "\n".join(idea.answers)
    if idea.hint:
        # At the beginning, because a long description loses its end.
        text = f"For this attempt, a person with write access says: {cut(idea.hint, _HINT_LIMIT)}\n\n{text}"
    return text


def _spec(idea: Idea, answer: AskingSpecDraft, taken: Collection[str], egress: Egress, may_ask: bool) -> Spec:
    """Return the specification that a model's answer makes.

    Raises:
        Refused: a field says what no field can be.
    """
    try:
        inputs, outputs = object_schema(answer.inputs), object_schema(answer.outputs)
    except ValueError as error:
        raise Refused(str(error)) from error
    scenarios = _scenarios(idea.scenarios, answer, inputs["properties"], outputs["properties"])
    inputs = _as_sent(inputs, outputs, scenarios)
    description = _description(idea)
    language = language_tag(answer.language) or written_in(idea.title, idea.description)
    needed = needed_hosts(answer.hosts)
    name = slug_let_out(slug(answer.slug, answer.title or idea.title, taken), needed, egress, taken)
    questions = _questions(answer)
    assumptions = _visible(answer.assumptions)
    if not may_ask:
        assumptions += [f"{question.question} {question.proposal}" for question in questions]
    if closed := closed_hosts(name, needed, egress):
        questions += (ask_to_open(closed, name, egress, language),)
        assumptions += [] if may_ask else [works_without(closed, name, egress, language)]
    if len(description) > IDEA_LIMIT:
        rest = description[len(kept_by_cut(description, IDEA_LIMIT)) :]
        assumptions.append(
            f"Only the first {len(description) - len(rest)} characters of the description were read. "
            f"What was left out begins with: {cut(' '.join(rest.split()), 80)}"
        )
    return Spec(
        slug=name,
        title=cut(answer.title.strip() or idea.title or answer.slug, 80),
        summary=cut(answer.summary.strip() or idea.description, 400),
        input_schema=inputs,
        output_schema=outputs,
        scenarios=scenarios,
        requirements=read_requirements(answer.requirements, description, scenarios, inputs, outputs),
        assumptions=tuple(assumptions),
        out_of_scope=tuple(_visible(answer.out_of_scope)),
        questions=questions if may_ask else (),
        description=kept_by_cut(description, IDEA_LIMIT),
        language=language,
    )


def _as_sent(inputs: dict[str, Any], outputs: dict[str, Any], scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """Return the schema of the request as the requests that the person wrote need it: what one leaves out is optional.

    Raises:
        Refused: the person's data have fields that the schemas lack.
    """
    served = [scenario for scenario in scenarios if scenario.request is not None and not scenario.is_refused]
    required = [name for name in inputs.get("required", ()) if all(name in (part.request or {}) for part in served)]
    for scenario in served:
        for name in scenario.request if scenario.request and scenario.answer else ():
            if name not in inputs["properties"]:
                raise Refused(f"The inputs lack the field `{name}`, which this test sends: {scenario.text}")
        for name in scenario.answer or ():
            if name not in outputs["properties"]:
                raise Refused(f"The outputs lack the field `{name}`, which this test expects: {scenario.text}")
    rest = {key: value for key, value in inputs.items() if key != "required"}
    return rest | ({"required": required} if required else {})


def _visible(texts: Sequence[str]) -> list[str]:
    return [cut(shown, 300) for text in texts if (shown := visible(text).strip())]


def _questions(answer: AskingSpecDraft) -> tuple[Question, ...]:
    """Return the questions that have a proposal: without one, "ok" would be no answer."""
    asked = ((visible(draft.question).strip(), visible(draft.proposal).strip()) for draft in answer.questions)
    return tuple(
        Question(question=cut(question, 300), proposal=cut(proposal, 300))
        for question, proposal in asked
        if question and proposal
    )


def _scenarios(
    persons: Sequence[str], answer: SpecDraft, inputs: dict[str, Any], outputs: dict[str, Any]
) -> tuple[Scenario, ...]:
    """Return the person's scenarios, else the model's, with the values that their words name."""
    proposed = [test for test in answer.tests if test.text.strip()][:2]
    if persons:
        drafts = [*answer.tests, *[_NOTHING] * len(persons)]
        tests = list(zip(persons, drafts, strict=False))
    elif proposed:
        tests = [(visible(test.text).strip(), test) for test in proposed]
    else:
        tests = [(f"{answer.summary.strip()} The example request gives a sensible answer.".strip(), _NOTHING)]
    named: dict[str, Scenario] = {}
    for text, test in tests:
        name = scenario_name(text, named)
        if persons:
            named[name] = Scenario(name=name, text=text, **read_scenario(text, test, inputs, outputs))
        else:
            given, expected = read_values(text, test.given, test.expected, inputs, outputs)
            status = None if expected else read_status(text, test.status)
            named[name] = Scenario(name=name, text=text, given=given, expected=expected, status=status, generated=True)
    return tuple(named.values())


def _admit(idea: Idea) -> None:
    if not idea.description:
        raise UserError("The description is empty. Say in the issue what the service shall do, then comment `/retry`.")
    if len(idea.scenarios) > SCENARIOS:
        raise UserError(
            "There are %(count)s test scenarios; at most %(most)s are taken. Keep those that matter most, then comment "
            "`/retry`.",
            count=len(idea.scenarios),
            most=SCENARIOS,
        )
    for number, text in enumerate(idea.scenarios, 1):
        if len(text) > SCENARIO_LIMIT:
            raise UserError(
                "Test scenario %(number)s has %(length)s characters; at most %(most)s are taken. Shorten it, then "
                "comment `/retry`.",
                number=number,
                length=len(text),
                most=SCENARIO_LIMIT,
            )
