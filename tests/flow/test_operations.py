"""What people ask of a live service: the reply at once, and the platform's answer when the workflow has run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.clients.github import GitHub, NewCommit
from bot.deploy.operations import Outcome
from bot.errors import UserError
from bot.foreign import Markdown, Plain
from bot.hub.act import WorkflowOrder
from bot.sentence import Sentence
from tests.flow.deployer import operate
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY

ANSWERS_LATER = "The workflow `microservice-deploy.yml` does it, and its answer comes here as a comment."
SLUG = "upper-case"


class Deployer:
    """The deploy workflow's last step, with a platform that a test writes down.

    Attributes:
        orders: what was asked for, in order, as the words of the deployer's command line.
        refusal: why the platform refuses, or "".
    """

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.refusal: str | Sentence = ""

    def __call__(self, order: WorkflowOrder) -> tuple[str, str]:
        inputs = order.event["inputs"]

        def act() -> Outcome:
            self.orders.append(" ".join(inputs.get(name, "") for name in ("operation", "service", "argument")).strip())
            if self.refusal:
                raise UserError(self.refusal)
            return Outcome(lambda _: Markdown("It is done."))

        return operate(order, act)


@pytest.fixture
def live(make_scene: Callable[..., Scene]) -> tuple[Scene, int, Deployer]:
    """An issue whose service is live, and the deployer that is asked next."""
    scene = make_scene()
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.reached(issue, "done")
    scene.finished(issue)
    deployer = scene.deploys = Deployer()
    return scene, issue, deployer


@pytest.mark.parametrize(
    ("typed", "doing", "order"),
    [
        ("/rollback", "bring back what ran before of `upper-case`", "rollback upper-case"),
        ("/rollback 2", "bring version 2 of `upper-case` live", "rollback upper-case 2"),
        ("/logs 20", "read the log of `upper-case`", "logs upper-case 20"),
        ("/list", "look which services of this repository are live", "list"),
        ("/scale 3", "have 3 of `upper-case` run", "scale upper-case 3"),
        ("/delete", "take `upper-case` down", "delete upper-case"),
    ],
)
def test_the_platform_answers_where_it_was_asked(
    live: tuple[Scene, int, Deployer], typed: str, doing: str, order: str
) -> None:
    scene, issue, deployer = live
    comment = scene.say(issue, typed)
    assert scene.next_comment(issue) == f"On it: I {doing}. {ANSWERS_LATER}"
    assert scene.platform_answer(issue) == "It is done."
    assert deployer.orders == [order]
    assert scene.reactions(comment) == ["eyes"]


def test_a_refusal_of_the_platform_is_told(live: tuple[Scene, int, Deployer]) -> None:
    scene, _, deployer = live
    deployer.refusal = "I remember no version `9`."
    # On the merged pull request.
    scene.say(2, "/rollback 9")
    scene.next_comment(2)
    assert scene.platform_answer(2) == "`/rollback` has changed nothing: I remember no version `9`."


def test_the_same_request_is_carried_out_once(live: tuple[Scene, int, Deployer], github: GitHub) -> None:
    scene, issue, deployer = live
    comment = scene.say(issue, "/rollback")
    scene.next_comment(issue)
    scene.platform_answer(issue)
    # As after a crash of the bot between the request and the note that it was made.
    inputs = {"operation": "rollback", "service": SLUG, "answer": str(issue), "request": f"{comment}-0"}
    github.repository(scene.name).dispatch("microservice-deploy.yml", "main", inputs)
    scene.say(issue, "/list")
    scene.next_comment(issue)
    assert scene.platform_answer(issue) == "It is done."
    assert deployer.orders == ["rollback upper-case", "list"]


def test_delete_with_its_files_opens_a_pull_request(live: tuple[Scene, int, Deployer], github: GitHub) -> None:
    scene, issue, _ = live
    scene.say(issue, "/delete files=yes")
    reply = scene.next_comment(issue)
    assert reply == f"On it: I take `upper-case` down. {ANSWERS_LATER} #3 removes its files."
    scene.platform_answer(issue)
    repository = github.repository(scene.name)
    pull = repository.pull(3)
    assert (pull.title, pull.state) == ("Remove upper-case", "open")
    assert repository.services(repository.default_branch()) == [SLUG]
    assert repository.services(pull.head_sha) == []
    assert "README.md" in repository.folder("", pull.head_sha)


@pytest.mark.parametrize("typed", ["/rollback", "/logs", "/list", "/scale 2", "/delete files=yes"])
def test_a_visitor_may_not(live: tuple[Scene, int, Deployer], typed: str) -> None:
    scene, issue, deployer = live
    scene.say(issue, typed, author="visitor")
    assert scene.next_comment(issue).startswith(f"@visitor, `{typed.split()[0]}` needs write access")
    assert deployer.orders == []


def test_an_old_workflow_file_is_named(live: tuple[Scene, int, Deployer]) -> None:
    scene, issue, _ = live
    person = GitHub.with_token(scene.house.hub.api_url, scene.house.hub.token("octo")).repository(scene.name)
    head = person.head("main")
    assert head is not None
    old = "on: {workflow_dispatch: {inputs: {service: {type: string}}}}\njobs: {}\n"
    person.commit("main", head, NewCommit(Plain("Old"), {".github/workflows/microservice-deploy.yml": old}, "old"))
    scene.say(issue, "/list")
    assert scene.next_comment(issue) == (
        "`.github/workflows/microservice-deploy.yml` of this repository is older than I am and does not know `/list`. "
        "`gptdeploy init` writes the new one; commit it, then try again."
    )
