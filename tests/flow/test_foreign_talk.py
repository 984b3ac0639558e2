"""Whatever people type and a model answers to that: nothing of it is alive in what GitHub gets, and no key is in it.

Plans, questions, choices, reviews, updates, previews, commands and settings; see `test_foreign_text` for a run as such.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.config import REPO_CONFIG_PATH
from bot.sentence import verbatim
from tests.fakes.writes import Writes
from tests.flow.live import SUFFIX
from tests.flow.people import repository
from tests.flow.replies import files, fix, replanned, spec, strategies, suite
from tests.flow.reviewing import on
from tests.flow.scene import Scene, announce
from tests.flow.test_foreign_text import ALIVE, BODY, KEY, LINES, OTHER_KEY, THEIRS, faults
from tests.flow.test_operations import Deployer
from tests.flow.test_preview import Platform
from tests.flow.test_run import RED
from tests.flow.test_settings import push
from tests.flow.yard import Yard

SAID: dict[str, Any] = {
    "title": f"Upper {ALIVE}",
    "summary": LINES,
    "assumptions": [LINES],
    "out_of_scope": [LINES],
}
WAY: dict[str, Any] = {
    "name": f"a {ALIVE}"[:60],
    "approach": LINES,
    "packages": [],
    "system_packages": [],
    "risks": LINES,
}
OTHER_WAY = WAY | {"name": "@team #1 [skip ci] $x$ second", "approach": f"Else: {ALIVE}"}
LINE = " ".join(LINES.split())


@pytest.fixture
def make(make_scene: Callable[..., Scene]) -> Iterator[Callable[[str], tuple[Scene, Writes]]]:
    """Make a repository with these settings, in which a stranger has issue 1, and note what GitHub gets."""
    undo: list[Callable[[], None]] = []

    def made(config: str) -> tuple[Scene, Writes]:
        scene = make_scene(config)
        hub = scene.house.hub
        before, writes = hub.front, Writes(hub.front)
        hub.front = writes
        undo.append(lambda: setattr(hub, "front", before))
        hub.open_issue(scene.name, "A stranger's", "Mine.", [], "stranger")
        return scene, writes

    yield made
    for each in undo:
        each()


def ways(*strategies: dict[str, Any]) -> str:
    return json.dumps({"strategies": strategies})


def said(scene: Scene, words: str) -> bool:
    return any(words in text for text in scene.unread())


def read_all(scene: Scene, *numbers: int) -> None:
    """Read what there is to read: what the comments say is looked at as GitHub got them."""
    scene.settled()
    for number in numbers:
        while [text for text in scene.unread() if text.startswith(f"#{number}: ")]:
            scene.next_comment(number)


def harmless(scene: Scene, writes: Writes) -> None:
    assert faults(scene, writes, 1) == []
    assert repository(scene).issues[1].state == "open"
    told = [scene.model.prompt(number) for number in range(len(scene.model.requests))]
    assert not [prompt for prompt in told if OTHER_KEY in prompt]


def test_questions_and_plans(make: Callable[[str], tuple[Scene, Writes]]) -> None:
    scene, writes = make("plan: approve")
    asked = {"missing": "format", "question": LINES, "proposal": LINE}
    hosts = ["https://@team/#1", "closes.example:443"]
    scene.answers(spec(**SAID, hosts=hosts, questions=[asked]), spec(**SAID, hosts=hosts), ways(WAY, OTHER_WAY))
    issue = scene.open(BODY, title=f"Upper case {THEIRS}")
    assert "closes.example" in scene.next_comment(issue)
    scene.say(issue, f"Both. {THEIRS}")
    scene.until(lambda: said(scene, "what looks like a key") and said(scene, "### Plan 1"))
    scene.answers(replanned(answer=LINES, assumptions=[LINES], title=f"Title {ALIVE}", summary=LINES, strategies=[WAY]))
    scene.say(issue, f"/revise {THEIRS}")
    scene.until(lambda: said(scene, "### Plan 2"))
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.finished(issue).stage == "done"
    read_all(scene, issue)
    harmless(scene, writes)


def test_strategies_side_by_side_and_a_choice(make: Callable[[str], tuple[Scene, Writes]]) -> None:
    scene, writes = make("merge: manual\nparallel: 2\nfixes: 0")
    with Yard(scene) as yard:
        scene.answers(spec(**SAID), suite(), ways(WAY, OTHER_WAY), files(), files("str(input.text).upper()"))
        issue = scene.open(BODY, title=f"Upper case {THEIRS}")
        scene.until(lambda: len(scene.builds) == 2)
        yard.red(3, RED.replace("AssertionError: assert", f"AssertionError: {THEIRS} assert"))
        yard.green(4)
        scene.reached(issue, "waiting")
        scene.say(issue, f"/pick #1@team {THEIRS}")
        scene.say(issue, "/pick #1@team")
        scene.say(issue, "/pick 1")
        scene.until(lambda: len(list(scene.unread())) >= 4)
        scene.say(issue, "/pick 2")
        scene.until(
            lambda: (progress := scene.house.runs.latest(scene.name, issue)) is not None and progress.stage == "done"
        )
    read_all(scene, issue, 3, 4)
    harmless(scene, writes)


def test_reviews_updates_previews_and_commands(make: Callable[[str], tuple[Scene, Writes]]) -> None:
    scene, writes = make("merge: manual")
    scene.answers(spec(**SAID), suite(), ways(WAY), files())
    issue = scene.open(BODY, title=f"Upper case {THEIRS}")
    assert scene.finished(issue).stage == "waiting"
    points = f"Point 1: done: {LINE}\nPoint 2: not done: {LINE}\nPoint 3: answer: {LINE}"
    scene.answers(fix(points, "str(input.text).upper()"))
    scene.review(3, "REQUEST_CHANGES", LINES.replace(KEY, OTHER_KEY), on(4, THEIRS), on(5, f"Why? {THEIRS}"))
    scene.answered(3, 2)
    scene.until(lambda: len(scene.builds) == 2)
    scene.ends(issue)
    scene.deploys = Platform()
    scene.say(3, "/preview")
    assert scene.platform_answer(3)
    for wrong in (f"/preview {THEIRS}", f"/retry budget_usd={THEIRS}", f"/deplyo {THEIRS}", f"@gptdeploy /x {THEIRS}"):
        scene.say(3, wrong)
    read_all(scene, issue, 3)
    scene.ends(issue)
    scene.deploys = announce
    scene.say(3, "/deploy")
    scene.until(
        lambda: (progress := scene.house.runs.latest(scene.name, issue)) is not None and progress.stage == "done"
    )

    change, tests, code = SUFFIX
    scene.answers(change, tests, code.replace("`suffix` is put at the end.", LINE))
    scene.say(issue, f"/update an optional suffix; hi with suffix ! gives HI! {THEIRS}")
    scene.until(lambda: 4 in repository(scene).issues and len(scene.builds) == 3)
    scene.ends(issue)
    scene.deploys = platform = Deployer()
    for command in (
        "/logs 5",
        f"/logs {THEIRS}",
        f"/rollback {THEIRS}",
        f"/scale {THEIRS}",
        "/list",
        f"/status {THEIRS}",
    ):
        scene.say(issue, command)
    assert scene.platform_answer(issue)
    platform.refusal = verbatim(ALIVE)
    scene.say(issue, "/rollback 2")
    assert scene.platform_answer(issue)
    read_all(scene, issue, 3, 4)
    harmless(scene, writes)
    places = {each.path.rpartition("/")[2] for each in writes.written}
    assert {"graphql", "comments", "replies", "pulls", "check-runs", "dispatches", "merge"} <= places


def test_settings(make: Callable[[str], tuple[Scene, Writes]]) -> None:
    names = json.dumps([f"{ALIVE}", "@team", "#1", "$x$"])
    scene, writes = make(
        f"packages: {{allow: {names}}}\nreviewers: [rev]\nmerge: {json.dumps(ALIVE)}\n{json.dumps(ALIVE)}: 1\n"
    )
    issue = scene.open(BODY)
    assert scene.next_comment(issue)
    scene.say(issue, "/help settings")
    assert scene.next_comment(issue)
    right = f"packages: {{allow: {names}}}\nreviewers: [rev]\nmerge: review\n"
    push(scene, scene.name, {REPO_CONFIG_PATH: f"{right}egress: {{{json.dumps(ALIVE)}: [a.example]}}\n"})
    scene.answers(spec(), suite(), strategies("first"), files())
    scene.until(lambda: said(scene, "an approving review of"))
    scene.say(issue, "/help settings")
    scene.say(issue, "/stop")
    scene.until(lambda: said(scene, "House rules") or said(scene, "`egress`"))
    scene.ends(issue)
    # A run ends before the answer to what ended it is there.
    scene.until(lambda: said(scene, "Stopped the work"))
    read_all(scene, issue, 3)
    harmless(scene, writes)


@pytest.mark.parametrize(
    "skip", ["[skip ci]", "[CI skip]", "[no ci]", "[skip actions]", "[actions skip]", "skip-checks: true"]
)
def test_no_words_keep_a_workflow_from_running(make: Callable[[str], tuple[Scene, Writes]], skip: str) -> None:
    """An issue may well be about them; they stand wherever a person or a model can put them."""
    scene, writes = make("")
    text = f"Tells whether a commit message asks to skip the build with {skip}\n\n{skip}"
    scene.answers(spec(title=f"Finds {skip}", summary=text, assumptions=[text]), suite())
    scene.answers(strategies(f"Search for {skip}"), files("input.text"))
    scene.answers(fix(f"The pattern missed {skip} in upper case.\n\n{skip}", "input.text.upper()"))
    scene.build_logs(RED.replace("AssertionError: assert", f"AssertionError: {skip} assert"))
    issue = scene.open(BODY.replace("Convert text.", text), title=f"Find {skip}")
    assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 2
    read_all(scene, issue, 3)
    harmless(scene, writes)
