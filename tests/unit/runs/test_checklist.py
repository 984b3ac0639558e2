"""The list of requirements in a pull request's description."""

from __future__ import annotations

from markdown_it import MarkdownIt

from bot.generate.draft import object_schema
from bot.render import render
from bot.runs.pull_text import ticked
from bot.values.service import Requirement, Scenario, Spec, Strategy
from tests.fakes.fields import field

SPEC = Spec(
    slug="s",
    title="S",
    summary="- [ ] Summary",
    input_schema=object_schema([field("text")]),
    output_schema=object_schema([field("text")]),
    scenarios=(
        Scenario(name="one", text="Send\n```json\n{}\n```\n- [ ] and get nothing"),
        Scenario(name="two", text="Two", generated=True),
    ),
    requirements=(
        Requirement(name="three", text="Three"),
        Requirement(name="four", text="Four", interface="`text`: required"),
        Requirement(name="five", text="Five", unchecked="it takes a year"),
    ),
)
PARTS = {"service": "", "builds": "", "made": ""}
LINES = [
    "- [ ] `test_one`: Send",
    "- [ ] `test_two`: Two (thought up by me)",
    "- [ ] `test_three`: Three",
    "- [ ] `interface.py` (`text`: required): Four",
    "- [ ] not checked (it takes a year): Five",
]


def body(spec: Spec = SPEC) -> str:
    return render("comments/pull.md.j2", issue=3, spec=spec, strategy=Strategy(name="A", approach="B"), parts=PARTS)


def items(text: str) -> list[str]:
    _, _, listed = text.partition("**Requirements**")
    return [line for line in listed.splitlines() if line.startswith("- [")]


def test_each_requirement_is_a_task_that_says_how_it_is_checked() -> None:
    assert items(body()) == LINES
    tokens = MarkdownIt("commonmark").parse(body().partition("**Requirements**")[2])
    assert [token.type for token in tokens if token.level == 0].count("bullet_list_open") == 2
    fences = [token.content for token in tokens if token.type == "fence"]
    assert fences == ["{}\n"]


def test_a_green_build_ticks_what_it_has_checked_and_nothing_else() -> None:
    green = ticked(f"{body()}\n- [ ] mine", "0" * 40)
    assert items(green) == [*(line.replace("[ ]", "[x]") for line in LINES[:4]), LINES[4], "- [ ] mine"]
    assert green.startswith(r"- \[ \] Summary")
    assert f"<sub>The build of {'0' * 40} is green.</sub>" in green
    assert "\n  - \\[ \\] and get nothing" in green
    assert ticked(green, "0" * 40) == green
    assert f"The build of {'1' * 40} is green" in ticked(green, "1" * 40)


def test_a_description_without_the_list_stays_as_it_is() -> None:
    for text in ("", "- [ ] x", body().replace("<!-- gptdeploy:by hand -->", "")):
        assert ticked(text, "0" * 40) == text
