"""The bot's GitHub client through the whole life of an issue, against the embedded GitHub over HTTP."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest

from bot.buildlog import read_failure
from bot.clients.github import GitHub, HeadMoved, NewCommit, Rejected, Repository
from bot.errors import UserError
from bot.hub.act import WorkflowOrder
from bot.render import hidden
from bot.values.failure import FailureClass
from bot.values.github import DeploymentStatus, Overview, WorkflowRun
from bot.values.naming import branch_name, run_id
from tests.contract.conftest import REPOSITORY, World

BUILD = "microservice-build.yml"
DEPLOY = "microservice-deploy.yml"
BRANCH = branch_name(run_id(REPOSITORY, 1, "a delivery"), 1, "qrcode with Pillow")
FILES = {"services/qr/executor.py": "import qrcode\n", "services/qr/service.json": '{"slug": "qr", "title": "Größe"}\n'}
MESSAGE = "Add qr\n\nGPT-Deploy-Issue: 1"
LIVE = DeploymentStatus(state="success", url="http://qr.localhost/", description="live")


@pytest.fixture
def github(world: World) -> Iterator[GitHub]:
    client = GitHub(world.hub.api_url, world.app.app_id, world.app.private_key_pem)
    yield client
    client.close()


@pytest.fixture
def repository(world: World, github: GitHub) -> Repository:
    return github.repository(REPOSITORY, world.app.installation_id)


def finished(world: World, repository: Repository, workflow: str, sha: str) -> WorkflowRun:
    """Wait for the runs of a commit to end and return the newest one of a workflow, as the client sees it."""
    hub = world.hub

    def done() -> bool:
        runs = [
            run
            for run in hub.repository(REPOSITORY).workflow_runs
            if run.trigger.head_sha == sha and workflow in run.path
        ]
        return bool(runs) and all(run.latest.status == "completed" for run in runs)

    with hub.parts.state.lock:
        assert hub.parts.state.lock.wait_for(done, timeout=10), f"no finished run of {workflow} for {sha}"
    run = repository.workflow_run(workflow, sha)
    assert run is not None
    assert run.done
    return run


def content(world: World, act: Callable[[], object]) -> int:
    """Count the content-creating requests of the bot during `act`."""
    before = world.hub.counted("gptdeploy[bot]")["content"]
    act()
    return world.hub.counted("gptdeploy[bot]")["content"] - before


def red(_: WorkflowOrder) -> tuple[str, str]:
    return "failure", "Step 4/9 : RUN pip install\nERROR: No matching distribution found for qrcod==1"


def opened(world: World, repository: Repository) -> tuple[int, str]:
    """Open issue 1, a branch and its pull request; return the pull request's number and head."""
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", ["microservice"])
    sha = repository.start_branch(BRANCH, NewCommit(MESSAGE, FILES, "c0"))
    return repository.ensure_pull(BRANCH, "qr: qrcode", "For #1").number, sha


def test_whole_life_of_an_issue(world: World, github: GitHub, repository: Repository) -> None:
    world.runner.script = red
    issue = world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", ["microservice"], author="visitor")

    read = repository.issue(issue.number)
    assert (read.title, read.body, read.author, read.state) == ("QR codes", "Make QR codes", "visitor", "open")
    assert read.labels == ("microservice",)
    assert [repository.permission(login) for login in ("octo", "visitor", "nobody")] == ["admin", "read", "none"]
    assert repository.overview(issue.number) == Overview(
        default_branch="main", config="", services=("one",), issue=read
    )

    repository.react("eyes", issue=1)
    repository.upsert_comment(1, "status", "Working")

    # A strategy: a branch with one commit, a pull request, an edit of the status.
    def open_strategy() -> None:
        repository.start_branch(BRANCH, NewCommit(MESSAGE, FILES, "c0"))
        repository.ensure_pull(BRANCH, "qr: qrcode", "For #1")
        repository.upsert_comment(1, "status", "Building")

    assert content(world, open_strategy) <= 3
    pull = repository.ensure_pull(BRANCH, "never used", "")
    assert (pull.state, pull.merged, pull.merge_sha, pull.head_ref) == ("open", False, None, BRANCH)
    assert repository.folder("services/qr", pull.head_sha) == {
        path.rpartition("/")[2]: text for path, text in FILES.items()
    }

    # It is red, and its log says why.
    run = finished(world, repository, BUILD, pull.head_sha)
    assert (run.green, run.attempt, run.head_sha) == (False, 1, pull.head_sha)
    (job,) = repository.failed_jobs(run)
    failure = read_failure(repository.job_log(job.id), job.step)
    assert (failure.failure_class, failure.step) == (FailureClass.PIP, "Build")
    assert failure.headline == "No matching distribution found for qrcod==1"

    # A fix.
    world.runner.script = lambda _: ("success", "fine")

    named = NewCommit("Name the package", {"services/qr/requirements.txt": "qrcode\n"}, "c1")

    def fix() -> None:
        repository.commit(BRANCH, pull.head_sha, named)
        repository.upsert_comment(1, "status", "Fixing")

    assert content(world, fix) <= 2
    head = repository.head(BRANCH)
    assert head is not None
    assert repository.pull(pull.number).head_sha == head
    assert finished(world, repository, BUILD, head).green

    # Merged as tested; the push deploys, and the deployer speaks with its own token.
    def deploy(order: WorkflowOrder) -> tuple[str, str]:
        deployer = GitHub.with_token(order.api_url, order.token)
        service = deployer.repository(order.repository)
        service.set_deployment("microservice-qr", order.head_sha, LIVE)
        service.comment_once(1, "playground", f"by {deployer.login()}")
        service.comment_once(1, "playground", "never written")
        deployer.close()
        return "success", "deployed"

    world.runner.script = deploy
    merged = repository.merge_pull(pull.number, head, "qr", MESSAGE)
    assert finished(world, repository, DEPLOY, merged).green
    assert repository.deployment("microservice-qr", merged) == LIVE
    assert repository.deployment("microservice-qr", head) is None
    assert [found.number for found in repository.pulls_with_commit(merged)] == [pull.number]
    assert repository.services("main") == ["one", "qr"]

    repository.delete_branch(BRANCH)
    repository.delete_branch(BRANCH)
    repository.close_issue(1)

    assert repository.branches("gptdeploy/") == []
    assert repository.issue(1).state == "closed"
    said = [(c.author.login, c.body) for c in world.hub.repository(REPOSITORY).issues[1].comments]
    assert said == [
        ("gptdeploy[bot]", f"Fixing\n{hidden('status')}"),
        ("github-actions[bot]", f"by github-actions[bot]\n{hidden('playground')}"),
    ]


