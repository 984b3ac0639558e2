"""Scenarios are read from whatever form people write tests in."""

from __future__ import annotations

import pytest

from bot.runs.ideas import read_idea
from bot.runs.scenarios import read_scenarios
from bot.values.github import Issue

TABLE = "| input | output |\n| --- | --- |\n| XIV | 14 |\n| MCMXCIV | 1994 |"
ROMAN = ("input: XIV, output: 14", "input: MCMXCIV, output: 1994")


# What a section says, and the scenarios in it.
FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "table": (TABLE, ROMAN),
    "with an intro": (f"Some numbers:\n\n{TABLE}", tuple(f"Some numbers: {row}" for row in ROMAN)),
    "table without outer bars": ("input | output\n:-- | --:\nXIV | 14\nMCMXCIV | 1994", ROMAN),
    "numbers, a bar in a cell, an empty cell, and a list": (
        '| # | **Eingabe** | erwartet |\n|---|:-:|---|\n| 1 | `{"a": "x\\|y"}` | ä |\n| 2 | | ö |\n\n- last',
        ('Eingabe: `{"a": "x|y"}`, erwartet: ä', "Eingabe: (empty), erwartet: ö", "last"),
    ),
    "a table in a fence is data": (f"```\n{TABLE}\n```", (f"```\n{TABLE}\n```",)),
    "a table in an item": ("- turn this\n  | a | b |\n  | - | - |", ("turn this | a | b | | - | - |",)),
    "steps": (
        "Given the text hello\nWhen it is sent\nThen the answer is HELLO\nAnd the count is 5",
        ("Given the text hello When it is sent Then the answer is HELLO And the count is 5",),
    ),
    "steps in a list": (
        "- **Given** a\n- **When** b\n- **Then** c\n- Given d\n- Then e",
        ("**Given** a **When** b **Then** c", "Given d Then e"),
    ),
    "Gherkin": (
        "```gherkin\nFeature: Upper\n\n  Scenario: one\n    Given a\n    Then A\n\n  Scenario: two\n    When b\n"
        "    Then B\n```",
        ("Scenario: one Given a Then A", "Scenario: two When b Then B"),
    ),
    "German steps": ("Angenommen a\nWenn b\nDann c", ("Angenommen a Wenn b Dann c",)),
    "whole sentences are no steps": (
        "When the text is empty, it is refused\nGiven hello, HELLO is returned",
        ("When the text is empty, it is refused", "Given hello, HELLO is returned"),
    ),
    "labels": (
        "Input: XIV\nOutput: 14\n\n**Input:** MCMXCIV\n**Expected output:** 1994",
        ("Input: XIV Output: 14", "**Input:** MCMXCIV **Expected output:** 1994"),
    ),
    "labels before fences": (
        'Request:\n```json\n{"a": 1}\n```\nResponse:\n```json\n{"b": 2}\n```',
        ('Request:\n```json\n{"a": 1}\n```\nResponse:\n```json\n{"b": 2}\n```',),
    ),
    "a word between fences": (
        '```json\n{"a": 1}\n```\ngives\n```json\n{"b": 2}\n```\nAn empty text is refused',
        ('```json\n{"a": 1}\n```\ngives\n```json\n{"b": 2}\n```', "An empty text is refused"),
    ),
    "a fence in an item": (
        '1. Send\n   ```json\n   {\n     "a": 1\n   }\n   ```\n2. two',
        ('Send\n   ```json\n   {\n     "a": 1\n   }\n   ```', "two"),
    ),
    "rulers": ("one\n---\ntwo\n\n---\n\nthree", ("one", "two", "three")),
    "headings": (
        "#### Test 1\nhello\ngives HELLO\n\n#### An empty text\nis refused\n\n#### Limits:\n- a\n- b",
        ("hello gives HELLO", "An empty text: is refused", "Limits: a", "Limits: b"),
    ),
    "an intro to a list": ("It is refused:\n- a\n- b", ("It is refused: a", "It is refused: b")),
    "an intro to nothing": ("What happens here:", ("What happens here:",)),
    "French steps, without a fence": (
        "Fonctionnalité: partager\n\nScénario: à deux\nÉtant donné qu'Alice paie 10\n"
        "Quand j’appelle\nAlors le total est 10\n"
        "Et Bob doit 5\n\nScénario: rien\nQuand j'appelle sans dépense\nAlors c'est refusé",
        (
            "Scénario: à deux Étant donné qu'Alice paie 10 Quand j’appelle Alors le total est 10 Et Bob doit 5",
            "Scénario: rien Quand j'appelle sans dépense Alors c'est refusé",
        ),
    ),
    "steps with tables, in a fence of no language": (
        "```\nScenario 1: an order\n  Given these tasks:\n    | id | needs |\n    | b | a |\n"
        "  Then the order is a, b\n\n"
        "Scenario Outline: upper case\n  When I send <text>\n  Then I get <upper>\n  Examples:\n"
        "    | text | upper |\n    | a | A |\n```",
        (
            "Scenario 1: an order\nGiven these tasks:\n| id | needs |\n| b | a |\nThen the order is a, b",
            "Scenario Outline: upper case\nWhen I send <text>\nThen I get <upper>\nExamples:\n"
            "| text | upper |\n| a | A |",
        ),
    ),
    "steps with a Markdown table": (
        "Given these tasks\n\n| id | needs |\n| - | - |\n| b | a |\n\nThen the order is a, b",
        ("Given these tasks\n| id | needs |\n| - | - |\n| b | a |\nThen the order is a, b",),
    ),
    "steps with a list": (
        "Given these texts:\n- a\n- b\nWhen they are joined\nThen the answer is ab\n\n- an empty list is refused",
        ("Given these texts:\n- a\n- b\nWhen they are joined\nThen the answer is ab", "an empty list is refused"),
    ),
    "numbers and headings in bold letters, labels without a colon": (
        '**1. usual**\n\nRequest\n```json\n{"a": 1}\n```\nResponse (without b)\n```json\n'
        '{"c": 2}\n```\n\n**2. no good**\n'
        '```json\n{"a": 0}\n```\n=> 400\n\n**3.** a is missing => 422\n\n**4. limits**: a = 10 => 422',
        (
            'usual:\nRequest\n```json\n{"a": 1}\n```\nResponse (without b)\n```json\n{"c": 2}\n```',
            'no good:\n```json\n{"a": 0}\n```\n=> 400',
            "a is missing => 422",
            "limits: a = 10 => 422",
        ),
    ),
    "labels in bold letters": (
        "**Input**\n```\na\n```\n**Output**\n```\nb\n```",
        ("**Input**\n```\na\n```\n**Output**\n```\nb\n```",),
    ),
    "bold lines that are headings, and such that are not": (
        "**It is fast!**\n\n**An empty text**\nis refused",
        ("**It is fast!**", "An empty text: is refused"),
    ),
    "data in a fence, then what is expected": (
        "Test 1\n```yaml\na: 1\n```\nexpected: b is 2\n\nTest 2: a is 0 → 422",
        ("Test 1\n```yaml\na: 1\n```\nexpected: b is 2", "Test 2: a is 0 → 422"),
    ),
    "commands": (
        "```sh\ncurl -d '{\"a\": 1}' $URL\n# -> b is 2\n\ncurl -d '{\"a\": 0}' $URL  # 400\n```\nIt is fast",
        ("`curl -d '{\"a\": 1}' $URL` → b is 2", "`curl -d '{\"a\": 0}' $URL` → 400", "It is fast"),
    ),
    "no step without a first one": ("a -> A\n\nAnd:\n- b -> B", ("a -> A", "And: b -> B")),
    "quote": ("> quoted gives QUOTED", ("> quoted gives QUOTED",)),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    text, scenarios = FORMS[form]
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


