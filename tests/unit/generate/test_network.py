"""What a service reaches is told in every prompt; a host that it needs and may not reach is asked for."""

from __future__ import annotations

import json

import pytest

from bot.generate import Writer, open_to_new, propose_strategies, write_spec
from bot.generate.files import Preflight
from bot.generate.network import needed_hosts
from bot.values.service import Question, Spec
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.unit.generate.test_specify import DRAFT, IDEA

SETTING = "`egress: {upper-case: [api.example.com]}` into `.github/microservice.yml`"


def specified(egress: dict[str, tuple[str, ...]], *, may_ask: bool = True, taken: tuple[str, ...] = ()) -> Spec:
    with FakeModel([json.dumps(DRAFT | {"hosts": ["https://API.example.com/v1"]})]) as fake:
        model = fake.client()
        writer = Writer(model, Preflight(FakePackages()))
        spec, _ = write_spec(writer, IDEA, taken, egress=egress, may_ask=may_ask)
        model.close()
    return spec


@pytest.mark.parametrize(
    ("hosts", "told"),
    [
        ((), "instructions.\n\nWhile it runs, the service reaches nothing on the network; people allow a host"),
        (("a.example", "b.example:8443"), "reaches nothing on the network but a.example, b.example:8443: by HTTPS"),
    ],
)
def test_the_model_is_told_what_the_service_reaches(hosts: tuple[str, ...], told: str) -> None:
    ways = {"name": "n", "approach": "a", "packages": [], "system_packages": [], "risks": ""}
    with FakeModel([json.dumps({"strategies": [ways]})]) as fake:
        model = fake.client()
        propose_strategies(Writer(model, Preflight(FakePackages()), hosts=hosts), specified({}), (), 1)
        model.close()
    assert told in fake.requests[0]["messages"][0]["content"]


def test_a_host_that_nobody_has_named_is_asked_for() -> None:
    spec = specified({"other": ("api.example.com",)}, taken=("other",))
    (question,) = spec.questions
    assert question.hosts == ("api.example.com",)
    assert f"put {SETTING} on the default branch, then answer here." in question.question
    assert question.proposal == "It works without the network."
    assert spec.assumptions == ()


def test_where_nothing_may_be_asked_the_service_does_without_and_people_are_told_how_to_allow_it() -> None:
    spec = specified({}, may_ask=False)
    assert spec.questions == ()
    assert spec.assumptions == (
        "It works without `api.example.com`, which the settings do not let it reach. To allow that, put "
        f"{SETTING} on the default branch, then type `/retry`.",
    )


@pytest.mark.parametrize(
    ("egress", "slug"),
    [
        ({"upper-case": ("API.example.com:443", "b.example")}, "upper-case"),
        ({"weather": ("api.example.com",)}, "weather"),
        ({"Not A Slug": ("api.example.com",), "second": ("api.example.com",)}, "second"),
    ],
)
def test_what_the_settings_name_is_not_asked_for_and_the_service_has_the_name_that_they_give_it(
    egress: dict[str, tuple[str, ...]], slug: str
) -> None:
    spec = specified(egress)
    assert (spec.slug, spec.questions, spec.assumptions) == (slug, (), ())


def test_what_stays_named_is_in_the_setting_that_people_are_asked_for() -> None:
    (question,) = specified({"upper-case": ("b.example",)}).questions
    assert "`egress: {upper-case: [b.example, api.example.com]}`" in question.question


def test_a_question_of_before_is_still_read() -> None:
    assert Question.model_validate({"question": "Which?", "proposal": "This."}).hosts == ()


def test_only_hosts_are_taken() -> None:
    said = [
        "https://a.example/x?y",
        "a.example:443",
        "b.example:8443",
        "the weather service",
        "`x`.y",
        "*",
        "",
        "c d.e",
    ]
    assert needed_hosts(said) == ("a.example", "b.example:8443")


def test_a_new_service_may_reach_what_is_named_for_no_other() -> None:
    assert open_to_new({"old": ("a.example",), "new": ("b.example", "c.example")}, ("old",)) == (
        "b.example",
        "c.example",
    )
