"""What all commands have in common."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.errors import EXIT_STATUS, TransientError, UserError


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("web", "GITHUB_APP_ID"),
        ("worker", "GITHUB_APP_ID"),
        ("deploy nothing --image x", "has no `service.json`"),
        ("platform up --url https://apps.example.com", "No Docker engine answers"),
        ("platform up --tls off --certificate app.py app.pem", "name one of them"),
        ("platform up --certificate issue.json issue.json", "are no certificate and its key"),
        ("platform up --certificate gone.pem gone.key", "gone.pem: No such file or directory"),
        ("platform root", "No Docker engine answers"),
        ("platform down --yes", "No Docker engine answers"),
        ("platform status", "No Docker engine answers"),
        ("demo --once --issue-file issue.json --description x", "give one or the other"),
        ("demo --once --json --issue-file issue.json", "issue.json"),
        ("demo --no-such-option", "No such option"),
    ],
)
def test_what_a_person_can_mend_ends_every_command_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "issue.json").write_text("{}")
    names = ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET")
    # Nothing listens on port 1: no unit test may find a real engine.
    result = CliRunner().invoke(main, command.split(), env={**dict.fromkeys(names), "DOCKER_HOST": "tcp://127.0.0.1:1"})
    assert result.exit_code == EXIT_STATUS == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_serve_with_a_part_of_the_credentials_tells_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    env = {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": None, "GITHUB_WEBHOOK_SECRET": None}
    result = CliRunner().invoke(main, ["serve"], env=env)
    assert result.exit_code == EXIT_STATUS and "GITHUB_WEBHOOK_SECRET: " in result.stderr


@pytest.mark.parametrize("error", [UserError("Do this."), TransientError("Do this.")])
def test_the_text_of_an_error_is_all_that_a_person_sees(error: Exception) -> None:
    @click.command()
    def fail() -> None:
        raise error

    main.add_command(fail, "fail-for-a-test")
    try:
        result = CliRunner().invoke(main, ["fail-for-a-test"])
    finally:
        del main.commands["fail-for-a-test"]
    assert result.exit_code == EXIT_STATUS
    assert result.output == "gptdeploy: Do this.\n"


@pytest.mark.parametrize("group", ["", "platform", "service"])
def test_the_list_of_commands_cuts_nothing_short(group: str) -> None:
    said = CliRunner().invoke(main, [*group.split(), "--help"]).stdout
    assert "Commands:" in said
    assert "..." not in said.partition("Commands:")[2]
