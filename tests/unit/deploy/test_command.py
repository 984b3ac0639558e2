"""`gptdeploy deploy` and `gptdeploy platform`, where no engine answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.errors import EXIT_STATUS
from tests.unit.deploy.described import DESCRIBED, service_folder

FOR_GITHUB = ("--token", "t", "--repository", "octo/services")


def run(*arguments: str, **environment: str) -> Result:
    blank = {f"GITHUB_{name}": None for name in ("TOKEN", "REPOSITORY", "REPOSITORY_ID", "SHA", "API_URL")}
    # Nothing listens on port 1: no unit test may find a real engine.
    where: dict[str, str | None] = {**blank, "DOCKER_HOST": "tcp://127.0.0.1:1", **environment}
    return CliRunner().invoke(main, list(arguments), env=where)


@pytest.mark.parametrize(
    "arguments",
    [
        ("deploy", "qr-code", "--image", "x"),
        ("platform", "up"),
        ("platform", "status"),
        ("service", "rollback", "qr-code"),
        ("service", "logs", "qr-code"),
        ("service", "list"),
        ("service", "scale", "qr-code", "2"),
        ("service", "delete", "qr-code"),
        ("service", *FOR_GITHUB, "preview", "qr-code", "--image", "x", "--pull", "12", "--commit", "a" * 40),
        ("service", *FOR_GITHUB, "closed"),
    ],
)
def test_without_an_engine_the_commands_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    service_folder(tmp_path, json.dumps(DESCRIBED))
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == EXIT_STATUS
    assert "No Docker engine answers" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [("preview", ".", "--image", "x", "--pull", "1", "--commit", "a"), ("closed",)])
def test_previews_need_github_which_says_when_they_end(arguments: tuple[str, ...]) -> None:
    result = run("service", *arguments)
    assert result.exit_code == EXIT_STATUS
    assert "This needs `GITHUB_TOKEN` and `GITHUB_REPOSITORY`." in result.stderr


def test_the_last_line_is_json_when_asked_for(tmp_path: Path) -> None:
    result = run("deploy", str(tmp_path / "nothing"), "--image", "x", "--json")
    assert result.exit_code == EXIT_STATUS
    assert "name the folder of a service" in json.loads(result.stdout.splitlines()[-1])["error"]


def test_announcing_needs_to_know_where(tmp_path: Path) -> None:
    made = service_folder(tmp_path, json.dumps(DESCRIBED))
    result = run("deploy", str(made), "--image", "x", "--announce", GITHUB_SHA="a" * 40)
    assert result.exit_code == EXIT_STATUS
    assert "GITHUB_TOKEN" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [(("service", "--answer", "7", "list"), "--request"), (("service", "removed", "qr-code"), "GITHUB_SHA")],
)
def test_answering_needs_to_know_where(arguments: tuple[str, ...], needed: str) -> None:
    result = run(*arguments, GITHUB_TOKEN="t", GITHUB_REPOSITORY="octo/services")
    assert result.exit_code == EXIT_STATUS
    assert needed in result.stderr


def test_the_command_starts_without_the_sdks_that_it_does_not_need() -> None:
    """Each of them takes up to a second to import, and a person waits for every deployment."""
    script = "import sys, bot.__main__, bot.deploy.command; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "docker" in loaded
    assert loaded.isdisjoint({"openai", "github", "dbos", "flask", "uv", "dotenv"})
