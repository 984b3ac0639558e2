"""The fields of `Input` and `Output` are those of the specification, however their types are written."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generate.draft import skeleton
from bot.guard.executor.rules import fields
from tests.unit.guard.executor.test_rules import GOOD, array, faults, read, schema, spec


def one_field(annotation: str, of: Any, head: str = "", value: str = "") -> str:
    source = f"from typing import *\nimport typing\nfrom pydantic import *\nimport pydantic\n{head}\n" + GOOD.replace(
        "    text: str", f"    text: {annotation}{value}"
    )
    # A star says nothing of what it brings; the names are written out for the guard.
    source = source.replace("from typing import *", "from typing import " + ", ".join(_TYPING)).replace(
        "from pydantic import *", "from pydantic import " + ", ".join(_PYDANTIC)
    )
    return faults(source, spec(schema(text=of), schema(result="string")))


_TYPING = ("Annotated", "Any", "Dict", "List", "Literal", "Optional", "Sequence", "Union", "ClassVar", "TypedDict")
_PYDANTIC = ("Base64Bytes", "HttpUrl", "StrictStr", "PositiveInt", "constr", "conlist", "conint", "RootModel")


def test_what_the_skeleton_writes_passes() -> None:
    properties = schema(
        a="string", b="integer", c="number", d="boolean", e="object", f=array("string"), g=array("object"),
        h={"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png", "description": "A"},
        i={"type": "array", "items": array("number")},
    )  # fmt: skip
    of = spec(properties, properties)
    head = "from pydantic import BaseModel, Field\n"
    source = f"{head}{skeleton.classes(of)}\ndef execute(input: Input) -> Output:\n    return Output(**dict(input))\n"
    assert faults(source, of) == ""


@pytest.mark.parametrize(
    ("annotation", "of"),
    [
        ("str", "string"),
        ("'str'", "string"),
        ("Annotated[str, Field(min_length=1)]", "string"),
        ("constr(min_length=1)", "string"),
        ("StrictStr", "string"),
        ("pydantic.StrictStr", "string"),
        ("Text", "string"),
        ("int", "integer"),
        ("PositiveInt", "integer"),
        ("conint(ge=0)", "integer"),
        ("float", "number"),
        ("int | float", "number"),
        ("Union[int, float]", "number"),
        ("bool", "boolean"),
        ("dict", "object"),
        ("dict[str, Any]", "object"),
        ("Dict[str, float]", "object"),
        ("typing.Dict", "object"),
        ("Item", "object"),
        ("Shape", "object"),
        ("list[str]", array("string")),
        ("List[str]", array("string")),
        ("typing.List[str]", array("string")),
        ("Sequence[str]", array("string")),
        ("conlist(str, min_length=1)", array("string")),
        ("Words", array("string")),
        ("list[float]", array("number")),
        ("list[dict]", array("object")),
        ("list[dict[str, Any]]", array("object")),
        ("list[Item]", array("object")),
        ("list['Item']", array("object")),
        ("list[list[float]]", {"type": "array", "items": array("number")}),
    ],
)
def test_a_type_may_be_spelled_otherwise(annotation: str, of: Any) -> None:
    head = "Text = str\nWords = list[Text]\nclass Item(BaseModel):\n    n: int\nclass Shape(TypedDict):\n    n: int\n"
    head = "from pydantic import BaseModel, Field\n" + head
    assert one_field(annotation, of, head) == ""
    assert one_field(annotation, of, head, " = Field(description='It')") == ""
    assert one_field(annotation, of, head, " = Field(..., description='It')") == ""


@pytest.mark.parametrize(
    ("annotation", "of"),
    [
        ("int", "string"),
        ("Any", "string"),
        ("object", "string"),
        ("bytes", "string"),
        ("Base64Bytes", "string"),
        ("HttpUrl", "string"),
        ("Literal['a', 'b']", "string"),
        ("Optional[str]", "string"),
        ("str | None", "string"),
        ("Union[str, int]", "string"),
        ("Own", "string"),
        ("int", "number"),
        ("float", "integer"),
        ("str", "number"),
        ("int", "boolean"),
        ("str", "object"),
        ("Other", "object"),
        ("dict[int, str]", "object"),
        ("list", array("string")),
        ("str", array("string")),
        ("set[str]", array("string")),
        ("tuple[str, ...]", array("string")),
        ("list[int]", array("number")),
        ("list[Any]", array("string")),
        ("list[str]", array("object")),
    ],
)
def test_another_type_is_refused_with_the_one_wanted(annotation: str, of: Any) -> None:
    head = "class Own(str):\n    pass\nclass Other:\n    pass\n"
    assert "class Input: the field `text` must be `text: " in one_field(annotation, of, head)


@pytest.mark.parametrize("value", [" = ''", " = Field('')", " = Field(default='')", " = Field(default_factory=str)"])
def test_a_request_has_every_field(value: str) -> None:
    assert "is required, so it must have no default" in one_field("str", "string", "from pydantic import Field", value)


def test_fields_are_compared_by_name_and_type() -> None:
    same = read(GOOD.replace("result: str", "result: 'str'"))
    other = read(GOOD.replace("result: str", "result: dict"))
    assert fields(read(GOOD), "Output") == fields(same, "Output") != fields(other, "Output")
    assert fields(read(GOOD), "Nothing") == {}


def test_fields_may_come_from_a_class_of_the_file() -> None:
    source = GOOD.replace(
        "class Input(BaseModel):\n    text: str",
        "class Text(BaseModel):\n    text: str\n\nclass Input(Text):\n    pass",
    )
    assert faults(source) == ""
