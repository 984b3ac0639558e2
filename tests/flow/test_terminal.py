"""`gptdeploy --description ... --repo ...`: what a person sees in the terminal while the bot is at work."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from tests.flow.replies import files, fix, replanned, spec, strategies, suite, way
from tests.flow.scene import Scene
from tests.flow.test_clarify import QUESTIONS
from tests.flow.test_run import RED

WISH = ("--description", "Return a text in upper case.", "--test", "hello gives HELLO")


def gptdeploy(scene: Scene, *arguments: str, typed: str = "", author: str = "octo") -> Result:
    hub = scene.house.hub
    environment = {"GITHUB_TOKEN": hub.token(author), "GITHUB_API_URL": hub.api_url}
    return CliRunner().invoke(main, [*WISH, "--repo", scene.name, *arguments], input=typed, env=environment)


def test_an_issue_is_opened_and_followed_until_the_service_is_live(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    result = gptdeploy(scene)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == f"issue: {scene.house.hub.url}/{scene.name}/issues/1"
    stages = [line.split("s  ", 1)[1].partition(":")[0] for line in lines[1:] if " s  " in line]
    assert stages[-1] == "done"
    assert lines[-2:] == [
        "playground: http://upper-case.localhost:8080/",
        "api: POST http://localhost:8080/upper-case/execute",
    ]
    assert "hello gives HELLO" in scene.model.prompt(0)


def test_a_question_is_answered_at_the_prompt(scene: Scene) -> None:
    scene.answers(spec(questions=QUESTIONS), spec(), suite(), strategies("str.upper"), files())
    result = gptdeploy(scene, typed="Greek, and upper case.\n")
    assert result.exit_code == 0, result.output
    assert "1. Which alphabet?\n   *My proposal*: Latin." in result.output
    assert "Your answer (enter alone takes the proposals): " in result.output
    assert "Answered: Greek, and upper case." in scene.model.prompt(1)
    assert scene.next_comment(1)


def test_enter_alone_takes_the_proposals(scene: Scene) -> None:
    scene.answers(spec(questions=QUESTIONS), spec(), suite(), strategies("str.upper"), files())
    assert gptdeploy(scene, typed="\n").exit_code == 0
    assert "Upper or lower case? Upper case." in scene.model.prompt(1)
    assert scene.next_comment(1)


def test_a_plan_is_changed_and_approved_at_the_prompt(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("plan: approve")
    question, change = replanned(answer="In case.", done=False), replanned(answer="One way.", strategies=[way("upper")])
    scene.answers(spec(), strategies("str.upper", "a table"), question, change, suite(), files())
    # Enter alone approves nothing.
    result = gptdeploy(scene, typed="\nwhy a table?\n/revise no table\nApprove!\n")
    assert result.exit_code == 0, result.output
    assert result.output.count("Type approve, stop, or what shall change: ") == 4
    assert "### Plan 1: Upper case" in result.output
    assert "**Plan 1 stays as it is.** In case." in result.output
    assert "**Changed from plan 1**, as @octo asked: One way." in result.output
    assert "Plan 2 is approved, and I start." in result.output
    said = [scene.next_comment(1) for _ in range(6)]
    assert said[-1].startswith("Plan 2 is approved")
    assert "Point 1: why a table?\n" in scene.model.prompt(2)
    assert "Point 1: no table\n" in scene.model.prompt(3)


def test_a_plan_is_dropped_at_the_prompt(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("plan: approve")
    scene.answers(spec(), strategies("str.upper"))
    result = gptdeploy(scene, typed="stop\n")
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "not deployed: stopped"
    assert [scene.next_comment(1), scene.next_comment(1)]


def test_a_plan_waits_where_nobody_is_at_the_prompt(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("plan: approve")
    scene.answers(spec(), strategies("str.upper"))
    threading.Timer(1, lambda: (scene.reached(1, "plan"), scene.say(1, "/stop"))).start()
    result = gptdeploy(scene)
    assert f"Answer on {scene.house.hub.url}/{scene.name}/issues/1" in result.output
    assert [scene.next_comment(1), scene.next_comment(1)]


def test_what_the_builds_died_of_is_shown_when_asked_for(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 1")
    scene.answers(spec(), suite(), strategies("first"), files("input.text"), fix("One.", "input.text.lower()"))
    scene.build_logs(RED, RED)
    result = gptdeploy(scene, "--verbose")
    assert result.exit_code == 1
    assert result.output.count("#2: what the build of ") == 2
    assert "assert 'hello' == 'HELLO'" in result.output
    assert "### No strategy got green" in result.output
    assert result.output.splitlines()[-1] == "not deployed: no strategy got green"
    assert scene.next_comment(2)
    assert scene.next_comment(1)


def test_without_write_access_a_maintainer_has_to_set_the_label(scene: Scene) -> None:
    result = gptdeploy(scene, author="visitor")
    assert result.exit_code == 2
    assert f"{scene.house.hub.url}/{scene.name}/issues/1 is open, and somebody with write access" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*WISH, "--repo", "services"), "--repo takes owner/name, not 'services'."),
        ((*WISH, "--repo", "octo/services"), "sign in with `gh auth login`, or set `GITHUB_TOKEN`"),
        (("--test", "a"), "--description says what the service shall do"),
        ((*WISH, "platform", "status"), "`platform` stands alone"),
    ],
)
def test_what_cannot_begin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(main, arguments, env={"GITHUB_TOKEN": None, "GITHUB_API_URL": None})
    assert result.exit_code == 2
    assert words in result.stderr


def test_the_token_of_githubs_command_line_is_taken(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    hub = scene.house.hub
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\n[ "$*" = "auth token" ] && echo {hub.token("octo")}\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    environment = {"GITHUB_TOKEN": None, "GITHUB_API_URL": hub.api_url}
    result = CliRunner().invoke(main, [*WISH, "--repo", scene.name], env=environment)
    assert result.exit_code == 0, result.output
