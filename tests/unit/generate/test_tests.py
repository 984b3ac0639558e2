"""Tests are written from the issue alone, as HTTP calls, and only their writer changes them."""

from __future__ import annotations

import pytest

from bot.clients.llm import ModelError
from bot.generate import Writer, review_tests, write_tests
from bot.generate.draft import object_schema
from bot.generate.files import Preflight
from bot.values.cost import Usage
from bot.values.service import Dispute, Requirement, Review, Scenario, ScenarioTests, Spec
from tests.fakes.fields import field
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.unit.generate.files.test_assemble import SPEC, TESTS, reply

DISPUTE = Dispute(test="test_hello", reason="the idea says title case")


def written(*replies: str, spec: Spec = SPEC) -> tuple[ScenarioTests, FakeModel, Usage]:
    with FakeModel(replies) as fake:
        model = fake.client()
        try:
            tests, usage = write_tests(Writer(model, Preflight(FakePackages("nosuch"))), spec)
        finally:
            model.close()
    return tests, fake, usage


def reviewed(
    *replies: str, tests: ScenarioTests, spec: Spec = SPEC, dispute: Dispute = DISPUTE
) -> tuple[Review, FakeModel]:
    with FakeModel(replies) as fake:
        model = fake.client()
        try:
            review, _ = review_tests(Writer(model, Preflight(FakePackages())), spec, tests, [dispute])
        finally:
            model.close()
    return review, fake


def test_the_writer_sees_the_issue_and_no_executor() -> None:
    tests, fake, usage = written(reply({"test_executor.py": TESTS}))
    assert tests == ScenarioTests(source=TESTS)
    prompt = fake.prompt()
    assert "Convert text to upper case" in prompt and "hello gives HELLO" in prompt
    assert "def test_hello(call):\n    status, answer = call({'text': ...})\n" in prompt
    assert usage.saved == 0


def test_what_tests_need_is_pinned_apart_from_the_service() -> None:
    source = f"import pytest\nfrom PIL import Image\n{TESTS}"
    tests, _, _ = written(reply({"test_executor.py": source, "test_requirements.txt": "pypdf\npytest\n"}))
    assert tests.requirements.splitlines()[0] == "# Required: pypdf, pillow"
    assert "pypdf==1.0\npillow==1.0\n" in tests.requirements


@pytest.mark.parametrize(
    ("source", "required", "words"),
    [
        ("def broken(:\n", None, "test_executor.py, line 1"),
        (TESTS.replace("test_hello", "test_other"), None, "has no function `test_hello`"),
        (f"from executor import execute\n{TESTS}", None, "must not import `executor`"),
        (TESTS.replace('"hello"', "..."), None, "leaves a `...` where a value belongs"),
        (f"import nobodyknows\n{TESTS}", None, "add the package that does to test_requirements.txt"),
        (f"import fastapi\n{TESTS}", None, "test_executor.py imports `fastapi`"),
        (TESTS, "nosuch", "test_requirements.txt: `nosuch` does not exist"),
        (TESTS, "-r x.txt", "is an option"),
    ],
)
def test_tests_that_do_not_pass_go_back_with_the_reason(source: str, required: str | None, words: str) -> None:
    bad = reply({"test_executor.py": source, "test_requirements.txt": required})
    tests, fake, usage = written(bad, reply({"test_executor.py": TESTS}))
    assert words in fake.requests[1]["messages"][-1]["content"]
    assert tests.source == TESTS
    assert usage.saved == 1


def test_a_literal_request_is_sent_whatever_the_model_prefers() -> None:
    scenario = Scenario(name="hello", text='Send {"text": "hello"}', request={"text": "hello"})
    more = TESTS.replace('{"text": "hello"}', '{"text": "hello", "margin": 4}')
    tests, fake, _ = written(
        reply({"test_executor.py": more}),
        reply({"test_executor.py": TESTS}),
        spec=SPEC.model_copy(update={"scenarios": (scenario,)}),
    )
    assert '`test_hello` must send exactly {"text": "hello"}' in fake.requests[1]["messages"][-1]["content"]
    assert tests.source == TESTS


def test_samples_that_do_not_exist_go_back_with_those_that_do() -> None:
    takes_files = SPEC.model_copy(
        update={"input_schema": object_schema([field("text", type="file", media_types=["image/png"])])}
    )
    bad = TESTS.replace('"hello"', 'sample("hologram")').replace("(call)", "(call, sample)")
    _, fake, _ = written(reply({"test_executor.py": bad}), reply({"test_executor.py": TESTS}), spec=takes_files)
    assert '  - `sample("png")`: a house in a landscape under the sun, 640 x 480 pixels\n' in fake.prompt()
    assert "`sample('hologram')`: there is no kind 'hologram'; the kinds are png, " in fake.prompt(1)


