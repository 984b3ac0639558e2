"""The whole life of an issue, from its label to the merge, and all of it again after a restart."""

from __future__ import annotations

from bot.buildlog import read_failure
from bot.clients.github import GitHub, MergeText, NewCommit, Repository
from bot.foreign import Markdown, Plain
from bot.hub.act import WorkflowOrder
from bot.render import hidden
from bot.values.failure import FailureClass
from bot.values.jobs import failed_jobs
from bot.values.overview import Overview
from tests.contract.client.steps import BRANCH, BUILD, DEPLOY, FILES, LIVE, MESSAGE, content, finished, opened, red
from tests.contract.conftest import REPOSITORY, World
from tests.fakes.pace import no_pace


def test_whole_life_of_an_issue(world: World, github: GitHub, repository: Repository) -> None:
    world.runner.script = red
    issue = world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", ["microservice"], author="visitor")

    read = repository.issue(issue.number)
    assert (read.title, read.body, read.author, read.state) == ("QR codes", "Make QR codes", "visitor", "open")
    assert read.labels == ("microservice",)
    assert [repository.permission(login) for login in ("octo", "visitor", "nobody")] == ["admin", "read", "none"]
    overview = repository.overview(issue.number)
    assert overview.base is not None
    assert (overview.base.branch, overview.base.sha) == ("main", repository.head("main"))
    # Its workflow files are made for tests.
    assert [file.name for file in overview.outdated] == [BUILD, DEPLOY]
    rest = overview.model_copy(update={"outdated": ()})
    assert rest == Overview(base=overview.base, config="", services=("one",), issue=read)

    repository.react("eyes", issue=1)
    repository.upsert_comment(1, "status", Markdown("Working"))

    # A strategy: a branch with one commit, a pull request, an edit of the status.
    def open_strategy() -> None:
        repository.start_branch(BRANCH, NewCommit(Plain(MESSAGE), FILES, "c0"), overview.base)
        repository.ensure_pull(BRANCH, Plain("qr: qrcode"), Markdown("For #1"))
        repository.upsert_comment(1, "status", Markdown("Building"))

    assert content(world, open_strategy) <= 3
    pull = repository.ensure_pull(BRANCH, Plain("never used"), Markdown(""))
    assert (pull.state, pull.merged, pull.merge_sha, pull.head_ref) == ("open", False, None, BRANCH)
    assert repository.folder("services/qr", pull.head_sha) == {
        path.rpartition("/")[2]: text for path, text in FILES.items()
    }

    # It is red, and its log says why.
    run = finished(world, repository, BUILD, pull.head_sha)
    assert (run.green, run.attempt, run.head_sha) == (False, 1, pull.head_sha)
    (job,) = failed_jobs(repository.jobs(run))
    failure = read_failure(repository.job_log(job.id), job.failed_step)
    assert (failure.failure_class, failure.step) == (FailureClass.PIP, "Build")
    assert failure.headline == "No matching distribution found for qrcod==1"

    # A fix.
    world.runner.script = lambda _: ("success", "fine")

    named = NewCommit(Plain("Name the package"), {"services/qr/requirements.txt": "qrcode\n"}, "c1")

    def fix() -> None:
        repository.commit(BRANCH, pull.head_sha, named)
        repository.upsert_comment(1, "status", Markdown("Fixing"))

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
        service.comment_once(1, "playground", Markdown(f"by {deployer.login()}"))
        service.comment_once(1, "playground", Markdown("never written"))
        deployer.close()
        return "success", "deployed"

    world.runner.script = deploy
    merged = repository.try_merge(pull.number, head, MergeText(Plain("qr"), Plain(MESSAGE))).sha
    assert merged is not None
    assert finished(world, repository, DEPLOY, merged).green
    assert repository.deployment("microservice-qr", merged) == LIVE
    assert repository.deployment("microservice-qr", head) is None
    assert [found.number for found in repository.pulls_with_commit(merged)] == [pull.number]
    assert repository.services("main") == ["one", "qr"]

    assert repository.delete_branch(BRANCH, head)
    assert repository.delete_branch(BRANCH, head)
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
    second = repository.commit(BRANCH, sha, NewCommit(Plain("Fix"), {"services/qr/executor.py": "x = 1\n"}, "c1"))
    repository.upsert_comment(1, "status", Markdown("one"))
    merged = repository.try_merge(number, second, MergeText(Plain("qr"), Plain(MESSAGE))).sha
    finished(world, repository, BUILD, second)
    world.events()

    restarted = GitHub(world.hub.api_url, world.app.app_id, world.app.private_key_pem, no_pace)
    again = restarted.repository(REPOSITORY, world.app.installation_id)

    def all_over() -> None:
        assert (
            again.commit(BRANCH, sha, NewCommit(Plain("Fix"), {"services/qr/executor.py": "x = 1\n"}, "c1")) == second
        )
        assert again.ensure_pull(BRANCH, Plain("qr"), Markdown("For #1")).number == number
        assert again.try_merge(number, second, MergeText(Plain("qr"), Plain(MESSAGE))).sha == merged
        again.upsert_comment(1, "status", Markdown("one"))

    # Only the commit and the merge are sent at all, and refused.
    assert content(world, all_over) == 2
    restarted.close()
    issues = world.hub.repository(REPOSITORY).issues
    assert len(issues) == 2
    assert len(issues[1].comments) == 1
