"""What code misread is read anew where the issue says so, and nothing that a person wrote as data gets lost."""

from __future__ import annotations

import pytest

from bot.clients.llm import Refused
from bot.generate.draft import object_schema
from bot.generate.misread import Rereading
from bot.values.service import Scenario, Spec
from tests.fakes.fields import field

INPUTS = [field("text"), field("box", "object", required=False), field("box.width", "integer", required=False)]
BOX = Scenario(
    name="box",
    text='A picture with the frame {"width": 200} is rejected by nobody and gives "ok", status 201',
    request={"width": 200},
    status="4xx",
    quotes=("ok",),
)
PLAIN = Scenario(name="plain", text='{"text": "é"} gives {"result": "É"}', request={"text": "é"}, given={"text": "é"})
SPEC = Spec(
    slug="s",
    title="S",
    summary="",
    description="Frames pictures. The width may be 300.",
    input_schema=object_schema(INPUTS),
    output_schema=object_schema([field("result")]),
    scenarios=(BOX, PLAIN),
)


def test_what_is_meant_takes_the_place_of_what_was_read() -> None:
    prose = (
        "The frame is a value.\n\n"
        '- **Misread**: `test_box`: {"words": "is rejected by nobody", "request": null,\n'
        '  "given": {"box": {"width": 200}}, "status": 201}\n'
    )
    (box,) = Rereading(SPEC).read(prose)
    assert (box.request, box.given, box.status, box.quotes) == (None, {"box": {"width": 200}}, 201, ("ok",))
    assert box.reread == (
        'given `{"box": {"width": 200}}`, not `none`; request `none`, not `{"width": 200}`; status `201`, not `4xx`: '
        "“is rejected by nobody”"
    )
    read = SPEC.reading((box,))
    assert read.scenarios == (box, PLAIN)


def test_the_fields_of_a_request_follow_from_it() -> None:
    said = 'Misread: test_plain: {"words": "gives result", "answer": {"result": "É"}, "quotes": ["É"]}'
    (plain,) = Rereading(SPEC).read(said)
    assert (plain.answer, plain.expected, plain.quotes) == ({"result": "É"}, {"result": "É"}, ("É",))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('test_box: {"words": "is always served", "status": 201}', "quote in `words` what the issue says, exactly"),
        ('test_box: {"words": "ok", "status": 201}', "at least two words of it"),
        ('test_box: {"words": "gives ok", "status": 202}', "the status 202 does not stand in the issue"),
        ('test_box: {"words": "gives ok", "expected": {"result": "fine"}}', "fine does not stand in the issue"),
        ('test_box: {"words": "gives ok", "given": {"box": {"width": 20}}}', "20 does not stand in the issue"),
        ('test_box: {"words": "gives ok", "given": {"box": {}}}', "{} does not stand in the issue"),
        ('test_box: {"words": "gives ok", "request": null}', "200 is what the person wrote as data; say whether it is"),
        (
            'test_box: {"words": "gives ok", "request": null, "status": null, "given": {"text": 200}}',
            "given: the field `text` does not take this",
        ),
        (
            'test_box: {"words": "gives ok", "expected": {"colour": "ok"}}',
            "expected: the field `colour` does not take this",
        ),
        ('test_other: {"words": "gives ok", "status": 201}', "There is no test `test_other`"),
        ('test_box: {"words": "gives ok", "state": 201}', "state: Extra inputs are not permitted"),
        ('test_box: {"words": "gives ok", "status": "fine"}', "cannot be read: status"),
        ('test_box: {"words": "gives ok", "status": 201', "must be one JSON object"),
        ("test_box: gives ok", "must be one JSON object"),
    ],
)
def test_what_does_not_stand_in_the_issue_is_refused(said: str, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        Rereading(SPEC).read(f"Misread: {said}")
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "The test is right, nothing was misread: it says so.",
        'Misread: test_plain: {"words": "gives result", "request": {"text": "é"}}',
    ],
)
def test_what_was_read_rightly_stays(prose: str) -> None:
    assert Rereading(SPEC).read(prose) == ()


def test_data_of_the_description_are_data_of_the_issue() -> None:
    (box,) = Rereading(SPEC).read(
        'Misread: test_box: {"words": "The width may be 300", "request": null, "status": null, '
        '"given": {"box": {"width": 300}}, "quotes": ["200", "ok"]}',
    )
    assert (box.given, box.quotes) == ({"box": {"width": 300}}, ("200", "ok"))


def test_a_line_that_is_refused_again_changes_nothing() -> None:
    rereading = Rereading(SPEC)
    wrong = 'Misread: test_box: {"words": "the words that say so", "status": 413}'
    right = 'Misread: test_plain: {"words": "gives result", "answer": {"result": "É"}, "quotes": ["É"]}'
    with pytest.raises(Refused):
        rereading.read(wrong)
    assert [scenario.name for scenario in rereading.read(f"{wrong}\n{right}")] == ["plain"]
    corrected = 'Misread: test_box: {"words": "is rejected by nobody", "status": 201}'
    assert [scenario.status for scenario in rereading.read(corrected)] == [201]
