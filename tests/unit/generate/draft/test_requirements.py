"""What a model says of the demands in a description is believed as far as code can see it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generate.draft import RequirementDraft, object_schema, read_requirements, still_demanded
from bot.generate.draft.requirements import TESTED
from bot.values.service import Requirement, Scenario
from tests.fakes.fields import field

SAID = """Count the words of a text, which is required. Optional: maxWords, from 0 to 5,000, default 40.
The text must not be empty. mode is "fast" or "good". The words are sorted by length, the longest first, at most 20 of
them. Each item has a price of at least 0.5. Answers within 2 seconds. A word with a digit is refused with 409."""
INPUTS = object_schema(
    [
        field("text", limits={"minLength": 1}),
        field("maxWords", "integer", default="40", limits={"minimum": 0, "maximum": 5000}),
        field("mode", required=False, choices=["fast", "good"]),
        field("due", "date", nullable=True),
        field("items", "list of object", required=False),
        field("items[].price", "number", limits={"minimum": 0.5}),
    ]
)
OUTPUTS = object_schema([field("words", "list of text", limits={"maxItems": 20})])
SCENARIO = Scenario(name="one", text="The longest of the words comes first")


def demand(text: str, path: str = "", *keywords: str, untestable: str = "") -> RequirementDraft:
    return RequirementDraft(text=text, field=path, keywords=list(keywords), untestable=untestable)


def read(*drafts: RequirementDraft, said: str = SAID) -> tuple[Requirement, ...]:
    return read_requirements(drafts, said, [SCENARIO], INPUTS, OUTPUTS)


@pytest.mark.parametrize(
    ("draft", "interface"),
    [
        (
            demand("maxWords, from 0 to 5,000, default 40", "maxWords", "minimum", "maximum", "default"),
            "`maxWords`: minimum 0, maximum 5000, default 40",
        ),
        (demand("maxWords is optional", "maxWords", "optional"), "`maxWords`: optional"),
        (demand("max words are optional", "max_words", "optional"), ""),
        (demand("The text must not be empty", "text", "minLength", "required"), "`text`: minLength 1, required"),
        (demand('mode is "fast" or "good"', "mode", "choices"), "`mode`: enum fast, good"),
        (demand("Each item has a price of at least 0.5", "items[].price", "minimum"), "`price`: minimum 0.5"),
        (demand("at most 20 words", "words", "maxItems"), "`words`: maxItems 20"),
        # The schema does not say what these say, whatever the model claims.
        (demand("The words are sorted by length", "words", "maxItems"), ""),
        (demand("The words are sorted by length", "text", "required", "minLength"), ""),
        (demand("maxWords is at most 20", "maxWords", "maximum"), ""),
        (demand("maxWords from 0 to 5,000, and 20 of them", "maxWords", "minimum", "maximum"), ""),
        (demand("maxWords is required", "maxWords", "required"), ""),
        (demand('mode is "fast" or "sorted"', "mode", "choices"), ""),
        (demand("The text must not be empty", "words", "minItems"), ""),
        (demand("The text must not be empty", "title", "minLength"), ""),
        (demand("maxWords, from 0 to 5,000", "maxWords", "pattern"), ""),
        (demand("A word with a digit is refused with 409", "text", "minLength"), ""),
        (demand("maxWords, from 0 to 5,000", "items[].price[].x", "minimum"), ""),
    ],
)
def test_the_interface_checks_only_what_the_schema_says(draft: RequirementDraft, interface: str) -> None:
    (requirement,) = read(draft)
    assert requirement.interface == interface
    assert requirement.is_tested is not bool(interface)


def test_what_nothing_can_check_has_a_reason() -> None:
    slow = "Answers within 2 seconds"
    (requirement,) = read(demand(slow, untestable="depends on the machine"))
    assert (requirement.is_tested, requirement.unchecked) == (False, "depends on the machine")
    (requirement,) = read(demand(slow, untestable="no"))
    assert requirement.is_tested


def test_only_what_the_person_said_counts_and_counts_once() -> None:
    drafts = [
        demand("The words are sorted by length"),
        demand("Words are sorted by the length"),
        demand("sorted by length: the words are"),
        demand("The longest comes first"),
        demand("The answer is signed with a key"),
        demand("The words are at most 21"),
        demand("   "),
    ]
    assert [requirement.text for requirement in read(*drafts)] == ["The words are sorted by length"]


def test_names_are_those_of_no_other_test() -> None:
    drafts = [demand("one"), demand("One 你好"), demand("one 你好 你"), demand("Scenario 你好")]
    names = [requirement.name for requirement in read(*drafts, said="one 你好 你, scenario 你好")]
    assert names == ["one_2", "one_3", "one_4", "scenario"]


def test_what_is_too_much_is_in_the_last_test() -> None:
    texts = [f"rule{number} holds" for number in range(TESTED + 4)]
    requirements = read(*map(demand, texts), said=". ".join(texts))
    assert len(requirements) == TESTED
    assert requirements[-1].text == "; ".join(texts[TESTED - 1 :])


def test_a_long_demand_is_cut_in_one_line() -> None:
    said: Any = "rule\n" * 200
    (requirement,) = read(demand(said), said=said)
    assert len(requirement.text) <= 240 and "\n" not in requirement.text


def held(interface: str, text: str = "As somebody wrote it.") -> Requirement:
    return Requirement(name="a", text=text, interface=interface)


NOW = object_schema(
    [
        field("text"),
        field("maxWords", "integer", default="40", limits={"minimum": 0, "maximum": 8000}),
        field("mode", required=False, choices=["fast", "good"]),
        field("items", "list of object", required=False),
        field("items[].price", "number", limits={"minimum": 2}),
    ]
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (held("`mode`: enum fast, good, optional"), held("`mode`: enum fast, good, optional")),
        (
            held("`maxWords`: minimum 0, maximum 5000, default 40"),
            held(*["`maxWords`: minimum 0, maximum 8000, default 40"] * 2),
        ),
        (held("`price`: minimum 0.5"), held(*["`price`: minimum 2"] * 2)),
        (held("`words`: maxItems 20"), held("`words`: maxItems 20")),
        # The limit is no more, the field is no more.
        (held("`text`: minLength 1"), None),
        (held("`due`: nullable"), None),
        (held(""), held("")),
    ],
)
def test_what_the_interface_checks_is_brought_up_to_it(before: Requirement, after: Requirement | None) -> None:
    assert still_demanded([before], NOW, OUTPUTS) == ((after,) if after else ())
