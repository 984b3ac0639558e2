"""What is read out of the values of GitHub."""

from __future__ import annotations

import pytest

from bot.values.github import LineComment


def comment(body: str) -> LineComment:
    return LineComment(
        id=1,
        review=1,
        author="octo",
        body=body,
        path="a.py",
        original_sha="0" * 40,
        hunk="@@ -0,0 +1 @@\n+x",
        url="https://example.com",
    )


@pytest.mark.parametrize(
    ("body", "suggestions"),
    [
        ("no suggestion, but `suggestion`", ()),
        ("```python\nx = 1\n```", ()),
        ("Better:\n```suggestion\nx = 1\n```\nor so", ("x = 1\n",)),
        ("```suggestion\r\nx = 1\r\ny = 2\r\n```", ("x = 1\ny = 2\n",)),
        ("```suggestion\n```", ("",)),
        ("````suggestion\n```\nx\n```\n````", ("```\nx\n```\n",)),
        ("~~~suggestion\nx\n~~~", ("x\n",)),
        ("```suggestion\na\n```\nor\n```suggestion\nb\n```", ("a\n", "b\n")),
        ("```suggestion\nnever closed", ()),
    ],
)
def test_suggestions_are_taken_literally(body: str, suggestions: tuple[str, ...]) -> None:
    assert comment(body).suggestions == suggestions