# What a section says, the scenarios in it, and what belongs to all of them.
SHARED: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "a file for all": (
        f"The file for all tests:\n\n{CSV}\n\n1. column a → 1\n2. column x → 404",
        ("column a → 1", "column x → 404"),
        (f"The file for all tests:\n{CSV}",),
    ),
    "a file that is named again": (
        f"File:\n{CSV}\n- column a → 1\n- the same with column x → 404",
        ("column a → 1", "the same with column x → 404"),
        (f"File:\n{CSV}",),
    ),
    "a table": (
        "A workbook with the columns name and age\n\nname | age\n--- | ---\nAnn | 30\n\n"
        "- column age → 30\n- column x → 404",
        ("column age → 30", "column x → 404"),
        ("A workbook with the columns name and age\nname | age\n--- | ---\nAnn | 30",),
    ),
    "the background of steps": (
        "Background:\n  Given a rate of 2\n\nScenario: one\n  When I send 3\n  Then I get 6",
        ("Scenario: one When I send 3 Then I get 6",),
        ("Background: Given a rate of 2",),
    ),
    "nothing shared": (
        f"All lines are read:\n{CSV}\nThe answer has 2 lines",
        (f"All lines are read:\n{CSV}", "The answer has 2 lines"),
        (),
    ),
    "a request is a test": (
        'Sent:\n```json\n{"a": 1}\n```\n- the same twice → 409',
        ('Sent:\n```json\n{"a": 1}\n```', "the same twice → 409"),
        (),
    ),
    "and so is one with its headers": (
        '```http\nPOST / HTTP/1.1\n\n{"a": 1}\n```\n- the same twice → 409',
        ('```http\nPOST / HTTP/1.1\n\n{"a": 1}\n```', "the same twice → 409"),
        (),
    ),
    "a table of tests": (
        "These columns count:\n\n| a | result |\n| - | - |\n| 1 | 2 |\n\n- x → 404",
        ("These columns count: a: 1, result: 2", "x → 404"),
        (),
    ),
}


@pytest.mark.parametrize("form", SHARED)
def test_what_tests_share_is_no_test(form: str) -> None:
    text, scenarios, setup = SHARED[form]
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
