"""The effects of a run, one step each: model calls and what is read from and written to GitHub.

Every write looks first whether it has already happened (by a hidden marker, a branch's name or a commit's trailer),
because a step may run again after a crash.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bot.branches import COMMIT_TRAILER, ISSUE_TRAILER, branch_name
from bot.buildlog import read_failure
from bot.clients.github import GitHub, Repository
from bot.clients.llm import Model, ModelError
from bot.clients.packages import Packages
from bot.config import RepoConfig
from bot.errors import UserError
from bot.generate import fix, implement, specify, strategize
from bot.ideas import read_idea
from bot.models import (
    Deployment,
    Failure,
    FailureClass,
    Fix,
    Idea,
    Issue,
    PastFix,
    Pull,
    RunRequest,
    Service,
    Spec,
    Strategy,
    StrategyRecord,
    Usage,
    WorkflowRun,
)
from bot.render import comment, render
from bot.service_folder import changed_files, read_service, service_files
from bot.workflows.engine import Flow

BUILD_WORKFLOW = "microservice-build.yml"
DEPLOY_WORKFLOW = "microservice-deploy.yml"

T = TypeVar("T")

# A model endpoint serves a few calls at a time well; runs beyond that wait for their turn in this process.
_MODEL_CALLS = threading.BoundedSemaphore(4)


@dataclass(frozen=True)
class World:
    """Everything a run reaches out to.

    Attributes:
        poll_seconds: how long a run waits for a webhook before it asks GitHub itself.
    """

    github: GitHub
    model: Model
    packages: Packages
    poll_seconds: float


class Answer(BaseModel, Generic[T]):
    """What a model call came to: a value, or the text of what went wrong; tokens are counted in both cases."""

    value: T | None = None
    error: str = ""
    unusable: bool = False
    usage: Usage = Usage()


class UnusableAnswer(UserError):
    """The model answered, but nothing in it could be used, although it was asked again."""


class Steps:
    """The steps of one run, bound to its repository and issue."""

    def __init__(self, flow: Flow, world: World, request: RunRequest) -> None:
        self.flow = flow
        self.poll_seconds = world.poll_seconds
        self.spent: Callable[[Usage], None] = lambda _: None
        self._world = world
        self._request = request
        self._repository: Repository = world.github.repository(request.repo, request.installation)

    # What people asked for

    def config(self) -> RepoConfig:
        """Read the repository's configuration."""
        return self.flow.step(
            "read configuration", lambda: RepoConfig.parse(self._repository.config_text()), returns=RepoConfig
        )

    def issue(self) -> Issue:
        """Read the issue."""
        return self.flow.step("read issue", lambda: self._repository.issue(self._request.issue), returns=Issue)

    def idea(self) -> Idea:
        """Read what the issue asks for."""
        return self.flow.step(
            "read idea", lambda: read_idea(self._repository.issue(self._request.issue)), returns=Idea
        )

    def may_ask(self) -> bool:
        """Return whether the person who asked has write access."""
        allowed = {"admin", "write"}
        return self.flow.step(
            "check permission", lambda: self._repository.permission(self._request.actor) in allowed, returns=bool
        )

    def acknowledge(self) -> None:
        """React to the issue."""
        self.flow.step("react", lambda: self._repository.react("eyes", issue=self._request.issue), returns=None)

    # What is said

    def say(self, template: str, marker: str, *, on: int | None = None, **values: Any) -> None:
        """Comment once on the issue, or on pull request `on`."""
        number = self._request.issue if on is None else on
        body = comment(template, marker, **values)
        self.flow.step(
            f"comment {marker}", lambda: self._repository.comment_once(number, marker, body), returns=str
        )

    def show_status(self, body: str, marker: str) -> None:
        """Create the status comment, or bring it up to date."""
        self.flow.step(
            "status", lambda: self._repository.upsert_comment(self._request.issue, marker, body), returns=str
        )

    def close_issue(self) -> None:
        """Close the issue as done."""
        self.flow.step("close issue", lambda: self._repository.close_issue(self._request.issue), returns=None)

    # What the model thinks

    def specify(self, idea: Idea) -> Spec:
        """Have the model say what the service is."""
        branch = self._repository.default_branch

        def ask() -> tuple[Spec, Usage]:
            return specify(self._world.model, idea, self._repository.services(branch()))

        return self._think("specify", ask, Spec)

    def strategize(self, spec: Spec, failed: Sequence[StrategyRecord], count: int) -> tuple[Strategy, ...]:
        """Have the model think up at most `count` strategies."""
        return self._think(
            "strategize", lambda: strategize(self._world.model, spec, failed, count), tuple[Strategy, ...]
        )

    def implement(self, spec: Spec, strategy: Strategy) -> Service:
        """Have the model write the service; requirements come back pinned."""
        return self._think(
            "implement", lambda: implement(self._world.model, self._world.packages, spec, strategy), Service
        )

    def fix(
        self, spec: Spec, strategy: Strategy, service: Service, failure: Failure, past: Sequence[PastFix], attempt: int
    ) -> Fix:
        """Have the model answer a failed build."""
        model, packages = self._world.model, self._world.packages
        return self._think("fix", lambda: fix(model, packages, spec, strategy, service, failure, past, attempt), Fix)

    def _think(self, name: str, ask: Callable[[], tuple[T, Usage]], returns: Any) -> T:
        """Call the model in a step of its own, and count what it cost even where the answer is of no use."""

        def call() -> Answer[T]:
            with _MODEL_CALLS:
                try:
                    value, usage = ask()
                except ModelError as error:
                    return Answer(error=str(error), unusable=error.unusable, usage=error.usage)
            return Answer(value=value, usage=usage)

        answer: Answer[T] = self.flow.step(name, call, returns=Answer[returns])
        self.spent(answer.usage)
        if answer.value is None:
            raise UnusableAnswer(answer.error) if answer.unusable else UserError(answer.error)
        return answer.value

    # Branches and pull requests

    def start_branch(self, number: int, spec: Spec, strategy: Strategy, service: Service) -> tuple[str, str]:
        """Push a strategy's first commit to a branch of its own; return the branch and the commit's sha."""
        branch = branch_name(self.flow.run_id, number, strategy.name)
        commit_id = f"{branch}/0"

        def push() -> str:
            base = self._repository.head(self._repository.default_branch())
            if base is None:
                raise UserError("The repository is empty: push a first commit, then `/retry`.")
            image = self._world.packages.base_image()
            files = service_files(spec, strategy, service, self._request.issue, image)
            message = f"Add {spec.slug}: {strategy.name}\n\n{COMMIT_TRAILER}: {commit_id}"
            return self._repository.start_branch(branch, base, message, files, commit_id)

        return branch, self.flow.step("push branch", push, returns=str)

    def open_pull(self, branch: str, spec: Spec, strategy: Strategy) -> Pull:
        """Open the pull request of a branch."""
        title = f"{spec.title}: {strategy.name}"
        body = render("comments/pull.md.j2", issue=self._request.issue, spec=spec, strategy=strategy)
        return self.flow.step(
            "open pull request", lambda: self._repository.ensure_pull(branch, title, body), returns=Pull
        )

    def pull(self, number: int) -> Pull:
        """Read a pull request."""
        return self.flow.step("read pull request", lambda: self._repository.pull(number), returns=Pull)

    def reopen(self, number: int) -> None:
        """Open a closed pull request again."""
        self.flow.step("reopen pull request", lambda: self._repository.reopen_pull(number), returns=None)

    def read_branch(self, pull: Pull) -> tuple[Spec, Strategy, Service]:
        """Read the service that is on a pull request's branch, whoever wrote it."""

        def read() -> tuple[Spec, Strategy, Service]:
            known = set(self._repository.services(self._repository.default_branch()))
            found = set(self._repository.services(pull.head_sha))
            for slug in sorted(found - known) or sorted(found):
                files = self._repository.folder(f"services/{slug}", pull.head_sha)
                if _issue_of(files) == self._request.issue:
                    return read_service(files)
            raise UserError(f"Pull request #{pull.number} holds no service of issue #{self._request.issue}.")

        return self.flow.step("read branch", read, returns=tuple[Spec, Strategy, Service])

    def push_fix(self, branch: str, head: str, attempt: int, spec: Spec, before: Service, answer: Fix) -> str:
        """Push a fix on top of `head`; return the new head. Refused where somebody else has pushed meanwhile."""
        commit_id = f"{self.flow.run_id.rpartition('#')[2]}/{branch}/{attempt}"

        def push() -> str:
            files = self._repository.folder(f"services/{spec.slug}", head)
            changed = changed_files(before, answer.service, files)
            changed = {f"services/{spec.slug}/{name}": text for name, text in changed.items()}
            message = f"Fix {attempt}: {_subject(answer.diagnosis)}\n\n{answer.diagnosis}\n\n{COMMIT_TRAILER}: {commit_id}"
            return self._repository.commit(branch, head, message, changed, commit_id)

        return self.flow.step("push fix", push, returns=str)

    def merge(self, pull: Pull, sha: str, spec: Spec) -> str:
        """Merge exactly the tested commit; return the sha of the squash commit."""
        title = f"Add {spec.slug} (#{pull.number})"
        message = f"{spec.summary}\n\n{ISSUE_TRAILER}: {self._request.issue}"
        return self.flow.step(
            "merge", lambda: self._repository.merge_pull(pull.number, sha, title, message), returns=str
        )

    def close_pull(self, number: int) -> None:
        """Close a pull request; its branch stays, so that `/retry` on it can go on."""
        self.flow.step("close pull request", lambda: self._repository.close_pull(number), returns=None)

    def delete_branches(self) -> None:
        """Delete the branches of all strategies of the issue, and with them their pull requests close."""

        def delete() -> None:
            for branch in self._repository.branches(f"gptdeploy/{self._request.issue}-"):
                self._repository.delete_branch(branch)

        self.flow.step("delete branches", delete, returns=None)

    def open_pulls(self) -> list[Pull]:
        """Return the open pull requests of the issue's branches."""

        def find() -> list[Pull]:
            branches = self._repository.branches(f"gptdeploy/{self._request.issue}-")
            found = [self._repository.pull_of(branch) for branch in branches]
            return [pull for pull in found if pull is not None and pull.state == "open"]

        return self.flow.step("find pull requests", find, returns=list[Pull])

    # Workflow runs

    def workflow_run(self, workflow: str, sha: str) -> WorkflowRun | None:
        """Return the newest run of a workflow for a commit."""
        return self.flow.step(
            f"look at {workflow}", lambda: self._repository.workflow_run(workflow, sha), returns=WorkflowRun | None
        )

    def failure(self, run: WorkflowRun) -> Failure:
        """Read what a red run died of from the log of its first failed job."""

        def read() -> Failure:
            jobs = self._repository.failed_jobs(run)
            if not jobs:
                return Failure(
                    excerpt=f"The run ended as {run.conclusion} and no job of it failed.",
                    headline=f"the run ended as {run.conclusion}",
                    fingerprint="0" * 16,
                    failure_class=FailureClass.INFRA,
                )
            return read_failure(self._repository.job_log(jobs[0].id), jobs[0].step)

        return self.flow.step("read log", read, returns=Failure)

    # Deployment

    def merged_slug(self) -> str | None:
        """Return the slug of the service that was merged for the issue, or None."""

        def find() -> str | None:
            ref = self._repository.default_branch()
            for slug in self._repository.services(ref):
                if _issue_of(self._repository.folder(f"services/{slug}", ref)) == self._request.issue:
                    return slug
            return None

        return self.flow.step("find merged service", find, returns=str | None)

    def default_head(self) -> str:
        """Return the sha of the default branch."""
        return self.flow.step(
            "read head", lambda: self._repository.head(self._repository.default_branch()) or "", returns=str
        )

    def dispatch_deploy(self, slug: str) -> None:
        """Start the deploy workflow for a service that is merged."""

        def dispatch() -> None:
            self._repository.dispatch(DEPLOY_WORKFLOW, self._repository.default_branch(), {"slug": slug})

        self.flow.step("dispatch deploy", dispatch, returns=None)

    def deployment(self, slug: str, sha: str) -> Deployment | None:
        """Return where the service is live, as the deployer told GitHub, or None."""

        def read() -> Deployment | None:
            found = self._repository.deployment(f"microservice-{slug}", sha)
            if found is None or found[0] != "success":
                return None
            url = found[1].rstrip("/")
            return Deployment(playground_url=f"{url}/", api_url=f"{url}/execute")

        return self.flow.step("read deployment", read, returns=Deployment | None)


def _issue_of(files: dict[str, str]) -> int | None:
    """Return the issue a service folder was made for, or None where its service.json does not say."""
    try:
        manifest = json.loads(files.get("service.json", ""))
    except json.JSONDecodeError:
        return None
    return manifest.get("issue") if isinstance(manifest, dict) else None


def _subject(diagnosis: str) -> str:
    """Return the first sentence of a diagnosis, as a commit's subject."""
    first = diagnosis.strip().split("\n", 1)[0].split(". ", 1)[0].rstrip(".")
    return first if len(first) <= 60 else first[:59].rstrip() + "…"


