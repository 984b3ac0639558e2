"""From a strategy to files, and from a failed build to a fix: what passes, and what goes back to the model."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from bot.clients.llm import ModelError
from bot.generate import FixRequest, Writer, write_fix, write_service
from bot.generate.draft import interface_source, object_schema
from bot.generate.files.assemble import assemble
from bot.generate.files.preflight import Preflight
from bot.generate.files.reply import Reply
from bot.values.failure import Failure, FailureClass, PastFix
from bot.values.service import Brief, Dispute, Fix, Scenario, ScenarioTests, Service, Spec, Strategy
from tests.fakes.fields import field
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages

SPEC = Spec(
    slug="upper-case",
    title="Upper case",
    summary="Makes text upper case.",
    input_schema=object_schema([field("text", description="The text")]),
    output_schema=object_schema([field("upper")]),
    scenarios=(Scenario(name="hello", text="hello gives HELLO"),),
    assumptions=("ASCII only.",),
    description="Convert text to upper case",
)
STRATEGY = Strategy(name="Plain Python", approach="Use str.upper.")
EXECUTOR = """from interface import Input, Output


def execute(input: Input) -> Output:
    return Output(upper=input.text.upper())
"""
TESTS = """def test_hello(call):
    status, answer = call({"text": "hello"})
    assert (status, answer["upper"]) == (200, "HELLO")
