"""A text of anybody's in a title or a commit mentions nobody, closes nothing and keeps no workflow from running."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.foreign import Plain, from_log, one_line, plain
from tests.fakes.as_github import plain_alive

_LIVE = ("@team", "#12", "o/r#3", "GH-4", "Closes ", "fix: ", "https://github.com/o/r/issues/5", "word", "\u202e")
_SKIPS = ("[skip ci]", "[ci skip]", "\n\nskip-checks: true", "[no ci]", "[skip actions]", "[actions skip]")
PIECES = st.sampled_from([*_LIVE, *_SKIPS, *" \n@#1"])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_in_it_is_alive(text: str) -> None:
    alive = plain_alive(plain(text))
    assert alive.mentions + alive.references + alive.closes + alive.skips + alive.hidden == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ask @octo/team, a@b.example", "Ask ＠octo/team, a@b.example"),
        ("Closes #1, o/r#2 and GH-3", "Closes ＃1, o/r＃2 and GH 3"),
        ("resolves https://github.com/o/r/issues/5", "resolves github.com/o/r/issues/5"),
        ("[skip ci] Read C# files", "(skip ci) Read C# files"),
        ("Done.\n\nskip-checks: true\nCo-authored-by: a", "Done.\n\nskip checks: true\nCo authored by: a"),
        ("GPT-Deploy-Issue: 7", "GPT Deploy Issue: 7"),
        (f"key gh{'p'}_{'a1B2' * 9}", "key ***"),
    ],
)
def test_it_stays_readable(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert plain(str(plain(text))) == shown


def test_what_is_formatted_into_a_message_is_made_fit() -> None:
    assert Plain("Fix %s: %s\n\nOwn-Key: %s") % (1, "@team", "#1") == "Fix 1: ＠team\n\nOwn-Key: ＃1"


def test_a_title_has_one_line_and_a_log_no_passwords() -> None:
    assert one_line(" a\n b ") == "a b"
    assert from_log("token=abc and @team") == "token=*** and ＠team"
