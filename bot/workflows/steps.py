"""The effects of a run, one step each: model calls and what is read from and written to GitHub.

Every write looks first whether it has already happened (by a hidden marker, a branch's name or a commit's trailer),
because a step may run again after a crash.
"""

from __future__ import annotations

from typing import Any

from bot.buildlog import read_failure
from bot.config import RepoConfig
from bot.failure import Failure, FailureClass
from bot.ideas import read_idea
from bot.models import Idea, WorkflowRun
from bot.progress import Deployment
from bot.render import comment
from bot.workflows.steps_base import World
from bot.workflows.steps_model import ModelSteps
from bot.workflows.steps_pulls import PullSteps, issue_of

__all__ = ["BUILD_WORKFLOW", "DEPLOY_WORKFLOW", "Steps", "World"]

BUILD_WORKFLOW = "microservice-build.yml"
DEPLOY_WORKFLOW = "microservice-deploy.yml"


class Steps(ModelSteps, PullSteps):
    """The steps of one run."""

    # What people asked for

    def config(self) -> RepoConfig:
        """Read the repository's configuration."""
        return self.flow.step(
            "read configuration", lambda: RepoConfig.parse(self._repository.config_text()), returns=RepoConfig
        )

    def idea(self) -> Idea:
        """Read what the issue asks for."""
        return self.flow.step("read idea", lambda: read_idea(self._repository.issue(self._request.issue)), returns=Idea)

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
        self.flow.step(f"comment {marker}", lambda: self._repository.comment_once(number, marker, body), returns=str)

    def show_status(self, body: str, marker: str) -> None:
        """Create the status comment, or bring it up to date."""
        self.flow.step(
            "status", lambda: self._repository.upsert_comment(self._request.issue, marker, body), returns=str
        )

    def close_issue(self) -> None:
        """Close the issue as done."""
        self.flow.step("close issue", lambda: self._repository.close_issue(self._request.issue), returns=None)

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
                if issue_of(self._repository.folder(f"services/{slug}", ref)) == self._request.issue:
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
            self._repository.dispatch(DEPLOY_WORKFLOW, self._repository.default_branch(), {"service": slug})

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
