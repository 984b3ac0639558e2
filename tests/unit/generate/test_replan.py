"""A plan changes as the points say and no further: fields, tests, requirements, assumptions, strategies."""

from __future__ import annotations

import pytest

from bot.clients.llm import ModelError
from bot.generate import Writer, change_plan
from bot.generate.files import Preflight
from bot.values.plan import PlanChange
from bot.values.revision import Point
from bot.values.service import Requirement, Spec, Strategy
from tests.fakes.fields import draft
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.flow.replies import change, replanned, way
from tests.unit.generate.test_respecify import BEFORE, SUFFIX, asked

PLAN = BEFORE.model_copy(update={"assumptions": ("Any alphabet is welcome.",)})
LIMITED = PLAN.model_copy(
    update={
        "input_schema": {
            "type": "object",
            "properties": {"text": {"type": "string", "maxLength": 20}},
            "required": ["text"],
        },
        "requirements": (
            Requirement(name="at_most_20", text="At most 20 characters.", interface="`text`: maxLength 20"),
            Requirement(name="it_is_fast", text="It is fast.", unchecked="speed depends on the machine"),
        ),
    }
)
WAYS = (Strategy(name="str.upper", approach="Use it."), Strategy(name="a table", approach="Look it up."))


def changed(
    said: str, *replies: str, spec: Spec = PLAN, strategies: tuple[Strategy, ...] = WAYS
) -> tuple[PlanChange, FakeModel]:
    with FakeModel(replies) as fake:
        model = fake.client()
        try:
            writer = Writer(model, Preflight(FakePackages("no-such-package")))
            points = [Point(id="comment:1", author="octo", text=said)]
            after, _ = change_plan(writer, (spec, strategies), points, ["taken"], 2)
        finally:
            model.close()
    return after, fake


def test_what_is_not_named_stays_to_the_letter() -> None:
    after, fake = changed("why a table?", replanned(answer="In case  the first fails.", done=False))
    assert after == PlanChange(spec=PLAN, strategies=WAYS, answer="In case the first fails.", done=False)
    assert "<strategies>\n" in fake.prompt()
    assert '"name":"a table"' in fake.prompt()
    assert "Point 1: why a table?" in fake.prompt()


def test_what_only_the_code_has_to_do_is_done() -> None:
    after, _ = changed("be quick", replanned())
    assert after == PlanChange(spec=PLAN, strategies=WAYS, answer="As you say.", done=True)


def test_fields_tests_words_and_strategies_change_together() -> None:
    reply = change(asked("hi with suffix ? gives HI?", sent="hi"), inputs=(SUFFIX,))
    after, _ = changed(
        "a suffix, no table, any alphabet, and call it shout",
        replanned(reply, title="Shout", slug="shout", assumptions=[], strategies=[way("str.upper")]),
    )
    assert list(after.spec.input_schema["properties"]) == ["text", "suffix"]
    assert [scenario.name for scenario in after.spec.scenarios] == ["hello_gives_hello", "hi_with_suffix_gives_hi"]
    assert (after.spec.title, after.spec.slug, after.spec.assumptions) == ("Shout", "shout", ())
    assert [strategy.name for strategy in after.strategies] == ["str.upper"]


def test_a_name_that_is_taken_gets_another_one() -> None:
    assert changed("call it taken", replanned(slug="taken"))[0].spec.slug == "taken-2"


def test_how_a_live_service_is_made_and_called_is_settled() -> None:
    reply = replanned(slug="other", strategies=[way("another")])
    after, fake = changed("another library", reply, strategies=())
    assert (after.strategies, after.spec.slug) == ((), PLAN.slug)
    assert "strategies: [], because how it is implemented is settled" in fake.prompt()


@pytest.mark.parametrize(
    ("said", "reply", "reason"),
    [
        ("a suffix", replanned(dropped=["other"]), "There is no requirement `other`"),
        ("a suffix", replanned(dropped=["it_is_fast"]), "No point speaks of the requirement `it_is_fast`"),
        (
            "up to 40 characters",
            replanned(change(inputs=(draft("text", limits={"maxLength": 40}),))),
            "The changed fields do not keep to the requirement `at_most_20`",
        ),
        ("pillow", replanned(strategies=[way("Pillow", "no-such-package")]), "The strategy Pillow cannot be tried"),
        ("a suffix", replanned(change(asked("", "hello_gives_hello"))), "is what a person wrote"),
        ("a suffix", replanned(answer=" "), "answer"),
    ],
)
def test_what_goes_too_far_is_refused(said: str, reply: str, reason: str) -> None:
    after, fake = changed(said, reply, replanned(), spec=LIMITED)
    assert after.spec == LIMITED
    assert reason in fake.prompt()
    with pytest.raises(ModelError):
        changed(said, *[reply] * 5, spec=LIMITED)


def test_a_requirement_that_a_point_ends_goes_with_its_limit() -> None:
    reply = change(inputs=(draft("text", limits={"maxLength": 40}),))
    after, _ = changed("40 characters rather than 20", replanned(reply, dropped=["at_most_20"]), spec=LIMITED)
    assert [requirement.name for requirement in after.spec.requirements] == ["it_is_fast"]
