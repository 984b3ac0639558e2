"""From a person's words to a specification."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from bot.clients.llm.model import Message, Model
from bot.errors import UserError
from bot.generate.draft import scenario_data
from bot.generate.draft import schemas as draft
from bot.generate.draft.schemas import SpecDraft, TestDraft
from bot.generate.prompt import IDEA_LIMIT, IDEA_LIMITS, TESTS_LIMITS, conversation
from bot.guard.text.hygiene import cut, fenced, visible
from bot.values.run import Usage
from bot.values.service import Idea, Question, Scenario, Spec

SCENARIOS = 20
SCENARIO_LIMIT = 2_000
"""Characters a scenario may have: it is shown in every prompt."""


def specify(model: Model, idea: Idea, taken: Collection[str], *, may_ask: bool = False) -> tuple[Spec, Usage]:
    """Specify the service; every scenario of the person becomes one test, in the person's words.

    Args:
        taken: slugs of services that exist; the new one gets another.
        may_ask: the specification may hold questions; otherwise their proposals are among its assumptions.

    Raises:
        UserError: there is nothing to specify, or more than fits.
        ModelError: the model gave no usable answer.
    """
    description = visible(idea.description).strip()
    scenarios = [text for scenario in idea.scenarios if (text := visible(scenario).strip())]
    _admit(description, scenarios)
    title = visible(idea.title).strip()
    told = f"{title}\n\n{description}" if title and title.lower() not in description.lower() else description
    if idea.answers:
        told = f"{told}\n\nAsked for more, the person said:\n" + "\n".join(visible(text) for text in idea.answers)
    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(scenarios, 1))

    def messages(thrift: int) -> list[Message]:
        return conversation(
            "specify.md.j2",
            idea=fenced(told, "idea", IDEA_LIMITS[thrift]),
            tests=fenced(numbered, "tests", TESTS_LIMITS[thrift]) if scenarios else "",
            may_ask=may_ask,
        )

    answer, usage = model.structured("specify", messages, SpecDraft)
    inputs, outputs = draft.object_schema(answer.inputs), draft.object_schema(answer.outputs)
    questions = _questions(answer)
    assumptions = _said(answer.assumptions)
    if not may_ask:
        assumptions += [f"{question.question} {question.proposal}" for question in questions]
    if len(told) > IDEA_LIMIT:
        assumptions.append(f"Only the first {IDEA_LIMIT} characters of the description were read.")
    spec = Spec(
        slug=draft.slug(answer.slug, answer.title or title, taken),
        title=cut(answer.title.strip() or title or answer.slug, 80),
        summary=cut(answer.summary.strip() or description, 400),
        input_schema=inputs,
        output_schema=outputs,
        scenarios=_scenarios(scenarios, answer, inputs["properties"], outputs["properties"]),
        assumptions=tuple(assumptions),
        out_of_scope=tuple(_said(answer.out_of_scope)),
        questions=questions if may_ask else (),
        description=cut(told, IDEA_LIMIT),
    )
    return spec, usage


def _said(texts: Sequence[str]) -> list[str]:
    return [cut(text, 300) for one in texts if (text := visible(one).strip())]


def _questions(answer: SpecDraft) -> tuple[Question, ...]:
    """Return the questions that have a proposal: without one, "ok" would be no answer."""
    asked = ((visible(one.question).strip(), visible(one.proposal).strip()) for one in answer.questions)
    return tuple(
        Question(question=cut(question, 300), proposal=cut(proposal, 300))
        for question, proposal in asked
        if question and proposal
    )


def _scenarios(
    persons: Sequence[str], answer: SpecDraft, inputs: dict[str, Any], outputs: dict[str, Any]
) -> tuple[Scenario, ...]:
    """Return the person's scenarios, else the model's, with the data that stand in their words."""
    proposed = [test for test in answer.tests if test.text.strip()][:2]
    if persons:
        drafts = [*answer.tests, *[TestDraft(text="", given=[], expected=[])] * len(persons)]
        tests = list(zip(persons, drafts, strict=False))
    elif proposed:
        tests = [(visible(test.text).strip(), test) for test in proposed]
    else:
        nothing = TestDraft(text="", given=[], expected=[])
        tests = [(f"{answer.summary.strip()} The example request gives a sensible answer.".strip(), nothing)]
    named: dict[str, Scenario] = {}
    for text, test in tests:
        name = draft.scenario_name(text, named)
        given, expected = scenario_data.read(text, test.given, test.expected, inputs, outputs)
        named[name] = Scenario(name=name, text=text, given=given, expected=expected, generated=not persons)
    return tuple(named.values())


def _admit(description: str, scenarios: Sequence[str]) -> None:
    if not description:
        raise UserError("The description is empty. Say in the issue what the service shall do, then comment `/retry`.")
    if len(scenarios) > SCENARIOS:
        raise UserError(
            f"There are {len(scenarios)} test scenarios; at most {SCENARIOS} are taken. "
            "Keep those that matter most, then comment `/retry`."
        )
    for number, text in enumerate(scenarios, 1):
        if len(text) > SCENARIO_LIMIT:
            raise UserError(
                f"Test scenario {number} has {len(text)} characters; at most {SCENARIO_LIMIT} are taken. "
                "Shorten it, then comment `/retry`."
            )
