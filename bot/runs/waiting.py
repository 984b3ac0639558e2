"""Wait for a workflow run on GitHub Actions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import UserError
from bot.runs.durable.flow import Flow
from bot.runs.soon import Soon
from bot.runs.steps.builds import BuildSteps
from bot.runs.unstarted import advice, again_of, without_result
from bot.values.github import WorkflowRun

WITHOUT_RESULT = ("cancelled", "skipped", "action_required", "stale")
"""How a workflow run ends that is neither green nor red."""
APPROVAL = "action_required"
"""How a workflow run ends that waits for somebody to allow it."""
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
        slug: of the service that it deploys.
        look_first: it may have ended already; otherwise there is nothing to see before a webhook comes.
    """

    workflow: str
    sha: str
    start_minutes: float
    minutes: float
    after: int = 0
    attempt: int = 1
    slug: str = ""
    look_first: bool = False


class WithoutResult(UserError):
    """A workflow run has ended without being green or red: a person has cancelled it, or GitHub has not run it."""

    def __init__(self, workflow_run: WorkflowRun, workflow: str) -> None:
        super().__init__(without_result(workflow_run, workflow))
        self.workflow_run = workflow_run


class NeedsApproval(WithoutResult):
    """GitHub runs a workflow only after somebody with write access has allowed it.

    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/approve-runs-from-forks
    """


class Looks:
    """Looks at the newest workflow run of a commit again and again.

    GitHub may not show yet what a delivery has told of: then the next look comes soon.

    Attributes:
        seconds: how long to wait before the next look.
    """

    def __init__(self, flow: Flow, builds: BuildSteps, poll_seconds: float) -> None:
        self.seconds = poll_seconds
        self._flow = flow
        self._builds = builds
        self._poll_seconds = poll_seconds
        self._soon = Soon(poll_seconds)
        self._said: WorkflowRun | None = None

    def look(self, workflow: str, sha: str, *, after: int = 0, attempt: int = 1, slug: str = "") -> WorkflowRun | None:
        """Return the newest workflow run of a file for a commit; None while there is none that counts.

        Args:
            after, attempt, slug: see `Awaited`.
        """

        def counting(workflow_run: WorkflowRun | None) -> WorkflowRun | None:
            counts = workflow_run is not None and workflow_run.id > after and workflow_run.attempt >= attempt
            return workflow_run if counts else None

        said = counting(self._flow.said(workflow, sha))
        if said != self._said:
            self._said = said
            self._soon.hinted()
        found = counting(self._builds.workflow_run(workflow, sha, said, slug))
        late = said is not None and (found is None or not found.done)
        self.seconds = self._soon.seconds() if late else self._poll_seconds
        return found


def refuse_absent(awaited: Awaited, times: int) -> None:  # noqa: ARG001 (it is never worth waiting once more)
    """End the wait for a workflow run that has not appeared."""
    raise UserError(advice("unknown", awaited.workflow, awaited.sha))


@dataclass(frozen=True)
class Around:
    """What else counts while a workflow run is waited for.

    Attributes:
        left: returns how many seconds may be waited altogether, or raises where none are left.
        look: raises where people have done something because of which there is nothing to wait for.
        absent: is called when no workflow run has appeared in time, with how often that was so before; raises where
            it is not worth waiting once more.
    """

    left: Callable[[], float] = lambda: math.inf
    look: Callable[[], None] = lambda: None
    absent: Callable[[Awaited, int], None] = refuse_absent


def await_workflow_run(
    flow: Flow, builds: BuildSteps, poll_seconds: float, awaited: Awaited, around: Around = Around()
) -> WorkflowRun:
    """Wait until the newest workflow run for a commit has ended.

    A webhook only wakes the wait and says what to look at; what counts is what GitHub says then. Without one, GitHub is
    asked from time to time, so that a lost delivery costs minutes, not the run.

    Args:
        poll_seconds: how long to wait for a webhook before GitHub is asked.

    Raises:
        NeedsApproval: GitHub does not run it before somebody allows that.
        WithoutResult: it ended as neither green nor red.
        UserError: no workflow run appeared, or it did not end in time.
    """
    # While GitHub cannot be used, workflow runs wait as well.
    began, unexplained, absent = flow.now() - flow.held_seconds, 0, 0
    look, looks = awaited.look_first, Looks(flow, builds, poll_seconds)
    while True:
        if look:
            workflow_run = looks.look(
                awaited.workflow, awaited.sha, after=awaited.after, attempt=awaited.attempt, slug=awaited.slug
            )
            if workflow_run is not None and workflow_run.done:
                if workflow_run.conclusion not in WITHOUT_RESULT:
                    return workflow_run
                # A push, a merge and a close cancel the build, and GitHub may show them a moment later.
                unexplained += 1
                if unexplained > _LOOKS or workflow_run.conclusion == APPROVAL:
                    raise _without(workflow_run, awaited.workflow)
            around.look()
            if _is_absent(workflow_run, awaited, flow.now() - flow.held_seconds - began, absent):
                around.absent(awaited, absent)
                absent += 1
        look = True
        flow.wait(min(_LOOK_SECONDS if unexplained else math.inf, looks.seconds, around.left()))


def _without(workflow_run: WorkflowRun, workflow: str) -> WithoutResult:
    kind = NeedsApproval if workflow_run.conclusion == APPROVAL else WithoutResult
    return kind(workflow_run, workflow)


def _is_absent(workflow_run: WorkflowRun | None, awaited: Awaited, waited: float, times: int) -> bool:
    """Return whether a workflow run should have appeared after `waited` seconds, and has not.

    Args:
        times: how often that was so before.

    Raises:
        UserError: it is there, and has not ended in time.
    """
    if workflow_run is None:
        return waited > awaited.start_minutes * 60 * (times + 1)
    if waited <= awaited.minutes * 60:
        return False
    again = again_of(awaited.workflow)
    if workflow_run.status == "waiting":
        raise UserError(
            "[The workflow run](%(url)s) waits for an approval that its environment asks for. Give it there, then "
            "%(again)s.",
            url=workflow_run.url,
            again=again,
        )
    raise UserError(
        "[The workflow run](%(url)s) has not ended within %(minutes)s minutes. Cancel it if it hangs, then %(again)s.",
        url=workflow_run.url,
        minutes=f"{awaited.minutes:g}",
        again=again,
    )
