"""What a prompt shows of a service's interface."""

from __future__ import annotations

from bot.generate.draft import interface_source, object_schema
from bot.generate.prompt import about, messages
from bot.values.service import Spec
from tests.fakes.fields import field

INPUTS = [
    field("photo", "file", media_types=["image/png"]),
    field("from", "date", required=False),
    field("mode", choices=["fast", "good"], default="fast"),
    field("items", "list of object"),
    field("items[].price", "number", limits={"minimum": 0}),
]
SPEC = Spec(
    slug="s",
    title="S",
    summary="",
    input_schema=object_schema(INPUTS),
    output_schema=object_schema([field("done", "boolean")]),
    scenarios=(),
)


def test_types_are_told_in_a_line_and_checks_are_left_out() -> None:
    assert (
        about(SPEC, 0)["interface"]
        == """OrAbsent = T | None  # None where it is left out; in JSON it must not be null.
PngFile = str  # Text that is checked: base64, here of image/png.
Date = str  # Text that is checked: a date such as 2026-01-31.


class Item(Model):
    price: float = Field(ge=0)


class Input(Model):
    photo: PngFile = Field(description="(base64 of image/png)")
    from_: OrAbsent[Date] = Field(default=None, alias="from")
    mode: Literal["fast", "good"] = Field(default="fast")
    items: list[Item]


class Output(Model):
    done: bool"""
    )


def test_what_people_read_is_written_in_the_language_of_the_issue() -> None:
    german = SPEC.model_copy(update={"language": "de"})
    prompt = messages("tests.md.j2", **about(german, 0), test_file="")[1].content
    assert "Write in German what people read" in prompt
    for language in ("en", "en-GB", ""):
        spec = SPEC.model_copy(update={"language": language})
        assert "what people read" not in messages("tests.md.j2", **about(spec, 0), test_file="")[1].content


def test_what_a_person_made_of_the_interface_is_shown() -> None:
    mine = interface_source(SPEC.input_schema, SPEC.output_schema).replace(
        "    done: bool", "    done: bool\n    seconds: float"
    )
    assert about(SPEC, 0, mine)["interface"].endswith("    seconds: float")
    assert about(SPEC, 0, "def broken(:")["interface"] == "def broken(:"
    assert about(SPEC, 0, "")["interface"] == ""
