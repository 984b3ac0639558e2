"""A run, from the labelled issue to the deployed service or to the words on what to do next."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import partial

from bot.hub.act import WorkflowOrder
from bot.hub.request_log import counted
from bot.values.build import BuildFacts
from bot.values.progress import StrategyOutcome
from tests.fakes.model import Failure, Later
from tests.fakes.runner import Script
from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene

BODY = "### Description\n\nConvert text to upper case\n\n### Test scenarios\n\n- hello gives HELLO\n"
RED = f"""{" FAILURES ":=^80}
{" test_hello_gives_hello ":_^80}
test_executor.py:5: in test_hello_gives_hello
    assert execute(Input(text="hello")).result == "HELLO"
E   AssertionError: assert 'hello' == 'HELLO'
{" short test summary info ":=^80}
FAILED test_executor.py::test_hello_gives_hello - AssertionError: assert 'hello' == 'HELLO'
{" 1 failed in 0.10s ":=^80}
"""


def test_green_at_once(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper", "a table"), files())
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "done"
    status = scene.status(issue)
    assert status.startswith(
        "### ✅ Upper case is live\n\n**[Open the playground](http://upper-case.localhost:8080/)**"
    )
    assert "| 🟣 | str.upper | #2 | 1 |  | 110 tokens | merged |" in status
    assert "| ⚪ | a table |  |  |  |  | planned |" in status
    assert "- Any alphabet is welcome." in status
    repository = scene.house.hub.repository(scene.name)
    assert repository.issues[issue].state == "closed"
    assert repository.issues[issue].state_reason == "completed"
    assert repository.git.branches().keys() == {"main"}
    assert repository.git.show("main", "services/upper-case/server.py")


def test_a_rate_limit_that_names_a_wait_is_waited_for(scene: Scene) -> None:
    limit = Failure(429, "Rate limit reached. Please try again in 0.05s.", "rate_limit_exceeded", headers={})
    scene.answers(spec(), suite(), limit, limit, strategies("str.upper"), files())
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert len(scene.model.requests) == 6


def test_a_red_build_is_fixed(scene: Scene) -> None:
    scene.answers(
        spec(),
        suite(),
        strategies("str.upper"),
        files("input.text"),
        fix("It returned the text as it is.", "input.text.upper()"),
    )
    scene.build_logs(RED)
    progress = scene.finished(scene.open(BODY))

    assert progress.stage == "done"
    assert progress.fixes == 1
    assert [record.commits for record in progress.strategies] == [2]
    assert "AssertionError: assert 'hello' == 'HELLO'" in scene.model.prompt()
    assert "Fix 1 of 10" in scene.model.prompt()


def test_a_pull_request_tells_how_it_is_tried_and_what_became_of_it(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 1")
    scene.answers(spec(), suite(), strategies("first", "second"), files("input.text"))
    scene.answers(fix("No.", "input.text.lower()"), files())
    scene.build_logs(RED, RED)
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(2)
    spent, green = (scene.house.hub.repository(scene.name).issues[number].body for number in (2, 3))

    assert "**Packages**: none but the server's" in green
    assert "docker build --tag upper-case services/upper-case && docker run --rm " in green
    assert """--data-binary '{"text": "hello"}'\n""" in green
    died_of = r"❌ `test_hello_gives_hello: AssertionError: assert 'hello' == 'HELLO'`, \d+ s\n"
    assert len(re.findall(died_of, spent)) == 2
    assert "<details><summary>2 builds</summary>" in spent
    assert len(re.findall(r"✅ green, \d+ s\n", green)) == 1
    assert re.search(
        r"UTC, the issue: `fake` with prompts `[0-9a-f]{8}`, 550 tokens until then, 220 tokens of it", spent
    )
    assert re.search(r"`, 660 tokens until then, 110 tokens of it for this strategy\n", green)


def test_what_a_green_build_states_is_known(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.green_log = 'FACTS {"service": "upper-case", "tests": 4, "image_bytes": 183000000, "answer_ms": 12.3}'
    progress = scene.finished(scene.open(BODY))

    assert progress.strategies[0].built == BuildFacts(tests=4, image_bytes=183_000_000, answer_ms=12.3)


def test_requests_stay_within_what_github_lets_a_bot_write(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED)
    before, asked = len(scene.content()), len(scene.house.hub.requests)
    # Where a build and a deployment take their time, no edit of the status is overtaken.
    built, deployed, words = scene.builder, scene.deploys, ["**: str.upper", ", after fix 1: ", "**: #2 is merged"]

    def once_shown(script: Script, order: WorkflowOrder) -> tuple[str, str]:
        scene.shown(1, words.pop(0))
        return script(order)

    scene.builder, scene.deploys = partial(once_shown, built), partial(once_shown, deployed)
    scene.finished(scene.open(BODY))
    made = scene.content()[before:]

    # Whether a repository has the label is looked for once, at the first delivery of all.
    requests = [request for request in scene.requests(asked) if "/labels/" not in request.path]
    # Each token of the App is a request in the name of its slug.
    count = counted(requests, BOT, "gptdeploy")
    tokens = sum(request.path.endswith("/access_tokens") for request in requests)
    listed = "\n".join(f"{request.actor}: {request.method} {request.path}" for request in requests)
    assert (count["read"], count["write"] - tokens) == (11, 15), listed
    # One for the repository, and one for the owner's defaults where it is not known that there are none.
    assert tokens <= 2
    opening = made[made.index("POST /api/graphql") :]
    assert opening[1] == "POST /pulls"
    assert opening[2].startswith("PATCH /issues/comments/")
    assert opening[3] == "POST /api/graphql"
    assert opening[4].startswith("PATCH /issues/comments/")
    assert opening[5].endswith("/merge")
    assert opening[6] == "PATCH /pulls/2"


def test_a_run_goes_on_while_an_edit_of_its_status_waits(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), fix("Wrong.", "input.text.upper()"))
    scene.build_logs(RED)
    answers = threading.Event()
    edits = scene.fails("PATCH", "/issues/comments/", times=1, until=answers)
    before = len(scene.content())
    issue = scene.open(BODY)
    try:
        # A red build, a fix, a green build, the merge, the deployment: none of them has waited.
        scene.reached(issue, "done")
        assert edits.happened == 1
        assert scene.status(issue).startswith("### ⏳ ")
    finally:
        answers.set()
    progress = scene.finished(issue)

    assert progress.stage == "done"
    assert scene.status(issue).startswith("### ✅ Upper case is live")
    # The one that waited, at most one of those that were overtaken, and the end.
    made = scene.content()[before:]
    assert 2 <= sum(request.startswith("PATCH /issues/comments/") for request in made) <= 3


def test_all_fixes_are_spent_and_the_next_strategy_is_tried(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 2")
    scene.answers(spec(), suite(), strategies("first", "second"), files("input.text"))
    scene.answers(fix("One.", "input.text + ''"), fix("Two.", "input.text.lower()"), files())
    scene.build_logs(RED, RED, RED)
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "done"
    assert [(r.outcome, r.commits) for r in progress.strategies] == [
        (StrategyOutcome.FAILED, 3),
        (StrategyOutcome.MERGED, 1),
    ]
    assert len(scene.builds) == 4
    closing = scene.next_comment(2)
    assert closing.startswith("**first** is given up after 3 commits: still red after 2 fixes: ")
    assert "`/retry` here makes more fixes" in closing
    assert scene.house.hub.repository(scene.name).issues[2].state == "closed"
    assert scene.house.hub.repository(scene.name).git.branches().keys() == {"main"}


def test_when_every_strategy_is_spent_one_comment_says_what_each_died_of(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 0")
    scene.answers(spec(), suite(), strategies("first", "second"), files("input.text"), files("input.text.lower()"))
    scene.build_logs(RED, RED)
    issue = scene.open(BODY)
    progress = scene.finished(issue)

    assert progress.stage == "failed"
    scene.next_comment(2)
    scene.next_comment(3)
    comment = scene.next_comment(issue)
    assert comment.startswith("### No strategy got green\n\n1. **first** (#2): still red after 0 fixes: ")
    assert "2. **second** (#3)" in comment
    assert "`/retry` here tries fresh strategies" in comment
    assert scene.status(issue).startswith("### ❌ Upper case")


def test_an_issue_without_a_description_is_asked_for_one(scene: Scene) -> None:
    issue = scene.open("### Description\n\n_No response_\n")
    assert scene.finished(issue).stage == "failed"
    comment = scene.next_comment(issue)
    assert "description" in comment
    assert "`/retry`" in comment
    assert not scene.model.requests


def test_a_model_out_of_quota_is_named_and_nothing_is_pushed(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"))
    scene.answers(Failure(429, "You exceeded your current quota", code="insufficient_quota"))
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "failed"
    comment = scene.next_comment(issue)
    assert "quota" in comment
    assert "`/retry`" in comment
    assert scene.house.hub.repository(scene.name).git.branches().keys() == {"main"}


def test_a_model_that_answers_nonsense_costs_the_strategy_not_the_run(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("first", "second"), "sorry", "I cannot", "no files", "none", files())
    issue = scene.open(BODY)
    progress = scene.finished(issue)
    assert progress.stage == "done"
    assert progress.strategies[0].outcome is StrategyOutcome.FAILED
    assert "no usable answer" in progress.strategies[0].reason
    assert scene.house.hub.repository(scene.name).git.branches().keys() == {"main"}


def test_a_visitor_needs_a_maintainer(scene: Scene) -> None:
    issue = scene.open(BODY, author="visitor")
    assert scene.finished(issue).stage == "waiting"
    assert scene.next_comment(issue).startswith("@visitor, thank you for the idea.")
    assert not scene.model.requests

    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.say(issue, "/approve")
    assert scene.reached(issue, "done")
    assert scene.next_comment(issue)


def test_a_lost_webhook_costs_a_poll_not_the_run(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.05)
    scene.house.lost = {(scene.name, "workflow_run"), (scene.name, "pull_request")}
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    assert scene.finished(scene.open(BODY)).stage == "done"


def test_a_workflow_that_never_starts_is_said_so(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("start_minutes: 0.001", poll=0.05, bare=True)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "failed"
    comment = scene.next_comment(issue)
    assert comment.startswith("GitHub has not run `microservice-build.yml` for ")
    assert comment.endswith(
        ", because `.github/workflows/microservice-build.yml` is not on the default branch. `gptdeploy init` writes "
        "it; commit it, then `/retry` on the pull request."
    )


def test_a_deployment_that_fails_leaves_the_merge_and_says_how_to_go_on(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.deploys = lambda _: ("failure", "Error: the registry is full")
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "failed"
    comment = scene.next_comment(issue)
    assert comment.startswith("The service is merged but [not deployed](")
    assert "`/deploy` tries again" in comment
    assert scene.house.hub.repository(scene.name).git.show("main", "services/upper-case/server.py")


def test_manual_merge_waits_for_deploy(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "waiting"
    assert scene.next_comment(issue) == "🟢 #2 is green. `/preview` lets you try it, `/deploy` merges and deploys it."
    assert scene.house.hub.repository(scene.name).git.show("main", "services/upper-case/server.py") is None


def test_figures_of_a_run_are_of_one_moment(scene: Scene) -> None:
    specification, plan = Later(spec()), Later(strategies("str.upper"))
    scene.answers(specification, suite(), plan, files())
    issue = scene.open(BODY)
    scene.reached(issue, "specify")
    time.sleep(0.3)
    specification.ready.set()
    seconds = scene.reached(issue, "strategize").seconds
    plan.ready.set()

    # The question is sent after the stage has begun, so the model has not had all of the time it was waited for.
    assert seconds.total >= seconds.model >= 0.1
    assert scene.finished(issue).stage == "done"
