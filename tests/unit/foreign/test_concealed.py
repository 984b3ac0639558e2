"""What the bot knows to be its own secrets goes nowhere, whatever shape it has."""

from __future__ import annotations

from bot.foreign import code, conceal, from_log, plain, prose, redacted
from tests.fakes.app_key import app_key

SECRET = "hunter2 and more"


def test_a_secret_is_hidden_wherever_text_goes_out() -> None:
    conceal([SECRET])
    for out in (code, from_log, plain, prose, redacted):
        shown = str(out(f"The key {SECRET} is wrong"))
        assert SECRET not in shown and "is wrong" in shown


def test_each_line_of_a_key_is_a_secret_and_a_word_is_none() -> None:
    conceal([app_key(), "unused", ""])
    lines = app_key().splitlines()
    assert redacted(f"line {lines[3]} of it") == "line *** of it"
    assert redacted("unused -----END") == "unused -----END"
