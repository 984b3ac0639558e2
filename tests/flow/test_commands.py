"""What people type, and what they get: a reaction at once, an answer always."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.init import repository_files
from bot.values.progress import StrategyOutcome
from tests.flow.people import push
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_people import building
from tests.flow.test_run import BODY, RED


@pytest.fixture
def given_up(make_scene: Callable[..., Scene]) -> tuple[Scene, int]:
    """An issue whose only strategy was given up after no fix."""
    scene = make_scene("fixes: 1")
    scene.answers(spec(), suite(), strategies("first"), files("input.text"), fix("One.", "input.text.lower()"))
    scene.build_logs(RED, RED)
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(2)
    scene.next_comment(issue)
    return scene, issue


def test_retry_on_the_issue_tells_the_model_what_failed(given_up: tuple[Scene, int]) -> None:
    scene, issue = given_up
    scene.answers(spec(), suite(), strategies("second"), files())
    comment = scene.say(issue, "Let us try again.\n\n/retry")
    assert scene.next_comment(issue)
    assert scene.reached(issue, "done").strategies[0].name == "second"
    assert "eyes" in scene.reactions(comment)
    assert "- first: It died of: " in scene.model.prompt(-2)


def test_a_hint_reaches_the_model(given_up: tuple[Scene, int]) -> None:
    scene, issue = given_up
    scene.answers(spec(), suite(), strategies("second"), files())
    scene.say(issue, "/retry max_minutes=60 use the table\nof the standard library")
    assert scene.next_comment(issue) == (
        "On it: I read the issue again and try fresh strategies. The model is told what you say. "
        "The status comment above shows how far I am."
    )
    assert scene.reached(issue, "done")
    said = "For this attempt, a person with write access says: use the table\nof the standard library"
    assert all(said in scene.model.prompt(at) for at in (-4, -3, -2, -1))


def test_a_hint_on_the_pull_request_reaches_the_model(given_up: tuple[Scene, int]) -> None:
    scene, issue = given_up
    scene.build_logs(RED)
    scene.answers(fix("Now I see.", "input.text.upper()"))
    scene.say(2, "/retry upper, not lower")
    assert scene.next_comment(2)
    assert scene.reached(issue, "done")
    assert "Later, people said:\n- upper, not lower" in scene.model.prompt()
    assert "Where that way contradicts what people ask for later, what they ask for counts." in scene.model.prompt()


def test_a_strategy_can_be_tried_again(given_up: tuple[Scene, int]) -> None:
    scene, issue = given_up
    scene.answers(spec(), suite(), files())
    scene.say(issue, "/retry strategy=1")
    assert scene.next_comment(issue) == ("On it: I try **first** again. The status comment above shows how far I am.")
    assert scene.reached(issue, "done").strategies[0].name == "first"
    assert "<learned>\n- first: It died of: " in scene.model.prompt()


def test_what_is_no_strategy_and_no_limit(given_up: tuple[Scene, int]) -> None:
    scene, issue = given_up
    scene.say(issue, "/retry strategy=2")
    assert scene.next_comment(issue) == "There is no strategy 2: the last run had 1. I have done nothing."
    scene.say(2, "/retry strategy=1")
    assert scene.next_comment(2) == (
        "`strategy=N` works on the issue; a pull request is one strategy. I have done nothing."
    )
    scene.say(issue, "/retry bugdet_usd=2")
    assert scene.next_comment(issue) == (
        "After `/retry` I understand only `strategy=...`, `budget_usd=...`, `max_tokens=...`, `max_minutes=...`, "
        "so I have done nothing."
    )


def test_retry_on_the_pull_request_goes_on_from_what_is_there(given_up: tuple[Scene, int]) -> None:
    scene, issue = given_up
    scene.build_logs(RED)
    scene.answers(fix("Now I see.", "input.text.upper()"))
    scene.say(2, "/retry")
    assert scene.next_comment(2)
    progress = scene.reached(issue, "done")
    (record,) = progress.strategies
    assert (record.pull, record.outcome) == (2, StrategyOutcome.MERGED)
    assert "input.text.lower()" in scene.model.prompt()


def test_deploy_on_a_green_pull_request_merges_it(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(issue)
    scene.say(2, "/deploy")
    assert scene.next_comment(2)
    assert scene.reached(issue, "done").deployment is not None


def test_deploy_again_runs_the_deploy_workflow_for_what_is_merged(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.deploys, working = (lambda _: ("failure", "Error: the registry is full")), scene.deploys
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(issue)
    scene.deploys = working
    scene.say(issue, "/deploy")
    assert scene.next_comment(issue)
    assert scene.reached(issue, "done").deployment is not None
    # What came before stays in sight, and the figures are those of both runs.
    scene.shows(issue, "### ✅ Upper case is live\n")
    status = scene.status(issue)
    assert "| 🟣 | str.upper | #2 | 1 |  | 110 tokens | merged |" in status
    assert "- [x] `test_hello_gives_hello`: hello gives HELLO\n" in status
    lines = re.findall(r"^- \d{4}-\d\d-\d\d \d\d:\d\d UTC: (.*)$", status, re.MULTILINE)
    assert len(lines) == 2
    assert lines[0].startswith("the issue, failed: The service is merged but [not deployed](")
    assert lines[0].endswith("; 440 tokens")
    assert lines[1] == "`/deploy`, this one; 0 tokens"
    assert "400 tokens sent, 40 received" in status
    assert " for 2 runs · `/help`" in status
    scene.say(issue, "/status")
    assert "400 tokens sent, 40 received" in scene.next_comment(issue)


def test_runs_before_are_kept_however_often_it_is_tried_again(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 0")
    issue = 0
    for number in range(3):
        scene.answers(spec(), suite(), strategies("str.lower"), files("input.text.lower()"))
        scene.build_logs(RED)
        issue = issue or scene.open(BODY)
        if number:
            scene.say(issue, "/retry")
            scene.next_comment(issue)
        scene.next_comment(issue)
        scene.next_comment(issue + number + 1)
        scene.finished(issue)
    status = scene.status(issue)
    lines = re.findall(r"UTC: (.*)$", status, re.MULTILINE)
    ended = "failed: no strategy got green; 440 tokens"
    assert lines == [f"the issue, {ended}", f"`/retry`, {ended}", "`/retry`, this one; 440 tokens"]
    assert "1,200 tokens sent, 120 received" in status


def test_deploy_with_nothing_green_says_so(given_up: tuple[Scene, int]) -> None:
    scene, issue = given_up
    scene.say(issue, "/deploy")
    replies = {scene.next_comment(issue), scene.next_comment(issue)}
    assert any(reply.startswith("There is nothing to deploy") for reply in replies)


@pytest.fixture
def refused(scene: Scene) -> tuple[Scene, int]:
    """An issue with the label whose author may not ask for services."""
    issue = scene.open(BODY, author="visitor")
    scene.finished(issue)
    scene.next_comment(issue)
    return scene, issue


def test_a_mistyped_command_is_told_the_nearest_one(refused: tuple[Scene, int]) -> None:
    scene, issue = refused
    comment = scene.say(issue, "/retyr")
    assert scene.next_comment(issue) == (
        "I do not know `/retyr`. Did you mean `/retry`? Nothing was done; `/help` lists what I know."
    )
    assert scene.reactions(comment) == ["eyes"]


def test_a_visitor_may_not(refused: tuple[Scene, int]) -> None:
    scene, issue = refused
    scene.say(issue, "/retry", author="visitor")
    assert scene.next_comment(issue) == (
        "@visitor, `/retry` needs write access to this repository, and you have read access.\n"
        "Ask a maintainer to type it."
    )
    assert scene.finished(issue).stage == "waiting"


@pytest.mark.parametrize("body", ["/stop.", "/stop\u00a0", "\u200b/stop", "@gptdeploy /stop", "/stop@gptdeploy"])
def test_near_misses_are_heard(refused: tuple[Scene, int], body: str) -> None:
    scene, issue = refused
    scene.say(issue, body)
    assert scene.next_comment(issue) == f"Nothing is running for #{issue}. `/status` says how it ended."


def test_what_is_not_for_the_bot_gets_nothing(refused: tuple[Scene, int]) -> None:
    scene, issue = refused
    elsewhere = scene.house.hub.open_issue(scene.name, "t", "b", [], "octo").number
    silent = [
        scene.say(issue, body) for body in ("> /retry\n\n```\n/deploy\n```\n", "/lgtm", "/assign @octo\n/kind bug")
    ]
    silent += [scene.say(elsewhere, body) for body in ("/retry", "/help", "/retyr", "@gptdeploy help", "/close")]
    marker = scene.say(issue, "/help")
    assert "| `/help` |" in scene.next_comment(issue)
    assert scene.reactions(marker) == ["eyes"]
    assert [scene.reactions(comment) for comment in silent] == [[]] * 8
    assert scene.house.runs.latest(scene.name, elsewhere) is None


def test_access_that_is_taken_away_before_the_bot_acts_counts(refused: tuple[Scene, int]) -> None:
    scene, issue = refused
    hub = scene.house.hub
    roles = hub.repository(scene.name).roles
    roles["colleague"] = "write"
    # The comment is written, and its delivery is on the way while the state is held.
    with hub.parts.state.lock:
        scene.say(issue, "/approve", author="colleague")
        roles["colleague"] = "read"
    assert scene.next_comment(issue).startswith("@colleague, `/approve` needs write access")


def test_stop_ends_a_run_that_waits(scene: Scene) -> None:
    scene.house.lost = {(scene.name, "workflow_run")}
    issue = building(scene)
    scene.say(issue, "/stop")
    assert scene.next_comment(issue)
    scene.finished(issue)
    assert scene.reached(issue, "stopped")
    scene.shows(issue, "### ⏹️ Upper case\n\nStopped; `/retry` starts afresh.")
    scene.release_builds()


def test_an_outsider_gets_few_answers_and_keeps_nobody_waiting(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "done"
    for _ in range(12):
        scene.say(issue, "/help", author="visitor")
    for _ in range(3):
        assert "| Type | On | Who |" in scene.next_comment(issue)
    last = scene.say(issue, "/status", author="visitor")
    answered = scene.say(issue, "/status")
    assert scene.next_comment(issue).startswith(f"No longer at work on #{issue}")
    assert scene.reactions(answered) == ["eyes"]
    assert scene.reactions(last) == []


def test_the_status_says_which_workflow_file_is_old(scene: Scene) -> None:
    path = ".github/workflows/microservice-deploy.yml"
    older = re.sub(r"(?m)^run-name:.*\n(  .*\n)*", "", repository_files()[path]).replace(", unlabeled]", "]")
    push(scene, "main", path, older)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "done"
    assert (
        f"⚠️ `{path}` of this repository is older than I am, so some of what I do or am asked for fails or gets no "
        "answer. It lacks `run-name`, `unlabeled`. `gptdeploy init` writes the new one; commit and push it."
    ) in scene.status(issue)
