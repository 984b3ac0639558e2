"""A text of anybody's in Markdown says what it says, and does nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.foreign import Markdown, block, cell, code, code_block, composed, link, prose, quoted
from tests.fakes.as_github import Alive, lying, markdown_alive

_LIVE = ("@team", "#12", "o/r#3", "GH-4", "Closes ", "https://github.com/o/r/issues/5", "https://e.example/", "word")
_LINKS = ("[a](https://evil.example/)", "![a](//e/x)", "[r]: https://evil.example/\n", "<img src=//e/x>", "&#64;")
_BLOCKS = ("<!-- gptdeploy:status:3 -->", "```", "~~~", "1. ", "> ", "| a | b |\n| - | - |\n", "\u202e", "\u200b")
PIECES = st.sampled_from([*"@#[]()!<>`~*_|\\&$:-=+. \n\t", *_LIVE, *_LINKS, *_BLOCKS])
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def harm(alive: Alive) -> list[object]:
    """Return what a text of anybody's must not do."""
    return [
        *(alive.mentions + alive.references + alive.closes + alive.images + alive.html + alive.hidden),
        *lying(alive),
        *alive.headings,
    ]


@given(TEXTS)
@example("``@team`")
@example("a `b @team` c` @team")
@example("<https://evil.example/> [x][y]\n\n[y]: //e")
def test_nothing_in_it_is_alive(text: str) -> None:
    for shown in (prose(text), cell(text), code(text), block(text), quoted(text), code_block(text)):
        assert harm(markdown_alive(shown)) == [], shown


@given(TEXTS, TEXTS)
def test_it_stays_without_effect_beside_others(one: str, other: str) -> None:
    row = Markdown("| a | b |\n| - | - |\n| %s | %s |\n\nafter") % (cell(one), cell(other))
    item = Markdown("- `test_a`: %s (%s)\n\nafter") % (one, block(other))
    for shown in (row, item):
        assert harm(markdown_alive(shown)) == [], shown
    assert markdown_alive(row).shown.endswith("after\n")


@given(TEXTS)
def test_a_block_of_code_shows_what_is_in_it(text: str) -> None:
    (shown,) = {markdown_alive(code_block(text)).shown.rstrip("\n")}
    assert shown.split() == str(code_block(text)).split("\n", 1)[1].rpartition("\n")[0].split()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Returns a QR code as a PNG, *fast*.", "Returns a QR code as a PNG, *fast*."),
        ("a < b && c > d, 50 % of snake_case", "a < b && c > d, 50 % of snake_case"),
        ("ask @octo-org/team or a@b.example", "ask `@octo-org/team` or a@b.example"),
        ("Fixes #12, o/r#3, GH-4 and #112233", "Fixes `#12`, `o/r#3`, `GH-4` and `#112233`"),
        ("see https://pypi.org/project/segno/.", "see https://pypi.org/project/segno/."),
        ("https://github.com/o/r/pull/5", "`https://github.com/o/r/pull/5`"),
        ("https://github.com@evil.example/", "`https://github.com@evil.example/`"),
        ("[Open the playground](https://evil.example/)", r"\[Open the playground\](https://evil.example/)"),
        ("`@decorator` and `a | b`", r"`@decorator` and `a | b`"),
        ("one ` tick", r"one \` tick"),
        ("two\nlines", "two lines"),
        (f"key gh{'p'}_{'a1B2' * 9}", "key ***"),
        ("", ""),
    ],
)
def test_it_stays_readable(text: str, shown: str) -> None:
    assert prose(text) == shown
    assert cell(text) == shown.replace("a | b", r"a \| b")


def test_paragraphs_lists_and_code_of_a_text_stay() -> None:
    text = 'First:\n\n- one\n- two\n\n```json\n{"at": "@x"}\n```\n\n# Not a heading'
    assert block(text) == text.replace("# Not", r"\# Not")
    assert quoted("a\n\n```\nb") == "> a\n>\n> ```\n> b\n> ```"


@pytest.mark.parametrize("language", ["mermaid", "math", "suggestion", "json @x", "`"])
def test_a_block_that_github_would_draw_or_apply_is_just_code(language: str) -> None:
    (line, *_) = str(block(f"~~~{language}\nx\n~~~")).strip().splitlines()
    assert line in ("```", "```json")


def test_what_the_bot_put_together_keeps_its_references_and_its_links() -> None:
    text = "@octo, [The build](https://github.com/o/r/actions/runs/7) of #4 is red: `x`. **Closes** it: closes #4"
    assert composed(text) == text.replace("closes #4", "closes `#4`")
    forged = "[Open the playground](https://evil.example/) @team o/r#3"
    assert composed(forged) == r"\[Open the playground\](https://evil.example/) `@team` `o/r#3`"


def test_what_is_added_to_markdown_is_made_fit() -> None:
    own = Markdown("**%s** ") % "@team"
    assert own + "#1" == "**`@team`** `#1`"
    assert Markdown(", ").join(["#1", Markdown("#2")]) == "`#1`, #2"


@pytest.mark.parametrize("text", ["@{}", "{}#", "a{}@", "https://x{}x", "[{}", "{}x"])
@pytest.mark.parametrize("many", "a@#`!-.*[\\< ")
def test_a_text_that_was_made_to_be_slow_is_not(text: str, many: str) -> None:
    began = time.process_time()
    block(text.format(many * 20_000))
    assert time.process_time() - began < 1


def test_an_address_is_a_link_to_itself() -> None:
    assert link("http://127.0.0.1:9080/a_b/") == "[http://127.0.0.1:9080/a_b/](http://127.0.0.1:9080/a_b/)"
    assert link("javascript:alert(1)") == "javascript:alert(1)"