def test_every_write_can_be_tried_again_after_a_restart(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    second = repository.commit(BRANCH, sha, NewCommit("Fix", {"services/qr/executor.py": "x = 1\n"}, "c1"))
    repository.upsert_comment(1, "status", "one")
    merged = repository.merge_pull(number, second, "qr", MESSAGE)
    finished(world, repository, BUILD, second)
    world.events()

    restarted = GitHub(world.hub.api_url, world.app.app_id, world.app.private_key_pem)
    again = restarted.repository(REPOSITORY, world.app.installation_id)

    def all_over() -> None:
        assert again.commit(BRANCH, sha, NewCommit("Fix", {"services/qr/executor.py": "x = 1\n"}, "c1")) == second
        assert again.ensure_pull(BRANCH, "qr", "For #1").number == number
        assert again.merge_pull(number, second, "qr", MESSAGE) == merged
        again.upsert_comment(1, "status", "one")

    # Only the commit and the merge are sent at all, and refused.
    assert content(world, all_over) == 2
    restarted.close()
    issues = world.hub.repository(REPOSITORY).issues
    assert len(issues) == 2
    assert len(issues[1].comments) == 1


def test_started_branch_is_adopted_or_left_alone(world: World, repository: Repository) -> None:
    _, sha = opened(world, repository)
    assert repository.start_branch(BRANCH, NewCommit(MESSAGE, FILES, "c0")) == sha
    with pytest.raises(HeadMoved):
        repository.start_branch(BRANCH, NewCommit(MESSAGE, FILES, "another"))


def test_somebody_elses_push_stays(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    theirs = repository.commit(
        BRANCH, sha, NewCommit("A person's", {"services/qr/executor.py": "mine = 1\n"}, "not-c1")
    )

    with pytest.raises(HeadMoved, match=re.escape(BRANCH)):
        repository.commit(BRANCH, sha, NewCommit("Fix", {"services/qr/executor.py": "x = 1\n"}, "c1"))
    with pytest.raises(UserError, match="Head branch was modified"):
        repository.merge_pull(number, sha, "qr", MESSAGE)

    assert repository.folder("services/qr", theirs)["executor.py"] == "mine = 1\n"


def test_closed_pull_is_found_and_opened_again(world: World, repository: Repository) -> None:
    number, _ = opened(world, repository)

    repository.close_pull(number)
    found = repository.find_pull(BRANCH)
    repository.reopen_pull(number)

    assert found is not None
    assert (found.number, found.state) == (number, "closed")
    assert repository.pull(number).state == "open"


def test_workflow_is_dispatched(world: World, repository: Repository) -> None:
    main = repository.head("main")
    assert main is not None
    assert repository.workflow_run(DEPLOY, main) is None

    repository.dispatch(DEPLOY, "main", {"slug": "one"})

    dispatched = finished(world, repository, DEPLOY, main)
    assert dispatched.attempt == 1
    assert repository.failed_jobs(dispatched) == []


def test_binary_files_are_committed_and_left_out_of_what_is_read(world: World, repository: Repository) -> None:
    picture = b"\x89PNG\r\n\0\xff"
    files: dict[str, str | bytes] = {**FILES, "services/qr/fixtures/page.html": "<p>", "services/qr/logo.png": picture}

    sha = repository.start_branch(BRANCH, NewCommit(MESSAGE, files, "c0"))
    sha = repository.commit(BRANCH, sha, NewCommit("More", {"services/qr/fixtures/photo.png": picture}, "c1"))

    git = world.hub.repository(REPOSITORY).git
    assert git.show(sha, "services/qr/logo.png") == git.show(sha, "services/qr/fixtures/photo.png") == picture
    before = len(world.hub.requests)
    assert set(repository.folder("services/qr", sha)) == {"executor.py", "service.json"}
    assert len(world.hub.requests) == before + 1
    assert repository.folder("services/none", sha) == {}
    fixtures = repository.binary_folder("services/qr/fixtures", sha)
    assert fixtures == {"page.html": b"<p>", "photo.png": picture}
    repository.ensure_pull(BRANCH, "qr", "For #1")
    assert world.payload("pull_request", "opened")["pull_request"]["changed_files"] == 5


def test_questions_are_asked_and_answered(world: World, repository: Repository) -> None:
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", ["microservice"], author="visitor")
    world.hub.comment(REPOSITORY, 1, "before it was asked", "visitor")
    assert repository.comment_id(1, "questions") is None
    repository.comment_once(1, "questions", "Which format?")
    for _ in range(2):
        repository.add_label(1, "needs/an answer")
    asked = repository.comment_id(1, "questions")
    assert asked is not None
    assert repository.comments_after(1, asked) == []
    assert repository.issue(1).labels == ("microservice", "needs/an answer")

    first = world.hub.comment(REPOSITORY, 1, "PNG", "visitor")
    repository.comment_once(1, "another", "Thank you")
    second = world.hub.comment(REPOSITORY, 1, "or SVG")
    for _ in range(2):
        repository.remove_label(1, "needs/an answer")

    assert [(answer.id, answer.author, answer.body) for answer in repository.comments_after(1, asked)] == [
        (first, "visitor", "PNG"),
        (second, "octo", "or SVG"),
    ]
    assert [answer.id for answer in repository.comments_after(1, first)] == [second]
    assert repository.issue(1).labels == ("microservice",)
    # The label that was there already and the one that was not any more are said by nobody.
    said = [action for event, action in world.events() if event == "issues"]
    assert said == ["opened", "labeled", "labeled", "unlabeled"]


def test_failed_jobs_run_again_as_the_next_attempt(world: World, repository: Repository) -> None:
    world.runner.script = red
    _, sha = opened(world, repository)
    first = finished(world, repository, BUILD, sha)
    (job,) = repository.failed_jobs(first)
    go = threading.Event()

    def slow(_: WorkflowOrder) -> tuple[str, str]:
        assert go.wait(10)
        return "failure", "still no luck"

    world.runner.script = slow
    repository.rerun_failed(first)
    repository.rerun_failed(first)
    again = repository.workflow_run(BUILD, sha)
    assert again is not None
    assert (again.id, again.attempt, again.done, again.conclusion) == (first.id, 2, False, None)
    go.set()

    second = finished(world, repository, BUILD, sha)
    (failed,) = repository.failed_jobs(second)
    assert (second.attempt, second.green, failed.id != job.id) == (2, False, True)
    assert any("still no luck" in line for line in repository.job_log(failed.id))
    # The first attempt is over and done with, whoever asks again.
    repository.rerun_failed(first)
    world.runner.script = lambda _: ("success", "luck")
    repository.rerun_failed(second)
    assert finished(world, repository, BUILD, sha).green
    assert [order.attempt for order in world.runner.orders] == [1, 2, 3]


def test_comment_is_reacted_to(world: World, repository: Repository) -> None:
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [])
    comment = world.hub.comment(REPOSITORY, 1, "/retry")

    repository.react("rocket", comment=comment)
    repository.react("rocket", comment=comment)

    (found,) = world.hub.repository(REPOSITORY).issues[1].comments
    assert [(r.user.login, r.content) for r in found.reactions] == [("gptdeploy[bot]", "rocket")]


def test_refusals_name_what_to_do(world: World, repository: Repository) -> None:
    with pytest.raises(Rejected, match="issue #99"):
        repository.issue(99)
    with pytest.raises(Rejected, match="Could not resolve to an Issue"):
        repository.overview(99)
    with pytest.raises(UserError, match="Accept the permissions"):
        main = repository.head("main")
        assert main is not None
        repository.commit("main", main, NewCommit("Plant a workflow", {".github/workflows/x.yml": "on: push"}, "c9"))


def test_installation_is_looked_up_if_not_given(world: World, github: GitHub) -> None:
    assert github.login() == "gptdeploy[bot]"
    assert github.repository(REPOSITORY).default_branch() == "main"
