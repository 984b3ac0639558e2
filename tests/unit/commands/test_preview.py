"""What `/preview` asks of the deploy workflow, and what stands in its way."""

from __future__ import annotations

import pytest

from bot.commands.answer import carry_out
from bot.errors import UserError
from bot.values.github import WorkflowRun
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import FakeRepository, comment
from tests.unit.commands.test_operating import ASKED

SHA = "a" * 40


def built(status: str = "completed", conclusion: str | None = "success") -> WorkflowRun:
    return WorkflowRun(id=1, attempt=1, head_sha=SHA, status=status, conclusion=conclusion, url="https://build")


@pytest.fixture
def green(repository: FakeRepository) -> FakeRepository:
    """Pull request 12 is green, and has the service of issue 3."""
    repository.built = built()
    repository.heads[SHA] = {"other": {"service.json": '{"issue": 2}'}, "new": {"service.json": '{"issue": 3}'}}
    return repository


def test_the_deploy_workflow_is_asked(runs: FakeRuns, green: FakeRepository) -> None:
    reply = carry_out(comment("/preview", 12), green, runs)
    assert reply == f"On it: I run `new` as #12 has it at aaaaaaa, beside what is live. {ASKED}"
    wanted = {"operation": "preview", "service": "new", "argument": SHA, "pull": "12", "answer": "12"}
    assert green.dispatched == [("microservice-deploy.yml", "main", {**wanted, "request": "99-0"})]
    assert runs.started == []


def test_on_the_issue_the_answer_goes_to_its_pull_request(runs: FakeRuns, green: FakeRepository) -> None:
    reply = carry_out(comment("/preview"), green, runs)
    assert reply.endswith("its answer comes to #12 as a comment.")
    assert [inputs["answer"] for _, _, inputs in green.dispatched] == ["12"]


@pytest.mark.parametrize(
    ("build", "reply"),
    [
        (None, "aaaaaaa has not been built yet. Type `/preview` again once it is green."),
        (
            built("in_progress", None),
            "[The build](https://build) of aaaaaaa has not ended yet. Type `/preview` again once it is green.",
        ),
        (
            built(conclusion="failure"),
            "[The build](https://build) of aaaaaaa is not green, so there is nothing to try. `/retry` on #12 makes "
            "more fixes, `/revise TEXT` changes it; then type `/preview` again.",
        ),
    ],
)
def test_what_is_not_green_is_not_run(
    runs: FakeRuns, green: FakeRepository, build: WorkflowRun | None, reply: str
) -> None:
    green.built = build
    assert carry_out(comment("/preview", 12), green, runs) == reply
    assert green.dispatched == []


@pytest.mark.parametrize(
    ("body", "number", "reply"),
    [
        ("/preview", 13, "#13 is closed. `/retry` on it opens it again; `/preview` works once it is green."),
        ("/preview", 14, "#14 is merged, so it is no preview any more: `/list` shows what is live."),
        (
            "/preview now",
            12,
            "`/preview` must stand alone on its line, so I have done nothing. Type just `/preview` if you mean it.",
        ),
        # Somebody else's, and one of a fork.
        ("/preview", 15, ""),
        ("/preview", 16, ""),
    ],
)
def test_what_cannot_be_previewed(runs: FakeRuns, green: FakeRepository, body: str, number: int, reply: str) -> None:
    assert carry_out(comment(body, number), green, runs) == reply
    assert green.dispatched == []


def test_without_a_service_of_the_issue(runs: FakeRuns, green: FakeRepository) -> None:
    green.heads.clear()
    reply = carry_out(comment("/preview", 12), green, runs)
    assert reply == "aaaaaaa holds no service of #3, so there is nothing to run."


def test_a_workflow_that_does_not_know_previews(runs: FakeRuns, green: FakeRepository) -> None:
    said = "Provided value 'preview' for input 'operation' not in the list of allowed values"
    green.dispatch_error = UserError(f"I could not start it. GitHub says: {said}.")
    assert "is older than I am and does not know `/preview`" in carry_out(comment("/preview", 12), green, runs)
