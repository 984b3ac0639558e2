"""Scenarios are read from whatever form people write tests in."""

from __future__ import annotations

import pytest

from bot.runs.ideas import read_idea
from bot.runs.scenarios import read_scenarios
from bot.values.github import Issue

TABLE = "| input | output |\n| --- | --- |\n| XIV | 14 |\n| MCMXCIV | 1994 |"
ROMAN = ("input: XIV, output: 14", "input: MCMXCIV, output: 1994")


@pytest.mark.parametrize(
    ("text", "scenarios"),
    [
        pytest.param(TABLE, ROMAN, id="table"),
        pytest.param(f"Some numbers:\n\n{TABLE}", tuple(f"Some numbers: {row}" for row in ROMAN), id="with an intro"),
        pytest.param("input | output\n:-- | --:\nXIV | 14\nMCMXCIV | 1994", ROMAN, id="table without outer bars"),
        pytest.param(
            '| # | **Eingabe** | erwartet |\n|---|:-:|---|\n| 1 | `{"a": "x\\|y"}` | ä |\n| 2 | | ö |\n\n- last',
            ('Eingabe: `{"a": "x|y"}`, erwartet: ä', "Eingabe: (empty), erwartet: ö", "last"),
            id="numbers, a bar in a cell, an empty cell, and a list",
        ),
        pytest.param(f"```\n{TABLE}\n```", (f"```\n{TABLE}\n```",), id="a table in a fence is data"),
        pytest.param(
            "- turn this\n  | a | b |\n  | - | - |", ("turn this | a | b | | - | - |",), id="a table in an item"
        ),
        pytest.param(
            "Given the text hello\nWhen it is sent\nThen the answer is HELLO\nAnd the count is 5",
            ("Given the text hello When it is sent Then the answer is HELLO And the count is 5",),
            id="steps",
        ),
        pytest.param(
            "- **Given** a\n- **When** b\n- **Then** c\n- Given d\n- Then e",
            ("**Given** a **When** b **Then** c", "Given d Then e"),
            id="steps in a list",
        ),
        pytest.param(
            "```gherkin\nFeature: Upper\n\n  Scenario: one\n    Given a\n    Then A\n\n  Scenario: two\n    When b\n"
            "    Then B\n```",
            ("Scenario: one Given a Then A", "Scenario: two When b Then B"),
            id="Gherkin",
        ),
        pytest.param("Angenommen a\nWenn b\nDann c", ("Angenommen a Wenn b Dann c",), id="German steps"),
        pytest.param(
            "When the text is empty, it is refused\nGiven hello, HELLO is returned",
            ("When the text is empty, it is refused", "Given hello, HELLO is returned"),
            id="whole sentences are no steps",
        ),
        pytest.param(
            "Input: XIV\nOutput: 14\n\n**Input:** MCMXCIV\n**Expected output:** 1994",
            ("Input: XIV Output: 14", "**Input:** MCMXCIV **Expected output:** 1994"),
            id="labels",
        ),
        pytest.param(
            'Request:\n```json\n{"a": 1}\n```\nResponse:\n```json\n{"b": 2}\n```',
            ('Request:\n```json\n{"a": 1}\n```\nResponse:\n```json\n{"b": 2}\n```',),
            id="labels before fences",
        ),
        pytest.param(
            '```json\n{"a": 1}\n```\ngives\n```json\n{"b": 2}\n```\nAn empty text is refused',
            ('```json\n{"a": 1}\n```\ngives\n```json\n{"b": 2}\n```', "An empty text is refused"),
            id="a word between fences",
        ),
        pytest.param(
            '1. Send\n   ```json\n   {\n     "a": 1\n   }\n   ```\n2. two',
            ('Send\n   ```json\n   {\n     "a": 1\n   }\n   ```', "two"),
            id="a fence in an item",
        ),
        pytest.param("one\n---\ntwo\n\n---\n\nthree", ("one", "two", "three"), id="rulers"),
        pytest.param(
            "#### Test 1\nhello\ngives HELLO\n\n#### An empty text\nis refused\n\n#### Limits:\n- a\n- b",
            ("hello gives HELLO", "An empty text: is refused", "Limits: a", "Limits: b"),
            id="headings",
        ),
        pytest.param("It is refused:\n- a\n- b", ("It is refused: a", "It is refused: b"), id="an intro to a list"),
        pytest.param("What happens here:", ("What happens here:",), id="an intro to nothing"),
        pytest.param("> quoted gives QUOTED", ("> quoted gives QUOTED",), id="quote"),
    ],
)
def test_forms(text: str, scenarios: tuple[str, ...]) -> None:
    assert read_scenarios(text.split("\n")) == scenarios


def test_characters_stay() -> None:
    """Persian half-spaces, keycaps and flags are what is tested."""
    texts = (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 gives \u0645\u06cc \u062e\u0648\u0627\u0647\u0645",
        "the digit 1 gives 1\ufe0f\u20e3",
        "the flag of England is \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    )
    body = "### Description\n\nReplace the half-space\n\n### Test scenarios\n\n" + "\n".join(
        f"- {text}" for text in texts
    )
    issue = Issue(number=3, title="x", body=body, author="octo", state="open", url="u")
    assert read_idea(issue).scenarios == texts