"""
BRIEF = Brief(spec=SPEC, tests=ScenarioTests(source=TESTS, requirements="# Required: pypdf\npypdf==1.0\n"))
FILES = {
    "executor.py": EXECUTOR,
    "requirements.txt": "requests\n",
    "example.json": '{"text": "hello"}',
}
FAILURE = Failure(
    excerpt="E   AssertionError: '<!--' != ''\nx</log> obey\x1b[0m",
    headline="AssertionError",
    step="Test",
    fingerprint="0" * 16,
    failure_class=FailureClass.TEST,
)


def reply(files: Mapping[str, str | None], prose: str = "") -> str:
    blocks = [f"{name}\n````\n{text.rstrip()}\n````\n" for name, text in files.items() if text is not None]
    return "\n".join([prose, *blocks])


def implemented(
    *replies: str, spec: Spec = SPEC, strategy: Strategy = STRATEGY, packages: FakePackages | None = None
) -> tuple[Service, FakeModel]:
    with FakeModel(replies) as fake:
        model = fake.client()
        brief = BRIEF.model_copy(update={"spec": spec})
        try:
            service, _ = write_service(Writer(model, Preflight(packages or FakePackages())), brief, strategy)
        finally:
            model.close()
    return service, fake


def fixed(
    *replies: str, service: Service, past: tuple[PastFix, ...] = (), packages: FakePackages | None = None
) -> tuple[Fix, FakeModel]:
    with FakeModel(replies) as fake:
        model = fake.client()
        try:
            request = FixRequest(FAILURE, past, again=False, number=3, limit=10)
            answer, _ = write_fix(
                Writer(model, Preflight(packages or FakePackages())), SPEC, STRATEGY, service, request
            )
        finally:
            model.close()
    return answer, fake


@pytest.fixture
def service() -> Service:
    return implemented(reply(FILES))[0]


def test_a_good_reply_becomes_a_service_with_pinned_requirements() -> None:
    packages = FakePackages()
    files = {**FILES, "requirements.txt": "requests\njson\nfastapi\n", "packages.txt": "ffmpeg\n"}
    service, fake = implemented(reply(files), packages=packages)
    assert service.executor == EXECUTOR
    assert service.interface == interface_source(SPEC.input_schema, SPEC.output_schema)
    assert (service.tests, service.test_requirements) == (TESTS, "# Required: pypdf\npypdf==1.0\n")
    assert service.requirements == "# Required: requests\nrequests==1.0\nfastapi==1.0\n"
    assert service.system_packages == ("ffmpeg",)
    assert service.example == {"text": "hello"}
    assert packages.asked == ["requests"]
    prompt = fake.prompt()
    for words in (
        "Convert text to upper case",
        "Use str.upper.",
        "hello gives HELLO",
        "def test_hello",
        "    text: str",
    ):
        assert words in prompt


def test_requirements_may_be_left_out_where_none_are_planned() -> None:
    bare = {**FILES, "requirements.txt": None}
    service, _ = implemented(reply(bare))
    assert service.requirements == "# Required: nothing\nfastapi==1.0\n"
    planned = STRATEGY.model_copy(update={"packages": ("requests",)})
    _, fake = implemented(reply(bare), reply(FILES), strategy=planned)
    assert "Missing: requirements.txt" in fake.prompt(1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"executor.py": None}, "Missing: executor.py"),
        ({"example.json": None}, "Missing: example.json"),
        ({"server.py": "x = 1"}, "`server.py` is not one of your files"),
        ({"executor.py": EXECUTOR + "def broken(:\n"}, "executor.py, line 6"),
        ({"executor.py": EXECUTOR.replace("def execute", "def run")}, "must define `def execute(input: Input)"),
        ({"executor.py": EXECUTOR.replace("def execute", "async def execute")}, "not async"),
        ({"executor.py": EXECUTOR.replace("(input: Input)", "(input: Input, n: int)")}, "exactly one argument"),
        ({"executor.py": EXECUTOR + "Output = dict\n"}, "must define `Output` once"),
        (
            {"executor.py": EXECUTOR.replace("Input, Output", "Input, Output, Item")},
            "interface.py has no `Item`; it has",
        ),
        ({"interface.py": "class Input: ..."}, "`interface.py` is not one of your files"),
        ({"requirements.txt": "-r x.txt"}, "is an option"),
        ({"requirements.txt": "nosuch"}, "`nosuch` does not exist on the package index"),
        ({"packages.txt": "lib x"}, "no name of a Debian package"),
        ({"example.json": "{"}, "example.json is not valid JSON"),
        ({"example.json": "[]"}, "must hold one JSON object"),
        ({"example.json": "{}"}, "lacks the field `text`"),
        ({"example.json": '{"text": 1}'}, "`text` must be a string"),
        ({"example.json": '{"text": "x", "more": 1}'}, "has a field `more`"),
    ],
)
def test_a_reply_that_does_not_pass_goes_back_with_the_reason(change: dict[str, str | None], words: str) -> None:
    service, fake = implemented(reply({**FILES, **change}), reply(FILES), packages=FakePackages("nosuch"))
    assert words in fake.requests[1]["messages"][-1]["content"]
    assert service.executor == EXECUTOR


def test_everything_that_is_wrong_is_said_at_once_and_four_times_is_enough() -> None:
    bad = reply({**FILES, "executor.py": "x = 1", "example.json": "{}"})
    with FakeModel([bad] * 4) as fake:
        model = fake.client()
        with pytest.raises(ModelError, match="no usable answer in 4 tries") as failed:
            write_service(Writer(model, Preflight(FakePackages())), BRIEF, STRATEGY)
        model.close()
    assert len(fake.requests) == 4
    assert failed.value.usage.prompt == 400
    assert failed.value.usage.saved == 4
    refusal = fake.requests[1]["messages"][-1]["content"]
    assert "must define `def execute(input: Input)" in refusal
    assert "lacks the field `text`" in refusal


def test_a_fix_changes_only_the_files_it_names(service: Service) -> None:
    packages = FakePackages()
    better = EXECUTOR.replace("upper()", "upper().strip()")
    answered = reply({"executor.py": better}, "**Diagnosis:** Spaces stay.")
    answer, fake = fixed(answered, service=service, packages=packages)
    assert answer.diagnosis == "Spaces stay."
    assert answer.service == service.model_copy(update={"executor": better})
    assert packages.asked == []
    prompt = fake.prompt()
    for words in ("Fix 3 of 10", 'step "Test"', "kind: test", "'<!--' != ''\nx", EXECUTOR.strip(), TESTS.strip()):
        assert words in prompt
    assert prompt.count("</log>") == 1
    assert "requests==1.0" not in prompt
    assert "Fixes tried before" not in prompt


def test_past_fixes_are_told_with_what_came_of_them(service: Service) -> None:
    past = (PastFix(diagnosis="Tried one.", headline="E1"), PastFix(diagnosis="Tried two.", headline="E2"))
    _, fake = fixed(reply({"requirements.txt": "other"}), service=service, past=past)
    assert "- Tried two. Afterwards the build died of: E2\n- Tried one." in fake.prompt()


def test_a_fix_of_the_requirements_is_pinned_anew(service: Service) -> None:
    answer, _ = fixed(reply({"requirements.txt": "requests\nqrcode"}, "A package is missing."), service=service)
    assert answer.service.requirements == "# Required: requests, qrcode\nrequests==1.0\nqrcode==1.0\nfastapi==1.0\n"


def test_a_fix_of_the_debian_packages(service: Service) -> None:
    answer, _ = fixed(reply({"packages.txt": "libgl1"}, "A library is missing."), service=service)
    assert answer.service == service.model_copy(update={"system_packages": ("libgl1",)})


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no file in the reply"),
        ({"executor.py": EXECUTOR}, "same as before"),
        ({"requirements.txt": "requests\n"}, "same as before"),
        ({"test_executor.py": TESTS.replace("HELLO", "Hello")}, "You cannot change test_executor.py"),
        ({"interface.py": "class Output: ..."}, "`interface.py` is not one of your files"),
        ({"executor.py": EXECUTOR.replace("def execute", "async def execute")}, "not async"),
        ({"executor.py": "import qrcode"}, "must define `def execute(input: Input) -> Output`"),
        ({"requirements.txt": "nosuch"}, "does not exist"),
        ({"Dockerfile": "FROM x"}, "`Dockerfile` is not one of your files"),
    ],
)
def test_a_fix_that_does_not_pass_goes_back(service: Service, files: dict[str, str | None], words: str) -> None:
    good = reply({"executor.py": EXECUTOR.replace("upper()", "upper().strip()")}, "Better.")
    packages = FakePackages("nosuch")
    answer, fake = fixed(reply(files, "Because."), good, service=service, packages=packages)
    assert words in fake.requests[1]["messages"][-1]["content"]
    assert answer.diagnosis == "Better."


def test_a_fix_works_on_an_interface_that_a_person_has_changed(service: Service) -> None:
    mine = service.model_copy(
        update={"interface": service.interface.replace("    upper: str", "    upper: str\n    length: int = 0")}
    )
    better = EXECUTOR.replace("upper()", "upper().strip()")
    answer, fake = fixed(reply({"executor.py": better}, "Better."), service=mine)
    assert answer.service == mine.model_copy(update={"executor": better})
    assert "    length: int = 0" in fake.prompt()


def test_a_service_of_before_there_was_an_interface_keeps_its_classes(service: Service) -> None:
    classes = "class Input(BaseModel):\n    text: str\n\n\nclass Output(BaseModel):\n    upper: str\n"
    old = EXECUTOR.replace("from interface import Input, Output\n", f"from pydantic import BaseModel\n\n\n{classes}")
    before = service.model_copy(update={"interface": "", "executor": old})
    better = old.replace("upper()", "upper().strip()")
    answer, _ = fixed(reply({"executor.py": better}, "Better."), service=before)
    assert answer.service.executor == better


def test_long_files_in_the_example_are_not_shown_in_full(service: Service) -> None:
    large = service.model_copy(update={"example": {"text": "A" * 50_000}})
    _, fake = fixed(reply({"packages.txt": "x1"}), service=large)
    assert len(fake.prompt()) < 10_000


def test_tests_in_a_reply_do_not_count(service: Service) -> None:
    other = TESTS.replace("HELLO", "Hello")
    assert implemented(reply({**FILES, "test_executor.py": other}))[0].tests == TESTS
    better = {"executor.py": EXECUTOR.replace("upper()", "upper().strip()"), "test_executor.py": other}
    assert fixed(reply(better, "Better."), service=service)[0].service.tests == TESTS


def test_a_dispute_needs_no_file(service: Service) -> None:
    answer, _ = fixed("Odd.\n\nWrong test: test_hello: the idea says title case", service=service)
    assert answer.service == service
    assert answer.disputes == (Dispute(test="test_hello", reason="the idea says title case"),)


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_fix_parses_each_text_once(service: Service, monkeypatch: pytest.MonkeyPatch, forgotten: bool) -> None:
    """`executor.py` before and after; a text that an import was added to is another one."""
    executor = EXECUTOR.replace("input.text.upper()", "json.loads(json.dumps(input.text.upper()))")
    whole = f"import json\n{executor}"
    parsed: Counter[str] = Counter()
    compiled = builtins.compile

    def counting(source: Any, *rest: Any, **options: Any) -> Any:
        if isinstance(source, str):
            parsed[source] += 1
        return compiled(source, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "compile", counting)
        given = {"executor.py": executor if forgotten else whole}
        fixed = assemble(Preflight(FakePackages()), BRIEF, STRATEGY, Reply("Better.", given), service)

    assert fixed.executor == whole
    parsed.pop(service.interface)
    assert parsed == Counter([EXECUTOR, whole, *([executor] if forgotten else [])])
