"""Fences of several commands are read as people write them."""

from __future__ import annotations

import pytest

from bot.runs.scenarios.fences import split_fence


@pytest.mark.parametrize(
    ("content", "commands"),
    [
        pytest.param(
            "curl -d 'a' $URL\n# -> A\n\ncurl -d 'b' $URL   # => B",
            ["`curl -d 'a' $URL` → A", "`curl -d 'b' $URL` → B"],
            id="comments below and behind",
        ),
        pytest.param(
            "# usual\n$ curl -d 'a' $URL\nA\n# empty\n$ curl -d '' $URL\n400",
            ["usual: `curl -d 'a' $URL` → A", "empty: `curl -d '' $URL` → 400"],
            id="comments above, output below",
        ),
        pytest.param(
            'curl -X POST $URL \\\n  -d \'{\n  "a": "#1"\n}\'\nhttp $URL a=2',
            ['`curl -X POST $URL -d \'{ "a": "#1" }\'`', "`http $URL a=2`"],
            id="commands in several lines",
        ),
        pytest.param("curl -d `date` $URL\ncurl $URL", ["``curl -d `date` $URL``", "`curl $URL`"], id="backticks"),
        pytest.param("curl -d 'a' $URL\n# -> A", None, id="a single one"),
        pytest.param(
            "BODY = 1\n\ndef test_one():\n    assert post(BODY) == 1\n\n"
            "@slow\ndef test_two_more():\n    assert post(2) == 2",
            [
                "one:\n```python\nBODY = 1\n\ndef test_one():\n    assert post(BODY) == 1\n```",
                "two more:\n```python\n@slow\ndef test_two_more():\n    assert post(2) == 2\n```",
            ],
            id="test functions",
        ),
        pytest.param("def test_one():\n    pass", None, id="a single test function"),
        pytest.param("a    → A\n\nb c  (x) → B  C", ["a → A", "b c  (x) → B  C"], id="lines with arrows"),
        pytest.param("a -> A\nb", None, id="not all lines with arrows"),
        pytest.param("one\ntwo", None, id="no command"),
    ],
)
def test_commands(content: str, commands: list[str] | None) -> None:
    assert split_fence(content) == commands


def test_a_quote_that_never_ends_loses_nothing() -> None:
    assert split_fence("curl a\ncurl 'b\nand more") == ["`curl a`", "`curl 'b and more`"]
