"""Which lines of a comment are commands: those that a reader of the rendered comment would take for one."""

from __future__ import annotations

import pytest

from bot.commands.parser import LIMIT, Heard, listen, parse
from bot.commands.registry import Command, Invocation, Place, Registry
from bot.sentence import verbatim
from bot.values.command import Call, Unknown

SHOWN = verbatim("Help.")


def _command(name: str, words: bool = False) -> Command:
    return Command(name=name, help=SHOWN, example=f"/{name}", places=(Place.ISSUE,), action=_act, words=words)


def _act(invocation: Invocation) -> str:
    return invocation.words


KNOWN = Registry(
    [*map(_command, ("deploy", "approve", "stop", "status", "help")), _command("retry", True), _command("revise", True)]
)
RETRY, STOP, HELP = Call(name="retry"), Call(name="stop"), Call(name="help")


def revise(text: str) -> Call:
    return Call(name="revise", arguments=text)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/retry", (RETRY,)),
        ("/retry  \r\n", (RETRY,)),
        ("   /retry", (RETRY,)),
        ("/Retry", (RETRY,)),
        ("/RETRY", (RETRY,)),
        ("Please\n/stop\nthanks", (STOP,)),
        ("/stop\n/retry", (STOP, RETRY)),
        ("/stop\r\n\r\n/retry", (STOP, RETRY)),
        ("/stop\r/retry", (STOP, RETRY)),
        ("/stop  \n/retry", (STOP, RETRY)),
        ("/stop\n\n/stop", (STOP,)),
        ("/retry\n-- \nSent from my phone", (RETRY,)),
        ("- a list\n\n/retry", (RETRY,)),
        ("**Go**\n/retry", (RETRY,)),
        ("Done: ✅\n/retry", (RETRY,)),
        # What stands after a command that takes words belongs to it, up to the next command.
        ("/retry with *pillow* `please`", (Call(name="retry", arguments="with *pillow* `please`"),)),
        ("/retry budget_usd=2\n\nuse segno", (Call(name="retry", arguments="budget_usd=2\n\nuse segno"),)),
        ("/revise a\n\n- b\n- c\n/deploy", (revise("a\n\n- b\n- c"), Call(name="deploy"))),
        ("/revise\n\n```\n/stop\n```", (revise("```\n/stop\n```"),)),
        ("/deploy not yet\n/retry", (Call(name="deploy", arguments="not yet"), RETRY)),
        # A quote answered without a blank line between.
        ("> you said\n/retry", (RETRY,)),
        ("> /stop\n/retry", (RETRY,)),
        ("> /stop\n\n/retry", (RETRY,)),
        # Near misses.
        ("/retry.", (RETRY,)),
        ("/deploy!", (Call(name="deploy"),)),
        ("/stop!!!", (STOP,)),
        ("/retry, please", (Call(name="retry", arguments="please"),)),
        ("/retry: use segno", (Call(name="retry", arguments="use segno"),)),
        ("/retry…", (RETRY,)),
        ("/retry\u00a0", (RETRY,)),
        ("\u00a0/retry", (RETRY,)),
        ("\u200b/retry", (RETRY,)),
        ("\ufeff/retry", (RETRY,)),
        ("\u3000/retry", (RETRY,)),
        ("/ret\u200bry", (RETRY,)),
        ("/retry\u200b", (RETRY,)),
        ("／retry", (RETRY,)),
        ("\u00a0／retry", (RETRY,)),
        ("/retry\u00a0use\u00a0segno", (Call(name="retry", arguments="use segno"),)),
        ("@gptdeploy /retry", (RETRY,)),
        ("@GPTDeploy /retry", (RETRY,)),
        ("@gptdeploy: /retry", (RETRY,)),
        ("@gptdeploy[bot] /retry", (RETRY,)),
        ("@gptdeploy\u00a0／retry!", (RETRY,)),
        ("Hi @gptdeploy, /retry", (RETRY,)),
        ("/retry@gptdeploy", (RETRY,)),
        ("/retry@GptDeploy[bot] use segno", (Call(name="retry", arguments="use segno"),)),
        ("@gptdeploy retry", (RETRY,)),
        ("@gptdeploy, Stop!", (STOP,)),
        ("@gptdeploy", (HELP,)),
        # The bot's name, and a sentence.
        ("@gptdeploy make the border optional", (revise("make the border optional"),)),
        ("Hey @gptdeploy, make the border optional.", (revise("make the border optional."),)),
        ("@gptdeploy stop using pillow", (revise("stop using pillow"),)),
        ("@gptdeploy\n\n1. a border\n2. a title\n", (revise("1. a border\n2. a title"),)),
        ("Nice.\n@gptdeploy a border\nand a title\n/stop", (revise("a border\nand a title"), STOP)),
        ("@gptdeploy see `a`\n> quoted", (revise("see `a`\n> quoted"),)),
    ],
)  # fmt: skip
def test_commands(body: str, expected: tuple[Call, ...]) -> None:
    assert parse(body, KNOWN, "gptdeploy") == expected
    assert listen(body).commands


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
        "<!--\n@gptdeploy a border\n-->",
        "<pre>\n/retry\n</pre>",
        "<details>\n/retry\n</details>",
        "- /retry",
        "* [ ] /retry",
        "1. /retry",
        "# /retry",
        "| /retry | again |\n| --- | --- |",
        "\\/retry",
        "*/retry*",
        "**/retry**",
        "~~/retry~~",
        "[/retry](https://example.com)",
        "[text](\n/retry\n)",
        "\u201c/retry\u201d",
        "\u00ab/retry\u00bb",
        "'/retry'",
        '"/retry"',
        "(/retry)",
        "/usr/bin",
        "/usr/bin/python is missing",
        "/retry/",
        "/retry.py is wrong",
        "/retry-after: 3",
        "https://example.com/retry",
        "//retry",
        "/ retry",
        "/",
        "/1",
        "/retry*now*",
        "/retry|/stop",
        # Said to others.
        "@octo /retry",
        "/retry@octo",
        "@gptdeploy-staging /retry",
        "@gptdeploys make the border optional",
        "@gptdeploy/team make the border optional",
        "\\@gptdeploy make the border optional",
        "> @gptdeploy make the border optional",
        "`@gptdeploy` make the border optional",
        "cc @gptdeploy",
        "I think @gptdeploy did well",
        "- @gptdeploy make the border optional",
        "me@gptdeploy.example",
        # Commands of other bots.
        "/lgtm",
        "/lgtm cancel",
        "/assign @octo\n/kind bug",
        "/close\r\n\r\nnot planned",
        "/cc @octo",
        "/hold",
        "/test all",
        "/retest",
        "/rebase",
        "/ok-to-test",
        "/milestone v1",
        "/lint",
        "/stale",
        "/review",
        "/reviewers @octo",
        "/re-review",
        "/improve",
        "/azp run",
        "/execute gives 500",
        "/healthz is fine",
    ],
)
def test_no_commands(body: str) -> None:
    assert parse(body, KNOWN, "gptdeploy") == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/rety", Unknown(name="rety", meant="retry")),
        ("/depoly now", Unknown(name="depoly", meant="deploy")),
        ("/RETYR!", Unknown(name="retyr", meant="retry")),
        ("/aprove", Unknown(name="aprove", meant="approve")),
        ("/stauts", Unknown(name="stauts", meant="status")),
        ("/redeploy", Unknown(name="redeploy", meant="deploy")),
        ("/restart", Unknown(name="restart", meant="retry")),
        ("/cancel", Unknown(name="cancel", meant="stop")),
        # A question is not an order.
        ("/retry?", Unknown(name="retry?", meant="retry")),
        ("/deploy?!", Unknown(name="deploy?", meant="deploy")),
    ],
)
def test_what_is_nearly_a_command(body: str, expected: Unknown) -> None:
    assert parse(body, KNOWN) == (expected,)


