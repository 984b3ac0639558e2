"""From a person's words to a specification."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.clients.llm import Model
from bot.errors import UserError
from bot.generate import draft
from bot.generate.draft import SpecDraft
from bot.generate.prompt import IDEA_LIMIT, TESTS_LIMIT, conversation
from bot.guard.hygiene import cut, fenced, visible
from bot.models import Idea, Scenario, Spec, Usage

SCENARIOS = 20
SCENARIO_LIMIT = 2_000
"""Characters a scenario may have: it is shown in every prompt."""


def specify(model: Model, idea: Idea, taken: Collection[str]) -> tuple[Spec, Usage]:
    """Specify the service; every scenario of the person becomes one test, in the person's words.

    Args:
        taken: slugs of services that exist; the new one gets another.

    Raises:
        UserError: there is nothing to specify, or more than fits.
        ModelError: the model gave no usable answer.
    """
    description = visible(idea.description).strip()
    scenarios = [text for scenario in idea.scenarios if (text := visible(scenario).strip())]
    _admit(description, scenarios)
    title = visible(idea.title).strip()
    told = f"{title}\n\n{description}" if title and title.lower() not in description.lower() else description
    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(scenarios, 1))
    messages = conversation(
        "specify.md.j2",
        idea=fenced(told, "idea", IDEA_LIMIT),
        tests=fenced(numbered, "tests", TESTS_LIMIT) if scenarios else "",
    )
    answer, usage = model.structured("specify", messages, SpecDraft)
    proposed = [text for test in answer.tests if (text := visible(test).strip())][:2]
    if not scenarios and not proposed:
        proposed = [f"{answer.summary.strip() or title} The example request gives a sensible answer."]
    assumptions = [text for assumption in answer.assumptions if (text := visible(assumption).strip())]
    if len(told) > IDEA_LIMIT:
        assumptions.append(f"Only the first {IDEA_LIMIT} characters of the description were read.")
    spec = Spec(
        slug=draft.slug(answer.slug, answer.title or title, taken),
        title=cut(answer.title.strip() or title or answer.slug, 80),
        summary=cut(answer.summary.strip() or description, 400),
        input_schema=draft.object_schema(answer.inputs),
        output_schema=draft.object_schema(answer.outputs),
        scenarios=_named(scenarios or proposed),
        assumptions=tuple(assumptions),
        description=cut(told, IDEA_LIMIT),
    )
    return spec, usage


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


def _named(texts: Sequence[str]) -> tuple[Scenario, ...]:
    named: dict[str, str] = {}
    for text in texts:
        named[draft.scenario_name(text, named)] = text
    return tuple(Scenario(name=name, text=text) for name, text in named.items())
