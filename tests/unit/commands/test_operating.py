"""What is asked of the platform: the deploy workflow's inputs, and the reply."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands.answer import carry_out
from bot.errors import UserError
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import FakeRepository, comment, merged

ASKED = "The workflow `microservice-deploy.yml` does it, and its answer comes here as a comment."


@pytest.fixture
def repository() -> FakeRepository:
    return merged(FakeRepository())


@pytest.mark.parametrize(
    ("body", "number", "inputs", "doing"),
    [
        ("/rollback", 3, {"operation": "rollback", "service": "qr-code"}, "bring back what ran before of `qr-code`"),
        (
            "/rollback 3",
            3,
            {"operation": "rollback", "service": "qr-code", "argument": "3"},
            "bring version 3 of `qr-code` live",
        ),
        (
            "/rollback version=0A1b2c3",
            14,
            {"operation": "rollback", "service": "qr-code", "argument": "0a1b2c3"},
            "bring version 0a1b2c3 of `qr-code` live",
        ),
        ("/logs", 3, {"operation": "logs", "service": "qr-code"}, "read the log of `qr-code`"),
        ("/logs 200", 12, {"operation": "logs", "service": "qr-code", "argument": "200"}, "read the log of `qr-code`"),
        ("/list", 3, {"operation": "list"}, "look which services of this repository are live"),
        ("/scale 2", 3, {"operation": "scale", "service": "qr-code", "argument": "2"}, "have 2 of `qr-code` run"),
        ("/delete", 3, {"operation": "delete", "service": "qr-code"}, "take `qr-code` down"),
        ("/delete files=no", 3, {"operation": "delete", "service": "qr-code"}, "take `qr-code` down"),
    ],
)
def test_the_deploy_workflow_is_asked(
    runs: FakeRuns, repository: FakeRepository, body: str, number: int, inputs: dict[str, str], doing: str
) -> None:
    assert carry_out(comment(body, number), repository, runs) == f"On it: I {doing}. {ASKED}"
    wanted = {**inputs, "answer": str(number), "request": "99-0"}
    assert repository.dispatched == [("microservice-deploy.yml", "main", wanted)]
    assert runs.started == []
    assert repository.removals == []


def test_the_files_go_by_a_pull_request(runs: FakeRuns, repository: FakeRepository) -> None:
    reply = carry_out(comment("/delete files=yes"), repository, runs)
    assert reply == f"On it: I take `qr-code` down. {ASKED} #17 removes its files."
    message = "Remove qr-code\n\nAsked for by @octo on #3."
    assert repository.removals == [("services/qr-code", "gptdeploy/delete-qr-code-99", message)]


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        ("/scale", "Say how many replicas shall run: `/scale 2`."),
        ("/scale two", "`two`: `replicas` is a whole number, 1 or more. I have done nothing."),
        ("/scale 0", "`0`: `replicas` is a whole number, 1 or more. I have done nothing."),
        ("/logs -5", "`-5`: `lines` is a whole number, 1 or more. I have done nothing."),
        ("/logs 5 6", "After `/logs` I understand only `lines=...`, so I have done nothing."),
        ("/delete now", "After `/delete` I understand only `files=...`, so I have done nothing."),
        ("/delete files=maybe", "`files=maybe`: type `files=yes` if the files shall go, too. I have done nothing."),
        (
            "/rollback ../x",
            "A version is a number, or the beginning of a commit: `/rollback 3`. `/list` shows what is live.",
        ),
        (
            "/list all",
            "`/list` must stand alone on its line, so I have done nothing. Type just `/list` if you mean it.",
        ),
    ],
)
def test_what_cannot_be_understood(runs: FakeRuns, repository: FakeRepository, body: str, reply: str) -> None:
    assert carry_out(comment(body), repository, runs) == reply
    assert repository.dispatched == []


@pytest.mark.parametrize("body", ["/rollback", "/logs", "/scale 2", "/delete files=yes"])
def test_without_a_merged_service(runs: FakeRuns, repository: FakeRepository, body: str) -> None:
    del repository.folders["qr-code"]
    reply = carry_out(comment(body), repository, runs)
    assert reply == "No service is merged for #3. `/list` shows the services of this repository."
    assert repository.dispatched == []
    assert repository.removals == []


def test_each_command_of_a_comment_is_a_request_of_its_own_and_the_same_after_a_crash(
    runs: FakeRuns, repository: FakeRepository
) -> None:
    for _ in range(2):
        carry_out(comment("/scale 2\n/logs"), repository, runs)
    requests = [(inputs["operation"], inputs["request"]) for _, _, inputs in repository.dispatched]
    assert requests == [("scale", "99-1"), ("logs", "99-0")] * 2


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (
            'I could not start it. GitHub says: Unexpected inputs provided: ["operation"].',
            "`.github/workflows/microservice-deploy.yml` of this repository is older than I am and does not know "
            "`/logs`. `gptdeploy init` writes the new one; commit it, then try again.",
        ),
        ("I could not start it. GitHub says: Not Found.", "I could not start it. GitHub says: Not Found."),
    ],
)
def test_a_workflow_that_cannot_do_it(runs: FakeRuns, repository: FakeRepository, error: str, reply: Any) -> None:
    repository.dispatch_error = UserError(error)
    assert carry_out(comment("/logs"), repository, runs) == reply
