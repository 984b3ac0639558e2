"""Job logs look like GitHub's, line by line, and hold no secret."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.hub.act.job_log import JobLog, run_title, timestamp


@pytest.fixture
def log(path: Path) -> Iterator[JobLog]:
    log = JobLog(path, ["s3cret\nsecond line"])
    yield log
    log.close()


def lines(log_path: Path) -> list[str]:
    found = log_path.read_text(encoding="utf-8-sig").split("\n")
    assert found.pop() == ""
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ", line) for line in found)
    return [line[29:] for line in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "build.txt"


def test_a_timestamp_has_seven_decimals() -> None:
    assert timestamp(1_700_000_000_000_000_199) == "2023-11-14T22:13:20.0000001Z"


def test_a_log_starts_with_a_byte_order_mark_and_is_complete_at_any_moment(log: JobLog, path: Path) -> None:
    log.write("first\n")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf20")
    assert lines(path) == ["first"]
    log.write("second\r\n\nfourth with \f inside")
    assert lines(path) == ["first", "second", "", "fourth with \f inside"]


def test_secrets_are_masked_by_line_and_in_base64(log: JobLog, path: Path) -> None:
    log.mask("later")
    log.write(f"a s3cret, a second line, {base64.b64encode(b's3cret').decode()}; sooner or later")

    assert lines(path) == ["a ***, a ***, ***; sooner or ***"]


def test_a_run_step_opens_with_its_script_shell_and_variables(log: JobLog, path: Path) -> None:
    log.start_step(
        {"name": "Say", "run": "echo one\n\necho two\n", "shell": "bash"},
        {"COLOUR": "blue", "TOKEN": "${{ secrets.GITHUB_TOKEN }}", "DEBUG": True},
    )

    assert lines(path) == [
        "##[group]Run echo one",
        "\x1b[36;1mecho one\x1b[0m",
        "\x1b[36;1m\x1b[0m",
        "\x1b[36;1mecho two\x1b[0m",
        "shell: /usr/bin/bash --noprofile --norc -e -o pipefail {0}",
        "env:",
        "  COLOUR: blue",
        "  DEBUG: true",
        "##[endgroup]",
    ]


def test_an_action_step_opens_with_its_inputs(log: JobLog, path: Path) -> None:
    log.start_step({"uses": "actions/checkout@v5", "with": {"persist-credentials": False}}, {})

    assert lines(path) == [
        "##[group]Run actions/checkout@v5",
        "with:",
        "  persist-credentials: false",
        "##[endgroup]",
    ]


@pytest.mark.parametrize(
    ("name", "argument", "expected"),
    [
        ("error", "it broke", ["##[error]it broke"]),
        ("warning", "careful", ["##[warning]careful"]),
        ("group", "Inner", ["##[group]Inner"]),
        ("endgroup", "", ["##[endgroup]"]),
        ("set-output", "x", []),
    ],
)
def test_commands(log: JobLog, path: Path, name: str, argument: str, expected: list[str]) -> None:
    log.command(name, argument)

    assert (lines(path) if path.read_text() else []) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("exit status 3", "##[error]Process completed with exit code 3."),
        ("no such action", "##[error]no such action"),
    ],
)
def test_a_failed_step_says_how_it_ended(log: JobLog, path: Path, message: str, expected: str) -> None:
    log.fail_step(message)

    assert lines(path) == [expected]


def test_steps_without_a_name_are_called_by_what_they_run() -> None:
    assert run_title({"run": "\n  make test\nmake lint\n"}) == "Run make test"
    assert run_title({"uses": "actions/checkout@v5"}) == "Run actions/checkout@v5"
