"""A specification changes as the points say and no further; a person's test only in words that a point holds."""

from __future__ import annotations

import json

import pytest

from bot.clients.llm import ModelError
from bot.generate import Writer, change_spec
from bot.generate.files import Preflight
from bot.values.revision import Point
from bot.values.service import Scenario, Spec
from tests.fakes.fields import draft
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.flow.replies import change
from tests.unit.generate.files.test_assemble import SPEC

PERSONS = Scenario(
    name="hello_gives_hello",
    text="hello gives HELLO",
    given={"text": "hello"},
    expected={"upper": "HELLO"},
    request={"text": "hello"},
    answer={"upper": "HELLO"},
)
BEFORE = SPEC.model_copy(update={"scenarios": (PERSONS,)})
SUFFIX = draft("suffix", required=False, default='"!"')


def asked(text: str, replaces: str = "", words: str = "", sent: str = "") -> dict[str, object]:
    given = [{"field": "text", "value": sent}] if sent else []
    return {"replaces": replaces, "words": words, "text": text, "given": given, "expected": []}


def changed(said: str, *replies: str, spec: Spec = BEFORE, wanted: str = "a field") -> tuple[Spec, FakeModel]:
    with FakeModel(replies) as fake:
        model = fake.client()
        try:
            writer = Writer(model, Preflight(FakePackages()))
            after, _ = change_spec(writer, spec, [Point(id="comment:1", author="octo", text=said)], wanted)
        finally:
            model.close()
    return after, fake


def test_a_new_field_leaves_the_others_and_the_tests_to_the_letter() -> None:
    after, fake = changed("a suffix, please", change(asked("hi with suffix ? gives HI?", sent="hi"), inputs=(SUFFIX,)))
    assert list(after.input_schema["properties"]) == ["text", "suffix"]
    assert after.input_schema["properties"]["text"] == BEFORE.input_schema["properties"]["text"]
    assert after.input_schema.get("required") == BEFORE.input_schema.get("required")
    assert after.output_schema == BEFORE.output_schema
    assert after.scenarios[0] == PERSONS
    assert (after.scenarios[1].name, after.scenarios[1].given) == ("hi_with_suffix_gives_hi", {"text": "hi"})
    assert after.scenarios[1].generated
    assert "Point 1: a suffix, please" in fake.prompt()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (change(asked("hello gives Hello", "hello_gives_hello", "a suffix")), "is what a person wrote"),
        (change(asked("", "hello_gives_hello")), "exactly: `words` is empty. If none does, leave this test out"),
        (
            change(asked("", "hello_gives_hello", "hello gives Hello")),
            "exactly: “hello gives Hello” does not stand in the points like this",
        ),
        (
            change(asked("", "hello_gives_hello", "a suffix")),
            "exactly: “a suffix” has no word in common with what that test says: hello gives HELLO. If none does",
        ),
        (change(asked("", "other")), "There is no test `other` to replace. `replaces` holds the name of one of"),
        (change(inputs=(draft("text", limits={"maxLength": 3}),)), "`test_hello_gives_hello` sends `text`"),
        (change(inputs=(draft("size", "integer"),)), "`size` cannot be required: `test_hello_gives_hello`"),
        (json.dumps(json.loads(change()) | {"removed_inputs": ["size"]}), "There is no field `size`"),
        (json.dumps(json.loads(change()) | {"removed_outputs": ["upper"]}), "No field is left"),
    ],
)
def test_what_goes_too_far_is_refused(reply: str, reason: str) -> None:
    after, fake = changed("please add a suffix!", reply, change(inputs=(SUFFIX,)))
    assert after.scenarios == (PERSONS,)
    assert reason in fake.prompt()
    with pytest.raises(ModelError):
        changed("please add a suffix!", *[reply] * 5)


def test_a_persons_test_changes_where_a_person_says_so_in_words() -> None:
    reply = change(asked("hello gives Hello", "test_hello_gives_hello", "hello gives Hello", sent="hello"))
    after, _ = changed("Only the first letter: hello gives Hello.", reply)
    (scenario,) = after.scenarios
    assert (scenario.text, scenario.generated) == ("hello gives Hello", False)
    assert scenario.given == {"text": "hello"}


def test_a_test_that_the_model_thought_up_needs_no_words() -> None:
    spec = BEFORE.model_copy(update={"scenarios": (PERSONS.model_copy(update={"generated": True}),)})
    after, _ = changed("title case", change(asked("hello gives Hello", "hello_gives_hello")), spec=spec)
    assert [scenario.text for scenario in after.scenarios] == ["hello gives Hello"]


def test_it_may_stay_where_nobody_who_implements_it_asks_for_a_change() -> None:
    after, fake = changed("use another library", change(), wanted="")
    assert after == BEFORE
    assert "Where a caller would see no difference, leave every list empty." in fake.prompt()
    assert "Whoever implements it" not in fake.prompt()


def test_nothing_changes_where_the_model_insists() -> None:
    """What the points ask for may stand against a person's test that they do not speak of."""
    too_far = change(asked("hello gives Hello", "hello_gives_hello", "title case"))
    for replies in ((change(), change()), (too_far, change())):
        after, fake = changed("title case", *replies, wanted="another answer")
        assert after == BEFORE
        assert len(fake.requests) == 2
    after, fake = changed("a suffix, please", change(), change(inputs=(SUFFIX,)))
    assert "suffix" in after.input_schema["properties"]
    assert "Nothing changes. Write the fields and the tests that the points ask for." in fake.prompt()
