"""Workflow runs: builds and deployments on GitHub Actions, one step an effect."""

from __future__ import annotations

import hashlib

from bot.buildlog import read_build_facts
from bot.clients.github import NoLog
from bot.errors import TransientError, UserError
from bot.runs.steps.bound import BoundSteps
from bot.runs.unstarted import Cause, cause_of
from bot.runs.watch import Watch
from bot.values.build import BuildFacts
from bot.values.deployment import Deployment
from bot.values.failure import Failure, FailureClass
from bot.values.github import DeploymentStatus, WorkflowRun
from bot.values.jobs import Job, failed_jobs
from bot.values.naming import BUILD_WORKFLOW, DEPLOY_WORKFLOW, run_name

_STATING = "State the facts"
"""The step of the build workflow that states the facts."""
_LOG_LOOKS = 5
_LOG_SECONDS = 5.0
"""How often to look for a log that GitHub has not stored yet, and how long to wait between two looks."""


class BuildSteps(BoundSteps):
    """What a run asks of GitHub Actions, and what it is told."""

    def workflow_run(
        self, workflow: str, sha: str, said: WorkflowRun | None = None, slug: str = ""
    ) -> WorkflowRun | None:
        """Return the newest workflow run of the file `workflow` for a commit, or None while there is none.

        Args:
            said: what a delivery says of it. If it ended green or red and GitHub shows that of its jobs, or of its
                deployment, they come with it.
            slug: of the service that it deploys.
        """

        def look() -> WorkflowRun | None:
            if said is not None and (shown := self._shown(said, slug)) is not None:
                return shown
            return self._repository.workflow_run(workflow, sha)

        return self._flow.step(f"look at {workflow}", look, returns=WorkflowRun | None)

    def why_absent(self, workflow: str, pull: int | None) -> Cause:
        """Return why GitHub does not run a workflow.

        Args:
            pull: the pull request that it should run for; None for a push to the default branch.
        """

        def read() -> Cause:
            state = self._repository.workflow_state(workflow)
            mergeable = None if pull is None else self._repository.merge_state(pull).mergeable
            return cause_of(state, mergeable=mergeable)

        return self._flow.step("see why no build", read, returns=Cause)

    def failure(self, workflow_run: WorkflowRun) -> Failure:
        """Read what a red workflow run died of from the log of its first failed job; where GitHub has none, from how
        the job's steps have ended."""

        def read() -> Failure | None:
            jobs = failed_jobs(self._jobs(workflow_run))
            if not jobs:
                return Failure(
                    excerpt=f"The run ended as {workflow_run.conclusion} and no job of it failed.",
                    headline=f"the run ended as {workflow_run.conclusion}",
                    fingerprint="0" * 16,
                    failure_class=FailureClass.INFRA,
                )
            try:
                return self._world.read_failure(self._repository.job_log(jobs[0].id), jobs[0].failed_step)
            except NoLog as error:
                return None if error.status == 404 else without_log(jobs[0])

        for _ in range(_LOG_LOOKS):
            if (failure := self._flow.step("read log", read, returns=Failure | None)) is not None:
                return failure
            self._flow.wait(min(self._world.poll_seconds, _LOG_SECONDS))
        return self._flow.step(
            "read steps", lambda: without_log(failed_jobs(self._jobs(workflow_run))[0]), returns=Failure
        )

    def facts(self, workflow_run: WorkflowRun, slug: str) -> BuildFacts:
        """Read what a green build states of a service; nothing is known where its log cannot be had."""

        def read() -> BuildFacts:
            stating = [job.id for job in self._jobs(workflow_run) if job.has_passed(_STATING)]
            try:
                return read_build_facts(self._repository.job_log(stating[0]), slug) if stating else BuildFacts()
            except NoLog as error:
                if error.status == 404:
                    raise TransientError("GitHub has not stored the job's log yet", retry_after=5) from error
                raise

        try:
            return self._flow.step("read facts", read, returns=BuildFacts)
        except UserError:
            # They are figures for people: a green service is not given up for them.
            return BuildFacts()

    def rerun(self, workflow_run: WorkflowRun) -> None:
        """Run the failed jobs of a workflow run again."""
        self._flow.step("run failed jobs again", lambda: self._repository.rerun_failed(workflow_run), returns=None)

    def cancel(self, sha: str) -> None:
        """Cancel the build of a commit, where one is under way."""

        def cancel() -> None:
            workflow_run = self._repository.workflow_run(BUILD_WORKFLOW, sha)
            if workflow_run is not None and not workflow_run.done:
                self._repository.cancel(workflow_run)

        self._flow.step("cancel build", cancel, returns=None)

    def default_head(self) -> str:
        """Return the sha of the default branch; "" in an empty repository."""
        return self._flow.step(
            "read head", lambda: self._repository.head(self._repository.default_branch()) or "", returns=str
        )

    def dispatch_deploy(self, slug: str, watch: Watch) -> None:
        """Start the deploy workflow for a service that is merged, unless people have ended the work on its issue.

        Raises:
            Ended: they have.
        """
        request = f"deploy-{run_name(self._flow.run_id)}"

        def dispatch() -> bool:
            if not watch.goes_on(self._repository.standing(self._request.issue, None), None):
                return False
            inputs = {"service": slug, "request": request}
            self._repository.dispatch(DEPLOY_WORKFLOW, self._repository.default_branch(), inputs)
            return True

        while not self._flow.step("dispatch deploy", dispatch, returns=bool):
            watch.look()

    def deployment(self, slug: str, deployed: WorkflowRun) -> Deployment | None:
        """Return where the service is live, as the deployer told GitHub, or None."""
        status = deployed.deployment or self._flow.step(
            "read deployment", lambda: self._live(slug, deployed.head_sha), returns=DeploymentStatus | None
        )
        if status is None:
            return None
        return Deployment.at(status.url)

    def _live(self, slug: str, sha: str) -> DeploymentStatus | None:
        status = self._repository.deployment(f"microservice-{slug}", sha)
        return status if status is not None and status.state == "success" else None

    def _shown(self, said: WorkflowRun, slug: str) -> WorkflowRun | None:
        """Return a workflow run with what GitHub shows of its end, if that is what a delivery says."""
        if slug and said.green:
            live = self._live(slug, said.head_sha)
            return None if live is None else said.model_copy(update={"deployment": live})
        jobs = self._repository.jobs_of_ended(said)
        return None if jobs is None else said.model_copy(update={"jobs": jobs})

    def _jobs(self, workflow_run: WorkflowRun) -> tuple[Job, ...]:
        return self._repository.jobs(workflow_run) if workflow_run.jobs is None else workflow_run.jobs


def page_of(workflow_run: WorkflowRun) -> str:
    """Return the address of the page of a workflow run's attempt."""
    first = workflow_run.attempt == 1
    return workflow_run.url if first else f"{workflow_run.url}/attempts/{workflow_run.attempt}"


def without_log(job: Job) -> Failure:
    """Return what a job died of, as far as the ends of its steps say. Built again, it may leave a log."""
    step, ends = job.failed_step or "The job", [f"{name}: {end}" for name, end in job.steps]
    return Failure(
        excerpt="\n".join(["GitHub has no log of this job. How its steps ended:", *ends]),
        headline=f"{step}: failed, and GitHub has no log of it",
        step=job.failed_step,
        fingerprint=hashlib.sha256(step.encode()).hexdigest()[:16],
        failure_class=FailureClass.CODE,
        transient=True,
    )