def test_a_bot_is_called_by_its_own_name_only() -> None:
    assert parse("@gptdeploy /retry", KNOWN, "acme-deployer") == ()
    assert parse("@acme-deployer /retry", KNOWN, "acme-deployer") == (RETRY,)
    assert parse("@gptdeploy /retry", KNOWN) == ()


def test_without_the_command_for_it_a_sentence_is_talk() -> None:
    assert parse("@gptdeploy make it blue", Registry([_command("help")]), "gptdeploy") == ()


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        ("/stop", Heard(commands=True, talk=False)),
        ("/stop\r\n\r\n/retry", Heard(commands=True, talk=False)),
        ("/approve\n\nA PNG, please", Heard(commands=True, talk=True)),
        ("@gptdeploy a PNG, please", Heard(commands=True, talk=True)),
        ("@octo what do you think?", Heard(commands=True, talk=True)),
        ("ok", Heard(commands=False, talk=True)),
        ("> /retry", Heard(commands=False, talk=True)),
        ("/usr/bin/python is missing", Heard(commands=False, talk=True)),
        (" \r\n", Heard(commands=False, talk=False)),
    ],
)
def test_what_is_heard_without_knowing_the_name(body: str, heard: Heard) -> None:
    assert listen(body) == heard


def test_a_comment_full_of_commands_is_cut() -> None:
    body = "\n".join(f"/stop {number}" for number in range(1000))
    assert [call.arguments for call in parse(body, KNOWN) if isinstance(call, Call)] == [str(n) for n in range(LIMIT)]


def test_a_comment_of_githubs_full_length_is_no_burden() -> None:
    for hard in (">" * 65_000, "`a " * 20_000, "<!--" * 16_000, "/stop\n" * 9_000, "@a" * 32_000, "\u00a0 " * 32_000):
        assert len(parse(hard, KNOWN, "gptdeploy")) <= 1
