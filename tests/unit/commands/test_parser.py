"""Which lines of a comment are commands: those that a reader of the rendered comment would take for one."""

from __future__ import annotations

import pytest

from bot.commands.parser import LIMIT, parse
from bot.values.command import Call, Unknown

KNOWN = ("retry", "deploy", "stop", "status", "help")
RETRY, STOP = Call(name="retry"), Call(name="stop")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/retry", (RETRY,)),
        ("/retry  \r\n", (RETRY,)),
        ("   /retry", (RETRY,)),
        ("/Retry", (RETRY,)),
        ("Please\n/retry\nthanks", (RETRY,)),
        ("/stop\n/retry", (STOP, RETRY)),
        ("/stop\r\n\r\n/retry", (STOP, RETRY)),
        ("/stop  \n/retry", (STOP, RETRY)),
        ("/retry\n\n/retry", (RETRY,)),
        ("/retry\n-- \nSent from my phone", (RETRY,)),
        ("- a list\n\n/retry", (RETRY,)),
        ("/retry with *pillow* `please`", (Call(name="retry", arguments="with *pillow* `please`"),)),
        ("**Go**\n/retry", (RETRY,)),
        # A quote answered without a blank line between.
        ("> you said\n/retry", (RETRY,)),
        ("> /stop\n/retry", (RETRY,)),
        ("> /stop\n\n/retry", (RETRY,)),
    ],
)
def test_commands(body: str, expected: tuple[Call, ...]) -> None:
    assert parse(body, KNOWN).calls == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Thanks, well done.",
        "Type /retry to try again.",
        "> /retry",
        "> a\n> /retry",
        ">> /retry",
        "```\n/retry\n```",
        "~~~sh\n/retry\n~~~",
        "```\n/retry",
        "    /retry",
        "\t/retry",
        "`/retry`",
        "`a\n/retry\nb`",
        "<!-- /retry -->",
        "<!--\n/retry\n-->",
        "a <!--\n/retry\n--> b",
        "<pre>\n/retry\n</pre>",
        "- /retry",
        "1. /retry",
        "# /retry",
        "\\/retry",
        "*/retry*",
        "[/retry](https://example.com)",
        "[text](\n/retry\n)",
        "/usr/bin/python is missing",
        "//retry",
        "/ retry",
        "/",
        "/1",
        "/retry*now*",
    ],
)
def test_no_commands(body: str) -> None:
    assert parse(body, KNOWN).calls == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/rety", Unknown(name="rety", meant="retry")),
        ("/depoly now", Unknown(name="depoly", meant="deploy")),
        ("/RETRIED", Unknown(name="retried", meant="retry")),
        ("/lgtm", Unknown(name="lgtm", meant=None)),
    ],
)
def test_unknown_commands(body: str, expected: Unknown) -> None:
    assert parse(body, KNOWN).calls == (expected,)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("/retry", ""),
        ("/stop\r\n\r\n/retry", ""),
        ("/approve\n\nA PNG, please", "A PNG, please"),
        ("ok\n/retry with care\nthanks", "ok\nthanks"),
        ("/rety", ""),
        ("> /retry", "> /retry"),
        ("/usr/bin/python is missing", "/usr/bin/python is missing"),
        ("", ""),
    ],
)
def test_what_else_a_comment_says(body: str, text: str) -> None:
    assert parse(body, KNOWN).text == text


def test_a_comment_full_of_commands_is_cut() -> None:
    body = "\n".join(f"/word-{number}" for number in range(1000))
    assert [call.name for call in parse(body, KNOWN).calls] == [f"word-{number}" for number in range(LIMIT)]


def test_a_comment_of_githubs_full_length_is_no_burden() -> None:
    for hard in (">" * 65_000, "`a " * 20_000, "<!--" * 16_000, "/retry\n" * 9_000):
        assert len(parse(hard, KNOWN).calls) <= 1
