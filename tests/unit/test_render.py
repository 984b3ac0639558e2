"""What comments look like once their templates are filled in."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest

from bot.foreign import cell, code
from bot.render import COMMENT_LIMIT, comment, hidden, markers, render
from bot.runs.status import status_comment
from bot.values.cost import Usage
from bot.values.progress import Progress, Seconds, StrategyOutcome, StrategyRecord


def figures(**values: Any) -> str:
    """Return the line of figures in the status comment."""
    progress = Progress(run_id="octo/services#3-0", repo="octo/services", issue=3, started_at=0, **values)
    body = status_comment(progress)
    (line,) = (line for line in body.splitlines() if line.startswith("<sub>"))
    return line.removeprefix("<sub>").removesuffix(" · `/help` lists what you can say</sub>")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "0 fixes pushed · 0 tokens sent, 0 received · 0 s in all: model 0 s, builds 0 s, deployment 0 s"),
        (
            {
                "fixes": 1,
                "reruns": 1,
                "usage": Usage(prompt=1, completion=1, saved=1, cost_usd=0.5),
                "seconds": Seconds(total=1, model=0.6),
            },
            "1 fix pushed, 1 build run again, 1 build saved by checks beforehand "
            "· 1 token sent, 1 received, 0.5000 USD · 1 s in all: model 1 s, builds 0 s, deployment 0 s",
        ),
        (
            {
                "fixes": 10,
                "reruns": 2,
                "usage": Usage(prompt=12_345, completion=6_789, saved=3),
                "seconds": Seconds(total=1234.6, model=3.2, builds=700, deploy=9),
            },
            "10 fixes pushed, 2 builds run again, 3 builds saved by checks beforehand · 12,345 tokens sent, 6,789 "
            "received · 1,235 s in all: model 3 s, builds 700 s, deployment 9 s",
        ),
    ],
)
def test_figures_say_what_they_count(values: dict[str, Any], expected: str) -> None:
    assert figures(**values) == expected


@pytest.mark.parametrize(("commits", "words"), [(1, "1 commit"), (3, "3 commits")])
def test_commits_are_counted(commits: int, words: str) -> None:
    record = StrategyRecord(name="pillow", pull=2, commits=commits, outcome=StrategyOutcome.STOPPED, reason="gone")
    progress = Progress(run_id="r", repo="octo/services", issue=3, started_at=0, strategies=(record,))
    closed = render("comments/pull_closed.md.j2", record=record, own=True)
    assert closed.startswith(f"**pillow** is given up after {words}: gone\n")
    spent = render("comments/spent.md.j2", text="All is spent.", progress=progress, options="max_tokens=2")
    assert spent.startswith(f"### The budget is spent\n\nAll is spent.\n\n**pillow** (#2) has {words} and is not green")


def test_a_comment_is_cut_to_what_github_takes_and_keeps_its_marker() -> None:
    body = comment("reply.md.j2", "reply:1", text="x" * (COMMENT_LIMIT + 1))
    assert len(body) == COMMENT_LIMIT
    assert body.endswith(f"(cut: too long for a comment)\n{hidden('reply:1')}")
    assert markers(body) == ["reply:1"]


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render("comments/reply.md.j2")


def test_what_programs_read_is_never_cut() -> None:
    body = comment("reply.md.j2", "reply:1", data="<!-- data -->", text="x" * COMMENT_LIMIT)
    assert len(body) == COMMENT_LIMIT
    assert body.endswith(f"(cut: too long for a comment)\n<!-- data -->\n{hidden('reply:1')}")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("assert 1 == 2", "`assert 1 == 2`"),
        ("@octo, see #3 <b> [x](y)", "`@octo, see #3 <b> [x](y)`"),
        ("a\n  b", "`a b`"),
        ("a ` b", "``a ` b``"),
        ("a ``` b`", "```` a ``` b` ````"),
        ("`", "`` ` ``"),
        (f"{hidden('status:3')}", "`<! -- gptdeploy:status:3 -->`"),
        ("", ""),
    ],
)
def test_a_text_of_anybodys_is_a_code_span(text: str, span: str) -> None:
    assert code(text) == span
    assert markers(span) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a | b\nc", "a \\| b c"), ("`a|b`", "`a\\|b`"), (hidden("x"), r"\<! -- gptdeploy:x -->"), ("", "")],
)
def test_a_cell_of_a_table_holds_whatever_a_text_says(text: str, expected: str) -> None:
    assert cell(text) == expected
