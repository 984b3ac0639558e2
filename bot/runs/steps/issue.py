"""The effects of a run, one step each: model calls and what is read from and written to GitHub.

Every write looks first whether it has already happened (by a hidden marker, a branch's name or a commit's trailer),
because a step may run again after a crash.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from bot.config.repository import RepoConfig
from bot.errors import UserError
from bot.guard.text import fixture_name, printable
from bot.render import comment
from bot.runs.ideas import read_idea
from bot.runs.steps.context import World
from bot.runs.steps.model import ModelSteps
from bot.runs.steps.pulls import PullSteps, issue_of
from bot.values.failure import Failure, FailureClass
from bot.values.github import Issue, Overview, WorkflowRun
from bot.values.run import Deployment
from bot.values.service import Fixture, Idea

__all__ = ["BUILD_WORKFLOW", "DEPLOY_WORKFLOW", "Steps", "World"]

_WRITERS = frozenset({"admin", "write"})
BUILD_WORKFLOW = "microservice-build.yml"
DEPLOY_WORKFLOW = "microservice-deploy.yml"


class Steps(ModelSteps, PullSteps):
    """The steps of one run."""

    # What people asked for

    def overview(self) -> Overview:
        """Read what has to be known before anything else: the issue, the repository's settings and its services."""
        found = self.flow.step(
            "read overview", lambda: self._repository.overview(self._request.issue), returns=Overview
        )
        self.repo_config = RepoConfig.parse(found.config)
        return found

    def idea(self) -> Idea:
        """Read what the issue asks for now."""
        return read_idea(
            self.flow.step("read issue", lambda: self._repository.issue(self._request.issue), returns=Issue)
        )

    def may_ask(self) -> bool:
        """Return whether the person who asked has write access."""
        return self.flow.step(
            "check permission", lambda: self._repository.permission(self._request.actor) in _WRITERS, returns=bool
        )

    def acknowledge(self) -> None:
        """React to the issue."""
        self.flow.step("react", lambda: self._repository.react("eyes", issue=self._request.issue), returns=None)

    def replies(self, marker: str) -> list[str]:
        """Return what the issue's author or its maintainers have answered to the bot's comment with `marker`."""

        def read() -> list[str]:
            asked = self._repository.comment_id(self._request.issue, marker)
            if asked is None:
                return []
            author = self._repository.issue(self._request.issue).author
            return [
                comment.body
                for comment in self._repository.comments_after(self._request.issue, asked)
                if not comment.body.lstrip().startswith("/")
                and (comment.author == author or self._repository.permission(comment.author) in _WRITERS)
            ]

        return self.flow.step("read replies", read, returns=list[str])

    def label(self, label: str) -> None:
        """Set a label on the issue."""
        self.flow.step("label", lambda: self._repository.add_label(self._request.issue, label), returns=None)

    def unlabel(self, label: str) -> None:
        """Remove a label from the issue."""
        self.flow.step("unlabel", lambda: self._repository.remove_label(self._request.issue, label), returns=None)

    def fetch(self, url: str, taken: Sequence[str], room: int) -> Fixture:
        """Fetch a file that tests read.

        Args:
            taken: names of those fetched before.
            room: bytes it may have.

        Raises:
            UserError: it cannot be had, or is too large.
        """

        def read() -> Fixture:
            fetched = self._world.fetch(url)
            if len(fetched.content) > room:
                raise UserError(f"it has {len(fetched.content):,} bytes, and there is room for {room:,}")
            text = fetched.media_type.startswith("text/") or fetched.media_type.endswith(("json", "xml"))
            return Fixture(
                name=fixture_name(url, fetched.media_type, taken),
                url=url,
                media_type=fetched.media_type,
                beginning=printable(fetched.content[:2_000].decode(errors="replace"))[:400] if text else "",
                data=base64.b64encode(fetched.content).decode(),
            )

        return self.flow.step("fetch", read, returns=Fixture)

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
            return self._world.read_failure(self._repository.job_log(jobs[0].id), jobs[0].step)

        return self.flow.step("read log", read, returns=Failure)

    def rerun(self, run: WorkflowRun) -> None:
        """Run the failed jobs of a run again."""
        self.flow.step("run failed jobs again", lambda: self._repository.rerun_failed(run), returns=None)

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
