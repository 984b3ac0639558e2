"""Concurrency groups and the expressions in their names."""

from __future__ import annotations

import pytest

from bot.hub import workflows

CONTEXT = {
    "ref": "refs/heads/main",
    "workflow": "W",
    "sha": "5a",
    "event": {"pull_request": {"number": 7}, "inputs": None},
}


@pytest.mark.parametrize(
    ("concurrency", "expected"),
    [
        ("all", ("all", False)),
        ("{group: 'x-${{ github.workflow }}-${{github.ref}}'}", ("x-W-refs/heads/main", False)),
        ("{group: 'b-${{ github.event.pull_request.number }}', cancel-in-progress: true}", ("b-7", True)),
        ("{group: '${{ github.event.inputs.service || github.sha }}'}", ("5a", False)),
        ("{group: \"${{ github.head_ref || 'none' }}\"}", ("none", False)),
        (
            "{group: \"${{ github.sha && format('{0} ({1})', github.workflow, github.sha) || '' }}\"}",
            ("W (5a)", False),
        ),
    ],
)
def test_concurrency_groups(concurrency: str, expected: tuple[str, bool]) -> None:
    assert workflows.concurrency_group(f"on: push\nconcurrency: {concurrency}\n", CONTEXT) == expected


def test_no_concurrency_is_no_group() -> None:
    assert workflows.concurrency_group("on: push\n", CONTEXT) is None


def test_an_expression_it_does_not_know_is_refused_not_guessed() -> None:
    with pytest.raises(ValueError, match="hashFiles"):
        workflows.concurrency_group("concurrency: ${{ hashFiles('x') }}\n", CONTEXT)
