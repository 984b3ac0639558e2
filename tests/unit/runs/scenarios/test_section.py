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
        pytest.param(
            "Fonctionnalité: partager\n\nScénario: à deux\nÉtant donné qu'Alice paie 10\n"
            "Quand j’appelle\nAlors le total est 10\n"
            "Et Bob doit 5\n\nScénario: rien\nQuand j'appelle sans dépense\nAlors c'est refusé",
            (
                "Scénario: à deux Étant donné qu'Alice paie 10 Quand j’appelle Alors le total est 10 Et Bob doit 5",
                "Scénario: rien Quand j'appelle sans dépense Alors c'est refusé",
            ),
            id="French steps, without a fence",
        ),
        pytest.param(
            "```\nScenario 1: an order\n  Given these tasks:\n    | id | needs |\n    | b | a |\n"
            "  Then the order is a, b\n\n"
            "Scenario Outline: upper case\n  When I send <text>\n  Then I get <upper>\n  Examples:\n"
            "    | text | upper |\n    | a | A |\n```",
            (
                "Scenario 1: an order\nGiven these tasks:\n| id | needs |\n| b | a |\nThen the order is a, b",
                "Scenario Outline: upper case\nWhen I send <text>\nThen I get <upper>\nExamples:\n"
                "| text | upper |\n| a | A |",
            ),
            id="steps with tables, in a fence of no language",
        ),
        pytest.param(
            "Given these tasks\n\n| id | needs |\n| - | - |\n| b | a |\n\nThen the order is a, b",
            ("Given these tasks\n| id | needs |\n| - | - |\n| b | a |\nThen the order is a, b",),
            id="steps with a Markdown table",
        ),
        pytest.param(
            "Given these texts:\n- a\n- b\nWhen they are joined\nThen the answer is ab\n\n- an empty list is refused",
            ("Given these texts:\n- a\n- b\nWhen they are joined\nThen the answer is ab", "an empty list is refused"),
            id="steps with a list",
        ),
        pytest.param(
            '**1. usual**\n\nRequest\n```json\n{"a": 1}\n```\nResponse (without b)\n```json\n'
            '{"c": 2}\n```\n\n**2. no good**\n'
            '```json\n{"a": 0}\n```\n=> 400\n\n**3.** a is missing => 422\n\n**4. limits**: a = 10 => 422',
            (
                'usual:\nRequest\n```json\n{"a": 1}\n```\nResponse (without b)\n```json\n{"c": 2}\n```',
                'no good:\n```json\n{"a": 0}\n```\n=> 400',
                "a is missing => 422",
                "limits: a = 10 => 422",
            ),
            id="numbers and headings in bold letters, labels without a colon",
        ),
        pytest.param(
            "**Input**\n```\na\n```\n**Output**\n```\nb\n```",
            ("**Input**\n```\na\n```\n**Output**\n```\nb\n```",),
            id="labels in bold letters",
        ),
        pytest.param(
            "**It is fast!**\n\n**An empty text**\nis refused",
            ("**It is fast!**", "An empty text: is refused"),
            id="bold lines that are headings, and such that are not",
        ),
        pytest.param(
            "Test 1\n```yaml\na: 1\n```\nexpected: b is 2\n\nTest 2: a is 0 → 422",
            ("Test 1\n```yaml\na: 1\n```\nexpected: b is 2", "Test 2: a is 0 → 422"),
            id="data in a fence, then what is expected",
        ),
        pytest.param(
            "```sh\ncurl -d '{\"a\": 1}' $URL\n# -> b is 2\n\ncurl -d '{\"a\": 0}' $URL  # 400\n```\nIt is fast",
            ("`curl -d '{\"a\": 1}' $URL` → b is 2", "`curl -d '{\"a\": 0}' $URL` → 400", "It is fast"),
            id="commands",
        ),
        pytest.param("a -> A\n\nAnd:\n- b -> B", ("a -> A", "And: b -> B"), id="no step without a first one"),
        pytest.param("> quoted gives QUOTED", ("> quoted gives QUOTED",), id="quote"),
    ],
)
def test_forms(text: str, scenarios: tuple[str, ...]) -> None:
    assert read_scenarios(text.split("\n")).scenarios == scenarios


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


FUNCTIONS = "```python\ndef test_a():\n    assert post({}) == 1\n\ndef test_b():\n    assert post({}) == 2\n```"


def test_each_test_function_is_a_scenario() -> None:
    assert read_scenarios(FUNCTIONS.split("\n")).scenarios == (
        "a:\n```python\ndef test_a():\n    assert post({}) == 1\n```",
        "b:\n```python\ndef test_b():\n    assert post({}) == 2\n```",
    )


CSV = "```\na,b\n1,2\n```"


@pytest.mark.parametrize(
    ("text", "scenarios", "setup"),
    [
        pytest.param(
            f"The file for all tests:\n\n{CSV}\n\n1. column a → 1\n2. column x → 404",
            ("column a → 1", "column x → 404"),
            (f"The file for all tests:\n{CSV}",),
            id="a file for all",
        ),
        pytest.param(
            f"File:\n{CSV}\n- column a → 1\n- the same with column x → 404",
            ("column a → 1", "the same with column x → 404"),
            (f"File:\n{CSV}",),
            id="a file that is named again",
        ),
        pytest.param(
            "A workbook with the columns name and age\n\nname | age\n--- | ---\nAnn | 30\n\n"
            "- column age → 30\n- column x → 404",
            ("column age → 30", "column x → 404"),
            ("A workbook with the columns name and age\nname | age\n--- | ---\nAnn | 30",),
            id="a table",
        ),
        pytest.param(
            "Background:\n  Given a rate of 2\n\nScenario: one\n  When I send 3\n  Then I get 6",
            ("Scenario: one When I send 3 Then I get 6",),
            ("Background: Given a rate of 2",),
            id="the background of steps",
        ),
        pytest.param(
            f"All lines are read:\n{CSV}\nThe answer has 2 lines",
            (f"All lines are read:\n{CSV}", "The answer has 2 lines"),
            (),
            id="nothing shared",
        ),
        pytest.param(
            'Sent:\n```json\n{"a": 1}\n```\n- the same twice → 409',
            ('Sent:\n```json\n{"a": 1}\n```', "the same twice → 409"),
            (),
            id="a request is a test",
        ),
        pytest.param(
            '```http\nPOST / HTTP/1.1\n\n{"a": 1}\n```\n- the same twice → 409',
            ('```http\nPOST / HTTP/1.1\n\n{"a": 1}\n```', "the same twice → 409"),
            (),
            id="and so is one with its headers",
        ),
        pytest.param(
            "These columns count:\n\n| a | result |\n| - | - |\n| 1 | 2 |\n\n- x → 404",
            ("These columns count: a: 1, result: 2", "x → 404"),
            (),
            id="a table of tests",
        ),
    ],
)
def test_what_tests_share_is_no_test(text: str, scenarios: tuple[str, ...], setup: tuple[str, ...]) -> None:
    section = read_scenarios(text.split("\n"))
    assert section.scenarios == scenarios
    assert section.setup == setup


def test_what_tests_share_belongs_to_the_description() -> None:
    body = (
        f"### Description\n\nSum a column\n\n### Test scenarios\n\nThe file for all tests:\n{CSV}\n\n- column a → 1\n"
    )
    issue = Issue(number=3, title="x", body=body, author="octo", state="open", url="u")
    idea = read_idea(issue)
    assert idea.scenarios == ("column a → 1",)
    assert idea.description == f"Sum a column\n\nFor the tests:\n\nThe file for all tests:\n{CSV}"
