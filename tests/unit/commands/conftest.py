"""Issues and pull requests that commands are typed on, and runs in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pytest

from bot.values.command import CommandRequest
from bot.values.github import Issue, Pull, WorkflowRun
from bot.values.naming import branch_name
from bot.values.overview import Overview
from bot.values.run import RunKind, RunRequest
from tests.fakes.runs import FakeRuns

REPO = "octo/services"
BRANCH = branch_name(f"{REPO}#3-0123abcd", 1, "pillow")


class FakeRepository:
    """Issue 3 asks for a service, issue 4 does not; pull requests 12 (open) and 13 to 15 are made by `pull`.

    Attributes:
        folders: the services on the default branch, with their files.
        heads: the same at other commits.
        dispatched: the inputs of the workflow runs that were asked for.
        built: the newest workflow run of every commit.
        removals: what was asked to be removed, each a folder with its branch.
        settings: the texts of the settings files, as `Overview` has them.
        body: what the issues say.
    """

    def __init__(self) -> None:
        self.folders = {"other": {"service.json": '{"issue": 2}'}}
        self.heads: dict[str, dict[str, dict[str, str]]] = {}
        self.dispatched: list[tuple[str, str, dict[str, str]]] = []
        self.dispatch_error: Exception | None = None
        self.removals: list[tuple[str, str, str]] = []
        self.settings: dict[str, str | bool] = {}
        self.reactions: list[tuple[str, int | None]] = []
        self.body = ""
        self.comments: dict[tuple[int, str], str] = {}
        self.called_off: list[int] = []
        self.reaction_error: Exception | None = None
        self.built: WorkflowRun | None = None
        self.pulls = {
            12: pull(12),
            13: pull(13, state="closed"),
            14: pull(14, state="closed", merged=True),
            15: pull(15, head_ref="feature"),
            16: pull(16).model_copy(update={"fork": True}),
        }

    def react(self, content: str, *, issue: int | None = None, comment: int | None = None) -> None:
        if self.reaction_error:
            raise self.reaction_error
        self.reactions.append((content, comment))

    def permission(self, login: str) -> Literal["admin", "write", "read", "none"]:
        rights: dict[str, Literal["admin", "write", "read"]] = {"octo": "admin", "writer": "write", "visitor": "read"}
        return rights.get(login, "none")

    def issue(self, n: int, /) -> Issue:
        labels = ("Microservice",) if n == 3 else ("bug",)
        return Issue(number=n, title="QR", body=self.body, author="visitor", state="open", labels=labels, url="u")

    def comment_text(self, number: int, marker: str) -> str | None:
        return self.comments.get((number, marker))

    def overview(self, n: int, /) -> Overview:
        issue = self.issue(n).model_copy(update={"url": f"https://github.com/{REPO}/issues/{n}"})
        texts = {"config": "", **self.settings}
        return Overview.model_validate({"base": None, "services": (), "issue": issue, **texts})

    def pull(self, n: int, /) -> Pull:
        return self.pulls[n]

    def branches(self, prefix: str, /) -> list[str]:
        return [pull.head_ref for pull in self.pulls.values() if pull.head_ref.startswith(prefix)][:1]

    def find_pull(self, branch: str, /) -> Pull | None:
        return next((pull for pull in self.pulls.values() if pull.head_ref == branch), None)

    def is_own(self, sha: str, /) -> bool:
        return True

    def workflow_run(self, workflow_file: str, head_sha: str, /) -> WorkflowRun | None:
        return self.built

    def default_branch(self) -> str:
        return "main"

    def services(self, ref: str, /) -> list[str]:
        return list(self._services(ref))

    def folder(self, path: str, ref: str, /) -> dict[str, str]:
        return self._services(ref).get(path.removeprefix("services/"), {})

    def _services(self, ref: str) -> dict[str, dict[str, str]]:
        return self.folders if ref == "main" else self.heads.get(ref, {})

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str], /) -> None:
        if self.dispatch_error:
            raise self.dispatch_error
        self.dispatched.append((workflow_file, ref, dict(inputs)))

    def call_off(self, number: int, /) -> None:
        self.called_off.append(number)

    def propose_removal(self, path: str, branch: str, message: str, title: str, body: str) -> Pull:
        self.removals.append((path, branch, message))
        return pull(17)

    def upsert_comment(self, number: int, marker: str, body: str) -> str:
        self.comments[number, marker] = body
        return "u"


def merged(repository: FakeRepository) -> FakeRepository:
    """Return a repository in which the service of issue 3 is merged."""
    repository.folders["qr-code"] = {"service.json": '{"issue": 3}'}
    return repository


def pull(number: int, *, state: str = "open", merged: bool = False, head_ref: str = BRANCH) -> Pull:
    return Pull(number=number, title="QR", state=state, merged=merged, head_ref=head_ref, head_sha="a" * 40, url="u")


def comment(body: str, number: int = 3, actor: str = "octo", delivery: str = "guid") -> CommandRequest:
    return CommandRequest(
        repo=REPO,
        installation=42,
        number=number,
        is_pull=number >= 10,
        comment_id=99,
        body=body,
        actor=actor,
        delivery=delivery,
    )


def asked(kind: RunKind, pull: int | None = None, delivery: str = "guid") -> RunRequest:
    return RunRequest(repo=REPO, installation=42, issue=3, actor="octo", kind=kind, pull=pull, delivery=delivery)


@pytest.fixture
def runs() -> FakeRuns:
    return FakeRuns()


@pytest.fixture
def repository() -> FakeRepository:
    return FakeRepository()
