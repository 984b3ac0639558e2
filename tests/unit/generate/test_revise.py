"""A reply changes files and answers every point; what it says to be done must be done."""

from __future__ import annotations

import pytest

from bot.clients.llm import ModelError
from bot.generate import RevisionRequest, Writer, write_revision
from bot.generate.draft import interface_source
from bot.generate.files import Preflight
from bot.values.revision import Point, PointAnswer, Revision
from bot.values.service import Service, Spec
from tests.fakes.model import FakeModel
from tests.fakes.packages import FakePackages
from tests.unit.generate.files.test_assemble import EXECUTOR, SPEC, STRATEGY, TESTS, reply

SERVICE = Service(
    interface=interface_source(SPEC.input_schema, SPEC.output_schema),
    executor=EXECUTOR,
    tests=TESTS,
    requirements="",
    example={"text": "hello"},
)
POINTS = (
    Point(id="comment:1", author="octo", text="Strip it"),
    Point(id="line:2", author="octo", text="Why upper?", path="services/upper-case/executor.py", line=5),
)
STRIPPED = {"executor.py": EXECUTOR.replace("input.text", "input.text.strip()")}
PROSE = "Point 1: done: It is stripped.\nPoint 2: not done: `upper` is what the issue asks for.\n"


def revised(
    *replies: str, may_specify: bool = True, points: tuple[Point, ...] = POINTS, spec: Spec = SPEC
) -> tuple[Revision, FakeModel]:
    with FakeModel(replies) as fake:
        model = fake.client()
        try:
            writer = Writer(model, Preflight(FakePackages()))
            revision, _ = write_revision(writer, spec, STRATEGY, SERVICE, RevisionRequest(points, may_specify))
        finally:
            model.close()
    return revision, fake


@pytest.mark.parametrize(
    "prose",
    [
        PROSE,
        "**Point 1**: **done**: It is stripped.\n\n- Point 2 - Not done. `upper` is what the issue asks for.",
        "Point 1: done: It is stripped.\nPoint 2: answer: `upper` is what the issue asks for.",
        "**Point 1**: done: It is stripped.\n**Point 2**: **Answered:** `upper` is what the issue asks for.",
        "I have read it.\n\n> Point #2: not done: `upper` is what the issue asks for.\nPoint 1: Done - It is stripped.",
    ],
)
def test_every_point_gets_its_answer(prose: str) -> None:
    revision, fake = revised(reply(STRIPPED, prose))
    assert revision.answers == (
        PointAnswer(point="comment:1", done=True, text="It is stripped."),
        PointAnswer(point="line:2", done=False, text="`upper` is what the issue asks for."),
    )
    assert "strip()" in revision.service.executor
    assert revision.service.tests == SERVICE.tests
    assert "Point 2: (on services/upper-case/executor.py, line 5) Why upper?" in fake.prompt()
    assert "def execute" in fake.prompt()


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (reply(STRIPPED, "Point 1: done: It is stripped."), "There is no answer to point 2"),
        (reply(STRIPPED, "All done."), "There is no answer to point 1, 2"),
        (PROSE, "the files are the same as before"),
        (reply({"test_executor.py": TESTS.replace("HELLO", "hello")}, PROSE), "the files are the same as before"),
        (reply({"executor.py": "def execute(:\n"}, PROSE), "executor.py, line 1"),
    ],
)
def test_a_reply_that_lacks_something_is_asked_for_again(first: str, reason: str) -> None:
    revision, fake = revised(first, reply(STRIPPED, PROSE))
    assert "strip()" in revision.service.executor
    assert reason in fake.prompt()


def test_a_suggestion_that_is_taken_needs_no_file() -> None:
    points = (POINTS[1].model_copy(update={"suggestion": "x", "taken": True}),)
    for reply_to_it in ("Point 1: done: Nothing else was needed.", "Point 1: not done: Nothing else was needed."):
        revision, _ = revised(reply_to_it, points=points)
        assert revision.service == SERVICE
        assert revision.answers == (
            PointAnswer(point="line:2", done=True, text="Taken as suggested, to the letter. Nothing else was needed."),
        )


def test_questions_need_no_file() -> None:
    revision, _ = revised("Point 1: not done: It is, by the server.\nPoint 2: not done: The issue asks for it.")
    assert revision.service == SERVICE
    assert [answer.done for answer in revision.answers] == [False, False]


def test_the_specification_may_have_to_change_first() -> None:
    revision, _ = revised("**Specification:** a new optional field `strip`")
    assert (revision.specification, revision.answers) == ("a new optional field `strip`", ())
    with pytest.raises(ModelError):
        revised(*["Specification: a new field"] * 5, may_specify=False)


@pytest.mark.parametrize(
    ("may_specify", "language", "spoken"),
    [(True, "", "the language of the idea"), (False, "en", "English"), (False, "pt-BR", "Portuguese (Brazil)")],
)
def test_the_prompt_says_in_which_form_and_language_to_answer(may_specify: bool, language: str, spoken: str) -> None:
    spec = SPEC.model_copy(update={"language": language})
    _, fake = revised(reply(STRIPPED, PROSE), may_specify=may_specify, spec=spec)
    prompt = fake.prompt()
    # One of two forms, never both.
    assert ("the whole reply is one line, with no answers to the points and no files." in prompt) is may_specify
    assert ("\nOtherwise it begins with one line for each point:\n" in prompt) is may_specify
    assert ("\nBegin the reply with one line for each point:\n" in prompt) is not may_specify
    assert "or `answer: the answer`, where it only asks a question." in prompt
    assert f"Write these sentences in {spoken}, whatever language the points are in." in prompt
    # The way to implement it is no reason to decline a point.
    assert "Where that way contradicts what people ask for later, what they ask for counts." in prompt


def test_a_test_that_contradicts_a_point_is_not_changed_but_disputed() -> None:
    prose = f"{PROSE}\nWrong test: test_hello: point 1 says that spaces go"
    revision, _ = revised(reply(STRIPPED, prose))
    assert [dispute.test for dispute in revision.disputes] == ["test_hello"]
    assert revision.service.tests == SERVICE.tests
