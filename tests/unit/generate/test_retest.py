"""The tests follow a specification that has changed: new ones are written, old ones go, the others stay."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generate import Writer, change_tests
from bot.generate.draft import object_schema
from bot.generate.files import Preflight
from bot.values.revision import Point
from bot.values.service import Requirement, Scenario, ScenarioTests, Spec
from tests.fakes.fields import field
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.unit.generate.files.test_assemble import SPEC, TESTS, reply

HELLO = Scenario(name="hello", text="hello gives HELLO")
SORTED = Requirement(name="lines_are_sorted", text="Lines are sorted")
BEFORE = SPEC.model_copy(update={"scenarios": (HELLO,), "requirements": (SORTED,)})
MORE = f"{TESTS}\n\ndef test_lines_are_sorted(call):\n    assert call({{'text': 'b\\na'}})[1]['upper'] == 'A\\nB'\n"


def retested(*sources: str, **changes: Any) -> tuple[ScenarioTests, FakeModel]:
    after: Spec = BEFORE.model_copy(update=changes)
    with FakeModel([reply({"test_executor.py": source}) for source in sources]) as fake:
        model = fake.client()
        try:
            writer, points = Writer(model, Preflight(FakePackages())), [Point(id="1", author="octo", text="Do it.")]
            tests, _ = change_tests(writer, BEFORE, after, ScenarioTests(source=MORE), points)
        finally:
            model.close()
    return tests, fake


def test_a_test_with_other_words_and_the_same_name_is_written_anew_and_not_left_out() -> None:
    other = HELLO.model_copy(update={"text": "hello gives Hello"})
    title = MORE.replace("HELLO", "Hello")
    tests, fake = retested(title, scenarios=(other,))
    assert tests.source == title
    assert "Write these tests, which are new." in fake.prompt() and "def test_hello(call" in fake.prompt()
    assert "Leave these out" not in fake.prompt()


def test_what_is_no_more_goes_and_what_stays_stays_to_the_letter() -> None:
    tests, fake = retested(MORE, TESTS, requirements=())
    assert tests.source == TESTS
    assert "Leave these out, which are no more: test_lines_are_sorted." in fake.prompt()
    assert "Leave out test_lines_are_sorted: what it tests is no more." in fake.prompt(1)
    tests, fake = retested(TESTS.replace("HELLO", "hello"), TESTS, requirements=())
    assert "`test_hello` differs" in fake.prompt(1)


def test_what_sends_a_field_that_is_no_more_is_brought_up_to_date() -> None:
    lines = object_schema([field("lines")])
    renamed = MORE.replace("'text'", "'lines'").replace('"text"', '"lines"')
    tests, fake = retested(renamed, input_schema=lines)
    assert tests.source == renamed
    named = "In test_hello, test_lines_are_sorted, change what sends or reads it, and nothing else."
    assert f"The field text is no more. {named}" in fake.prompt()


@pytest.mark.parametrize("given", [{"text": "hi", "dark": "red"}, None])
def test_data_that_the_change_has_given_stand_in_the_new_test(given: dict[str, Any] | None) -> None:
    new = Scenario(name="red", text='"hi" is red', given=given, generated=True)
    colored = object_schema([field("text"), field("dark", required=False)])
    source = f'{MORE}\n\ndef test_red(call):\n    assert call({{"text": "hi", "dark": "red"}})[1]["upper"] == "HI"\n'
    _, fake = retested(source, input_schema=colored, scenarios=(HELLO, new))
    assert ("call({'text': 'hi', 'dark': 'red'})" in fake.prompt()) is (given is not None)
