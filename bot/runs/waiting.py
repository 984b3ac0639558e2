"""Wait for a workflow run on GitHub Actions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import UserError
from bot.runs.durable.flow import Flow
from bot.runs.steps.builds import BuildSteps
from bot.values.github import WorkflowRun
from bot.values.naming import DEPLOY_WORKFLOW

WITHOUT_RESULT = ("cancelled", "skipped", "action_required", "stale")
"""How a workflow run ends that is neither green nor red."""
_LOOKS = 3
"""How often to look for what has cancelled a workflow run, with `_LOOK_SECONDS` between."""
_LOOK_SECONDS = 3.0


@dataclass(frozen=True)
class Awaited:
    """The workflow run that is waited for.

    Attributes:
        workflow: name of the workflow file; sha: the commit it runs for.
        start_minutes: how long it may take to appear; minutes: how long it may take altogether.
        after: id of a workflow run that does not count, nor any before it.
        attempt: of the workflow run, the first that counts.
        look_first: it may have ended already; otherwise there is nothing to see before a webhook comes.
    """

    workflow: str
    sha: str
    start_minutes: float
    minutes: float
    after: int = 0
    attempt: int = 1
    look_first: bool = False


class WithoutResult(UserError):
    """A workflow run has ended without being green or red: a person has cancelled it, or GitHub has not run it."""

    def __init__(self, workflow_run: WorkflowRun, text: str) -> None:
        super().__init__(text)
        self.workflow_run = workflow_run


@dataclass(frozen=True)
class Around:
    """What else counts while a workflow run is waited for.

    Attributes:
        left: returns how many seconds may be waited altogether, or raises where none are left.
        look: raises where people have done something because of which there is nothing to wait for.
    """

    left: Callable[[], float] = lambda: math.inf
    look: Callable[[], None] = lambda: None


def await_workflow_run(
    flow: Flow, builds: BuildSteps, poll_seconds: float, awaited: Awaited, around: Around = Around()
) -> WorkflowRun:
    """Wait until the newest workflow run for a commit has ended.

    A webhook only wakes the wait; what counts is what GitHub says then. Without one, GitHub is asked from time to
    time, so that a lost delivery costs minutes, not the run.

    Args:
        poll_seconds: how long to wait for a webhook before GitHub is asked.

    Raises:
        WithoutResult: it ended as neither green nor red.
        UserError: no workflow run appeared, or it did not end in time.
    """
    # While GitHub cannot be used, workflow runs wait as well.
    began, unexplained = flow.now() - flow.held_seconds, 0
    look = awaited.look_first
    while True:
        if look:
            workflow_run = builds.workflow_run(awaited.workflow, awaited.sha)
            if workflow_run is not None and not _counts(workflow_run, awaited):
                workflow_run = None
            if workflow_run is not None and workflow_run.done:
                if workflow_run.conclusion not in WITHOUT_RESULT:
                    return workflow_run
                # A push, a merge and a close cancel the build, and GitHub may show them a moment later.
                unexplained += 1
                if unexplained > _LOOKS:
                    raise WithoutResult(workflow_run, _without_result(workflow_run, awaited))
            around.look()
            _refuse_late(workflow_run, awaited, flow.now() - flow.held_seconds - began)
        look = True
        flow.wait(min(_LOOK_SECONDS if unexplained else math.inf, poll_seconds, around.left()))


def _counts(workflow_run: WorkflowRun, awaited: Awaited) -> bool:
    return workflow_run.id > awaited.after and workflow_run.attempt >= awaited.attempt


def _again(awaited: Awaited) -> str:
    return "`/deploy`" if awaited.workflow == DEPLOY_WORKFLOW else "`/retry` on the pull request"


def _without_result(workflow_run: WorkflowRun, awaited: Awaited) -> str:
    how = "was cancelled" if workflow_run.conclusion == "cancelled" else f"ended as {workflow_run.conclusion}"
    return f"[The workflow run]({workflow_run.url}) {how}. {_again(awaited)} goes on."


def _refuse_late(workflow_run: WorkflowRun | None, awaited: Awaited, waited: float) -> None:
    """Go on only while there is still something to wait for, after `waited` seconds."""
    again = _again(awaited)
    if workflow_run is None and waited > awaited.start_minutes * 60:
        raise UserError(
            f"No run of `{awaited.workflow}` appeared for {awaited.sha[:7]} within {awaited.start_minutes:g} minutes. "
            f"Are GitHub Actions enabled, and is `.github/workflows/{awaited.workflow}` on the default branch? "
            f"Then {again}."
        )
    if workflow_run is not None and waited > awaited.minutes * 60:
        raise UserError(
            f"[The workflow run]({workflow_run.url}) has not ended within {awaited.minutes:g} minutes. "
            f"Cancel it if it hangs, then {again}."
        )
