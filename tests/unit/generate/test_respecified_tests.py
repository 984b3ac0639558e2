"""Which tests a changed specification has: a person's examples are theirs, what speaks of a field that goes changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.values.service import Requirement, Scenario, Spec
from tests.fakes.fields import draft
from tests.flow.replies import change
from tests.unit.generate.test_respecify import BEFORE, PERSONS, changed

BORDER = BEFORE.model_copy(
    update={
        "input_schema": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "darkColor": {"type": "string"}},
            "required": ["text"],
        }
    }
)
CASE = Requirement(name="the_dark_color_is_named", text="The dark color is named, and text is kept")
NO_BORDER = json.loads(change()) | {"removed_inputs": ["darkColor"]}


def proposed(
    text: str,
    replaces: str = "",
    words: str = "",
    given: dict[str, str] | None = None,
    expected: dict[str, str] | None = None,
    status: str = "",
) -> dict[str, object]:
    sent, answered = (
        [{"field": name, "value": value} for name, value in (data or {}).items()] for data in (given, expected)
    )
    return {"replaces": replaces, "words": words, "text": text, "given": sent, "expected": answered, "status": status}


def last(said: str, *tests: dict[str, object], spec: Spec = BEFORE) -> Scenario:
    after, _ = changed(said, change(*tests), spec=spec)
    return after.scenarios[-1]


A_B: dict[str, Any] = {"given": {"text": "a b"}, "expected": {"upper": "A-B"}}


@pytest.mark.parametrize("words", ["", "a b must give A-B"])
def test_what_a_reviewer_says_must_come_out_is_a_persons_scenario(words: str) -> None:
    scenario = last(
        "Spaces are wrong: `a b` must give `A-B`.", proposed("'a b' comes out as 'A-B'", words=words, **A_B)
    )
    assert not scenario.generated
    assert (scenario.given, scenario.expected) == (A_B["given"], A_B["expected"])
    spec = BEFORE.model_copy(update={"scenarios": (PERSONS, scenario)})
    _, fake = changed("use another library", change(proposed("", scenario.name)), change(), change(), spec=spec)
    assert f"`test_{scenario.name}` is what a person wrote" in fake.prompt()


def test_in_the_persons_words_where_they_are_quoted() -> None:
    said = 'Spaces are wrong: `{"text": "a b"}` must give `{"upper": "A-B"}`.'
    words = '`{"text": "a b"}` must give `{"upper": "A-B"}`'
    scenario = last(said, proposed("spaces become hyphens", words=words, **A_B))
    assert (scenario.text, scenario.request, scenario.answer) == (words, {"text": "a b"}, {"upper": "A-B"})
    assert last(said, proposed("spaces become hyphens", **A_B)).expected == {"upper": "A-B"}


@pytest.mark.parametrize(
    ("said", "status", "persons"),
    [("An empty text must be refused with 413.", "413", True), ("An empty text must be refused.", "4xx", False)],
)
def test_a_refusal_that_a_reviewer_names(said: str, status: str, persons: bool) -> None:
    scenario = last(said, proposed("no text gives 413" if persons else "no text is refused", status=status))
    assert scenario.generated is not persons


def test_what_a_model_thinks_up_has_all_the_data_it_gives() -> None:
    new = proposed('"hi" comes in red', given={"text": "hi", "dark": "red", "width": "wide"}, expected={"upper": "HI"})
    after, _ = changed("colors, please", change(new, inputs=(draft("dark", required=False), WIDTH)))
    scenario = after.scenarios[-1]
    assert scenario.generated
    # A number that is none is left out, and what the answer holds has to stand in the words.
    assert (scenario.given, scenario.expected) == ({"text": "hi", "dark": "red"}, None)


WIDTH = draft("width", "integer", required=False)


@pytest.mark.parametrize(
    "spec",
    [
        BORDER.model_copy(update={"requirements": (CASE,)}),
        BORDER.model_copy(
            update={"scenarios": (PERSONS, Scenario(name=CASE.name, text=CASE.text, generated=True))},
        ),
    ],
)
def test_what_is_no_persons_test_goes_or_changes_with_its_field(spec: Spec) -> None:
    def removed(*tests: dict[str, object]) -> str:
        return json.dumps(NO_BORDER | {"tests": tests})

    for answer, texts in (("", []), ("Text is kept", ["Text is kept"])):
        after, fake = changed(
            "away with the second field", removed(), removed(proposed(answer, f"test_{CASE.name} (idea)")), spec=spec
        )
        assert "`test_the_dark_color_is_named` speaks of `darkColor`, which goes" in fake.prompt()
        assert [scenario.text for scenario in after.scenarios[1:]] == texts
        assert not after.requirements


def test_a_requirement_changes_only_where_the_points_speak_of_it() -> None:
    spec = BORDER.model_copy(update={"requirements": (CASE,)})
    replaced = change(proposed("The color comes first", CASE.name))
    after, fake = changed("a border", replaced, change(), change(), spec=spec)
    assert "No point speaks of `test_the_dark_color_is_named`, so it stays" in fake.prompt()
    assert after.requirements == (CASE,)
    after, _ = changed("name the color first", replaced, spec=spec)
    assert [scenario.text for scenario in after.scenarios] == [PERSONS.text, "The color comes first"]


def test_what_nothing_can_check_goes_with_its_field() -> None:
    unchecked = CASE.model_copy(update={"unchecked": "nobody sees it"})
    reply: dict[str, Any] = NO_BORDER
    after, _ = changed("away with it", json.dumps(reply), spec=BORDER.model_copy(update={"requirements": (unchecked,)}))
    assert after.requirements == ()
