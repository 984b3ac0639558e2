"""What GitHub is told of a deployment."""

from __future__ import annotations

from typing import Any

from bot.deploy.announce import Announcement, announce_end, announce_failure, announce_live, announce_rollback
from bot.deploy.description import Description
from bot.deploy.doors import Gap, Link
from bot.deploy.live import Live
from bot.deploy.versions import first
from bot.errors import TransientError
from bot.sentence import sentence, verbatim
from bot.values.deployment import Deployment
from bot.values.github import DeploymentStatus, Pull
from tests.unit.deploy.described import DESCRIBED

DESCRIPTION = Description.model_validate(DESCRIBED)
SHA = "a" * 40
LIVE = Deployment(playground_url="http://qr-code.localhost:8080/", api_url="http://qr-code.localhost:8080/execute")


class Written:
    """A repository that keeps what is written to it, in order."""

    def __init__(self, pulls: list[Pull]) -> None:
        self.pulls = pulls
        self.events: list[tuple[Any, ...]] = []

    def pulls_with_commit(self, sha: str) -> list[Pull]:
        return self.pulls if sha == SHA else []

    def comment_once(self, number: int, marker: str, body: str) -> str:
        self.events.append(("comment", number, marker, body))
        return ""

    def set_deployment(self, environment: str, sha: str, status: DeploymentStatus) -> None:
        self.events.append(("deployment", environment, sha, status))


def pull(number: int, merged: bool) -> Pull:
    return Pull(number=number, title="", state="closed", merged=merged, head_ref="b", head_sha="b" * 40, url="http://x")


def test_a_live_service_is_announced_on_issue_and_merged_pull_and_the_status_comes_last() -> None:
    repository = Written([pull(9, merged=True), pull(8, merged=False)])
    announce_live(repository, Announcement(DESCRIPTION, "registry/qr:1", SHA), LIVE)
    assert [event[:2] for event in repository.events] == [
        ("comment", 7),
        ("comment", 9),
        ("deployment", "microservice-qr-code"),
    ]
    body = repository.events[0][3]
    assert "**QR code** is live: [http://qr-code.localhost:8080/](http://qr-code.localhost:8080/)" in body
    assert """--data-binary '{"text": "it'\\''s"}'""" in body
    assert "<!-- gptdeploy:playground:qr-code:aaaaaaaaaaaa -->" in body
    sha, status = repository.events[-1][2:]
    assert (sha, status.state, status.url) == (SHA, "success", LIVE.playground_url)


def test_what_is_missing_on_the_way_to_a_live_service_is_told_and_it_counts_as_live() -> None:
    repository = Written([])
    gap = Gap(Link.DNS, sentence("`%(host)s` does not resolve", host="apps.example.com"), verbatim("Mend it"))
    german = DESCRIPTION.model_copy(update={"language": "de"})
    announce_live(repository, Announcement(german, "registry/qr:1", SHA), LIVE, gap)
    (*_, body), (*_, status) = repository.events
    assert (
        "⚠️ Der Dienst funktioniert, aber seine Adresse nicht von dort, wo er bereitgestellt wurde: "
        "`apps.example.com` wird nicht aufgelöst. Mend it."
    ) in body
    assert status.state == "success"


class Unsteady(Written):
    """A GitHub that has written what it was told, and whose answer gets lost, the first time for each."""

    def set_deployment(self, environment: str, sha: str, status: DeploymentStatus) -> None:
        done = ("deployment", environment, sha, status) in self.events
        if not done:
            super().set_deployment(environment, sha, status)
            raise TransientError("GitHub answered 502")


def test_a_lost_answer_does_not_mark_a_live_service_as_not_deployed() -> None:
    repository = Unsteady([])
    announce_live(repository, Announcement(DESCRIPTION, "registry/qr:1", SHA), LIVE)
    assert [event[-1].state for event in repository.events if event[0] == "deployment"] == ["success"]


def test_it_is_announced_on_the_issue_that_had_it_changed() -> None:
    update = pull(9, merged=True).model_copy(update={"head_ref": "gptdeploy/8-0123abcd/0-update-qr-code"})
    repository = Written([update])
    announce_live(repository, Announcement(DESCRIPTION, "registry/qr:1", SHA), LIVE)
    assert [event[1] for event in repository.events] == [8, 9, "microservice-qr-code"]


def test_an_example_with_a_file_is_not_shown() -> None:
    repository = Written([])
    description = DESCRIPTION.model_copy(update={"example": {"file": "A" * 10_000}})
    announce_live(repository, Announcement(description, "registry/qr:1", SHA), LIVE)
    assert "@request.json" in repository.events[0][3]
    assert len(repository.events[0][3]) < 1500


def test_a_failure_is_a_status_alone() -> None:
    repository = Written([])
    announce_failure(repository, Announcement(DESCRIPTION, "registry/qr:1", SHA), sentence("it hung"))
    status = DeploymentStatus(state="failure", description="it hung")
    assert repository.events == [("deployment", "microservice-qr-code", SHA, status)]


def test_a_rollback_moves_the_deployment_to_the_earlier_commit() -> None:
    repository = Written([])
    history = first(DESCRIPTION, "registry/qr:1", "a" * 40).deployed(DESCRIPTION, "registry/qr:2", "b" * 40)
    one, two = history.versions
    announce_rollback(repository, "de", "microservice-qr-code", Live(LIVE, one, two))
    told = [(sha[0], status.state, status.url, status.description) for _, _, sha, status in repository.events]
    assert told == [
        ("b", "inactive", "", "Version 1 (aaaaaaa) ist wieder live."),
        ("a", "success", LIVE.playground_url, "Der Dienst antwortet wieder."),
    ]


def test_of_a_commit_that_nobody_told_nothing_is_said() -> None:
    repository = Written([])
    history = first(DESCRIPTION, "registry/qr:1", "").deployed(DESCRIPTION, "registry/qr:2", "")
    one, two = history.versions
    announce_rollback(repository, "", "microservice-qr-code", Live(LIVE, one, two))
    announce_end(repository, "", "microservice-qr-code", one, sentence("The service is taken down."))
    assert repository.events == []