def test_a_requirement_without_a_test_is_refused_by_name() -> None:
    requirements = (
        Requirement(name="lines_are_sorted", text="Lines are sorted"),
        Requirement(name="at_most_40", text="At most 40", interface="`text`: maxLength 40"),
        Requirement(name="fast", text="Fast", unchecked="depends on the machine"),
    )
    both = f'{TESTS}\n\ndef test_lines_are_sorted(call):\n    assert call({{"text": "b\\na"}})[1]["upper"] == "A\\nB"\n'
    tests, fake, _ = written(
        reply({"test_executor.py": TESTS}),
        reply({"test_executor.py": both.replace("assert call", "call")}),
        reply({"test_executor.py": both}),
        spec=SPEC.model_copy(update={"requirements": requirements}),
    )
    assert "test_lines_are_sorted (idea): Lines are sorted" in fake.prompt()
    assert "def test_lines_are_sorted(call):\n    ..." in fake.prompt()
    assert "at_most_40" not in fake.prompt() and "depends on the machine" not in fake.prompt()
    first, second = (fake.requests[number]["messages"][-1]["content"] for number in (1, 2))
    assert "no function `test_lines_are_sorted` for the requirement: Lines are sorted" in first
    assert "`test_lines_are_sorted` must assert" in second
    assert tests.source == both


def test_no_tests_at_all_are_an_error() -> None:
    with pytest.raises(ModelError, match="no usable answer in 4 tries"):
        written(*["I would rather not."] * 4)


MORE = f"{TESTS}\n\ndef test_more(call):\n    assert call({{}})[0] == 422\n"


def test_a_disputed_test_may_change_and_no_other() -> None:
    right = MORE.replace("HELLO", "Hello")
    review, fake = reviewed(reply({"test_executor.py": right}, "Title case."), tests=ScenarioTests(source=MORE))
    assert review == Review(tests=ScenarioTests(source=right), reason="Title case.")
    assert "test_hello: the idea says title case" in fake.prompt()
    assert "def execute(input: Input) -> Output:\n    return" not in fake.prompt()

    review, fake = reviewed(
        reply({"test_executor.py": right.replace("422", "200")}, "Both."),
        "It is right.",
        tests=ScenarioTests(source=MORE),
    )
    assert "`test_more` differs (it no longer holds 422); it must stay as it is" in fake.prompt(1)
    assert review == Review(tests=ScenarioTests(source=MORE), reason="It is right.")


def test_a_review_never_changes_what_the_person_wrote_as_data() -> None:
    """Neither a quoted text, nor a request, nor the use of a file."""
    scenario = Scenario(name="hello", text='"hello" gives "HELLO"', quotes=("hello", "HELLO"))
    other = TESTS.replace("HELLO", "Hello")
    review, fake = reviewed(
        reply({"test_executor.py": other}, "Title case."),
        "The test is right.",
        tests=ScenarioTests(source=TESTS),
        spec=SPEC.model_copy(update={"scenarios": (scenario,)}),
    )
    assert "`test_hello` must hold 'HELLO', which its scenario quotes, letter for letter" in fake.prompt(1)
    assert review.tests.source == TESTS


def test_a_review_keeps_the_packages_of_the_tests() -> None:
    tests = ScenarioTests(source=f"import pypdf\n{TESTS}", requirements="# Required: pypdf\npypdf==1.0\n")
    right = tests.source.replace("HELLO", "Hello")
    review, _ = reviewed(reply({"test_executor.py": right}, "Title case."), tests=tests)
    assert review.tests == ScenarioTests(source=right, requirements=tests.requirements)


def test_a_test_that_cannot_fail_has_to_change() -> None:
    hollow = f"{TESTS}\n\ndef test_more(call):\n    assert call({{}})[0] in (200, 422)\n"
    dispute = Dispute(test="test_more", reason="passes whatever the service does", proven=True)
    review, fake = reviewed(
        "They are right.",
        reply({"test_executor.py": hollow}, "They are right."),
        reply({"test_executor.py": MORE}, "It took any status."),
        tests=ScenarioTests(source=hollow),
        dispute=dispute,
    )
    assert review == Review(tests=ScenarioTests(source=MORE), reason="It took any status.")
    assert "test_more: passes whatever the service does" in fake.prompt()
    assert "If the tests are right" not in fake.prompt()
    for number in (1, 2):
        assert "refuses these tests whatever the code is" in fake.requests[number]["messages"][-1]["content"]
