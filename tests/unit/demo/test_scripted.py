"""The scripted model, asked over HTTP by the bot's own client at every stage of a run."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from bot.clients.llm import Model, ModelError, ModelSettings
from bot.demo.examples import EXAMPLES, load
from bot.demo.scripted import ScriptedModel
from bot.generate import (
    FixRequest,
    RevisionRequest,
    Writer,
    propose_strategies,
    write_fix,
    write_revision,
    write_service,
    write_spec,
    write_tests,
)
from bot.generate.files import Preflight
from bot.values.failure import Failure, FailureClass, PastFix
from bot.values.progress import StrategyRecord
from bot.values.revision import Point
from bot.values.service import Brief, Idea, Service, Spec, Strategy
from tests.fakes.packages import FakePackages

PREFLIGHT = Preflight(FakePackages())
FAILURE = Failure(
    excerpt="E   AssertionError: assert [] == ['First page']",
    headline="AssertionError",
    fingerprint="0" * 16,
    failure_class=FailureClass.TEST,
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ScriptedModel]:
    with ScriptedModel() as served:
        yield served


@pytest.fixture
def model(endpoint: ScriptedModel) -> Iterator[Model]:
    with closing(Model(ModelSettings(base_url=endpoint.base_url, retries=0))) as asked:
        yield asked


def planned(model: Model, name: str) -> tuple[Spec, tuple[Strategy, ...]]:
    spec, _ = write_spec(Writer(model, PREFLIGHT), load(name), ())
    return spec, propose_strategies(Writer(model, PREFLIGHT), spec, (), 5)[0]


def fixes(model: Model, spec: Spec, strategy: Strategy, service: Service, count: int) -> list[Service]:
    """Return the service after each of `count` fixes."""
    past: list[PastFix] = []
    services = []
    for attempt in range(1, count + 1):
        request = FixRequest(FAILURE, tuple(past), again=False, number=attempt, limit=10)
        answer, _ = write_fix(Writer(model, PREFLIGHT), spec, strategy, service, request)
        past.append(PastFix(diagnosis=answer.diagnosis, headline=FAILURE.headline))
        service = answer.service
        services.append(service)
    return services


def brief(model: Model, spec: Spec) -> Brief:
    """Return what the strategies are written for."""
    return Brief(spec=spec, tests=write_tests(Writer(model, PREFLIGHT), spec)[0])


def test_it_offers_one_model_that_says_what_it_is(model: Model) -> None:
    assert model.default_name() == "scripted"


@pytest.mark.parametrize(("name", "slug"), [("qr", "qr-code"), ("pdf", "pdf-text"), ("obj", "model-information")])
def test_an_example_is_specified_with_the_tests_of_its_issue(model: Model, name: str, slug: str) -> None:
    spec, usage = write_spec(Writer(model, PREFLIGHT), load(name), ())
    assert spec.slug == slug
    assert tuple(scenario.text for scenario in spec.scenarios) == load(name).scenarios
    assert usage.prompt > usage.completion > 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_description_alone_is_enough(model: Model, name: str) -> None:
    """As on a form without tests, and with what people change when they type it."""
    example = load(name)
    idea = Idea(title="", description=f"  {example.description.upper()}.\n")
    spec, _ = write_spec(Writer(model, PREFLIGHT), idea, ())
    assert tuple(scenario.text for scenario in spec.scenarios) == example.scenarios
    for strategy in propose_strategies(Writer(model, PREFLIGHT), spec, (), 5)[0]:
        write_service(Writer(model, PREFLIGHT), brief(model, spec), strategy)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_strategy_has_files_that_pass_the_preflight(model: Model, name: str) -> None:
    spec, strategies = planned(model, name)
    assert len(strategies) == 2
    for strategy in strategies:
        service, _ = write_service(Writer(model, PREFLIGHT), brief(model, spec), strategy)
        assert all(f"def test_{scenario.name}(call" in service.tests for scenario in spec.scenarios)
        assert set(service.example) == set(spec.input_schema["required"])


def test_qr_forgets_a_package_and_adds_it(model: Model) -> None:
    spec, (strategy, _) = planned(model, "qr")
    service, _ = write_service(Writer(model, PREFLIGHT), brief(model, spec), strategy)
    (fixed,) = fixes(model, spec, strategy, service, 1)
    assert "pillow" not in service.requirements
    assert "pillow" in fixed.requirements
    assert fixed.executor == service.executor


def test_pdf_has_ten_different_fixes_that_leave_the_tests_alone(model: Model) -> None:
    spec, (strategy, _) = planned(model, "pdf")
    service, _ = write_service(Writer(model, PREFLIGHT), brief(model, spec), strategy)
    services = [service, *fixes(model, spec, strategy, service, 10)]
    assert len({each.executor for each in services}) == 11
    assert {each.tests for each in services} == {service.tests}


def test_obj_adds_a_system_package(model: Model) -> None:
    spec, (strategy, _) = planned(model, "obj")
    service, _ = write_service(Writer(model, PREFLIGHT), brief(model, spec), strategy)
    (fixed,) = fixes(model, spec, strategy, service, 1)
    assert service.system_packages == ()
    assert fixed == service.model_copy(update={"system_packages": ("libassimp5",)})


def test_strategies_that_failed_are_not_proposed_again(model: Model) -> None:
    spec, (first, second) = planned(model, "pdf")
    failed = [StrategyRecord(name=first.name, reason="10 fixes were not enough")]
    again, _ = propose_strategies(Writer(model, PREFLIGHT), spec, failed, 5)
    assert again == (second,)


def test_all_strategies_are_proposed_again_once_all_have_failed(model: Model) -> None:
    spec, strategies = planned(model, "pdf")
    failed = [StrategyRecord(name=strategy.name, reason="red") for strategy in strategies]
    assert propose_strategies(Writer(model, PREFLIGHT), spec, failed, 5)[0] == strategies


def test_another_idea_is_refused_with_what_to_do(model: Model) -> None:
    with pytest.raises(ModelError) as refused:
        write_spec(Writer(model, PREFLIGHT), Idea(title="", description="Convert text to upper case"), ())
    assert "model is scripted and only knows its examples" in str(refused.value)
    assert "OPENAI_API_KEY or OPENAI_BASE_URL" in str(refused.value)


def test_an_example_with_other_tests_is_refused_before_a_commit(model: Model) -> None:
    idea = load("qr").model_copy(update={"scenarios": ("https://another.example",)})
    spec, _ = write_spec(Writer(model, PREFLIGHT), idea, ())
    with pytest.raises(ModelError, match="is scripted"):
        propose_strategies(Writer(model, PREFLIGHT), spec, (), 5)


def test_a_fix_that_nobody_wrote_is_refused(model: Model) -> None:
    spec, (_, second) = planned(model, "qr")
    service, _ = write_service(Writer(model, PREFLIGHT), brief(model, spec), second)
    with pytest.raises(ModelError, match="is scripted"):
        fixes(model, spec, second, service, 1)


def test_it_remembers_nothing() -> None:
    """A run that was interrupted finds the same replies behind the next process."""
    with ScriptedModel() as first, closing(Model(ModelSettings(base_url=first.base_url))) as model:
        before = planned(model, "obj")
    with ScriptedModel() as second, closing(Model(ModelSettings(base_url=second.base_url))) as model:
        assert planned(model, "obj") == before


def ask(endpoint: ScriptedModel, body: bytes | str) -> httpx.Response:
    return httpx.post(f"{endpoint.base_url}/chat/completions", content=body)


def test_a_reply_is_marked_and_counted(endpoint: ScriptedModel) -> None:
    prompt = load("qr").description
    schema = {"type": "json_schema", "json_schema": {"name": "spec", "schema": {}}}
    request = {"model": "x", "messages": [{"role": "user", "content": prompt}], "response_format": schema}
    answer = ask(endpoint, json.dumps(request)).json()
    text = answer["choices"][0]["message"]["content"]
    assert answer["model"] == "scripted"
    assert answer["usage"] == {
        "prompt_tokens": len(prompt) // 4 + 1,
        "completion_tokens": len(text) // 4 + 1,
        "total_tokens": len(prompt) // 4 + len(text) // 4 + 2,
    }


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '{"messages": 1}', '{"messages": [{}]}', '{"messages": [], "stream": true}', b"\xff"],
)
def test_what_is_no_completion_request_is_refused(endpoint: ScriptedModel, body: bytes | str) -> None:
    answer = ask(endpoint, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"


def test_an_oversized_request_is_not_read(endpoint: ScriptedModel) -> None:
    url = httpx.URL(endpoint.base_url)
    connection = http.client.HTTPConnection(url.host, url.port, timeout=30)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("Content-Length", "8000001")
    connection.endheaders()
    # Answered although nothing of the body was sent.
    assert connection.getresponse().status == 413
    connection.close()


def test_other_paths_are_not_found(endpoint: ScriptedModel) -> None:
    assert httpx.get(f"{endpoint.base_url}/files").status_code == 404
    assert httpx.post(f"{endpoint.base_url}/embeddings", content=b"{}").status_code == 404


def test_what_people_ask_for_is_beyond_it(model: Model) -> None:
    spec, strategies = planned(model, "qr")
    writer = Writer(model, PREFLIGHT)
    service, _ = write_service(writer, brief(model, spec), strategies[0], [])
    asked = RevisionRequest((Point(id="comment:1", author="octo", text="Add a border."),), may_specify=True)
    with pytest.raises(ModelError, match="set OPENAI_API_KEY or OPENAI_BASE_URL"):
        write_revision(writer, spec, strategies[0], service, asked)
