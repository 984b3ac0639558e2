"""A text of anybody's in Markdown says what it says, and does nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.foreign import Markdown, block, cell, code, code_block, composed, fit, link, prose, quoted
from bot.sentence import Sentence, joined, sentence, verbatim
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
        *(alive.headings + alive.formulas),
    ]


@given(TEXTS)
@example("``@team`")
@example("$x$ \\$y\\$ $$z$$ $`a`$ `$b` c `d$`")
@example("a `b @team` c` @team")
@example("<https://evil.example/> [x][y]\n\n[y]: //e")
@example("a line above\n- ")
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
        ("$x_1$ costs $5", "＄x_1＄ costs ＄5"),
        ("`$x` and `y$`, `$`", "` $x ` and ` y$ `, ` $ `"),
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


@given(TEXTS, TEXTS)
@example("@team look", "#7 [The build](https://evil.example/)")
def test_in_a_sentence_nothing_is_alive_but_the_words_of_the_bot(one: str, other: str) -> None:
    own = sentence("@octo, [The build](https://x.y/runs/7) of #4: %(one)s %(other)s", one=one, other=verbatim(other))
    for said in (own, joined([verbatim(one), own])):
        # Also after it was kept as a text for a while.
        for shown in (composed(said), composed(str(fit(said))), Markdown("%s") % said):
            alive = markdown_alive(shown)
            assert (set(alive.mentions), alive.references.count("#4"), len(set(alive.references))) <= ({"octo"}, 1, 1)
            alive.mentions, alive.references = [], []
            alive.links = [link for link in alive.links if link != ("The build", "https://x.y/runs/7")]
            assert harm(alive) == [], shown


def test_a_sentence_keeps_what_was_made_fit_and_takes_a_text_of_before_for_others_words() -> None:
    assert composed(joined([sentence("%(x)s", x=Markdown("#4 `#5`")), verbatim("#6")])) == "#4 `#5` ＃6"
    kept = Sentence.model_validate_json(sentence("%(x)s", x=Markdown("#4")).model_dump_json())
    assert composed(kept) == "#4"
    assert composed(Sentence.model_validate("@team 100 %")) == "＠team 100 %"


def test_a_value_of_a_sentence_that_is_code_stays_what_it_is() -> None:
    assert composed(sentence("default %(value)s", value='`"#000000"`')) == 'default `"#000000"`'
    assert composed(sentence("default %(value)s", value="`a` #1 `b`")) == "default `a` ＃1 `b`"
    assert composed(sentence("run `%(run)s`", run="o/r#1-x")) == "run `o/r#1-x`"
    assert composed(sentence("run `%(run)s`", run="a` @team `b")) == "run `a` ＠team `b`"


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
