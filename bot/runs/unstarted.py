"""Why GitHub does not run a workflow: each cause told apart, with what a person can do."""

from __future__ import annotations

from typing import Literal

from bot.values.github import WorkflowRun
from bot.values.naming import DEPLOY_WORKFLOW

Cause = Literal["conflict", "missing", "disabled", "unknown"]


def cause_of(state: str | None, *, mergeable: bool | None) -> Cause:
    """Return why there is no workflow run.

    GitHub runs no `pull_request` workflow while it cannot make the merge that it would run on:
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request

    Args:
        state: of the workflow, see `Actions.workflow_state`.
        mergeable: whether the pull request fits its base; None where that is not known or is no matter.
    """
    if state is None:
        return "missing"
    if state != "active":
        return "disabled"
    return "conflict" if mergeable is False else "unknown"


def advice(cause: Cause, workflow: str, sha: str) -> str:
    """Return what is wrong and what to do about it, in Markdown.

    Args:
        workflow: name of the workflow file; sha: the commit that it should run for.
    """
    again = again_of(workflow)
    nothing = f"GitHub has not run `{workflow}` for {sha[:7]}"
    match cause:
        case "conflict":
            return (
                f"{nothing}, because the pull request conflicts with its base. Merge the base into the branch and "
                "settle the conflict there: your push is built by itself. Or `/retry` on the issue begins afresh."
            )
        case "missing":
            return (
                f"{nothing}, because `.github/workflows/{workflow}` is not on the default branch. `gptdeploy init` "
                f"writes it; commit it, then {again}."
            )
        case "disabled":
            return (
                f"{nothing}, because the workflow is disabled. Open the tab Actions, choose the workflow on the left, "
                f"press **Enable workflow**, then {again}."
            )
    return (
        f"{nothing}, though the workflow is there and enabled. Look into Settings, Actions, General: Actions may be "
        "off in this repository or its organization, or not allowed to use the actions that the workflow uses. Then "
        f"{again}."
    )


def again_of(workflow: str) -> str:
    """Return what to type so that a workflow is waited for again."""
    return "`/deploy`" if workflow == DEPLOY_WORKFLOW else "`/retry` on the pull request"


def without_result(workflow_run: WorkflowRun, workflow: str) -> str:
    """Return what to do about a workflow run that has ended as neither green nor red, in Markdown."""
    page, again = f"[The workflow run]({workflow_run.url})", again_of(workflow)
    match workflow_run.conclusion:
        case "cancelled":
            return f"{page} was cancelled. {again} goes on."
        case "action_required":
            return f"{page} waits for an approval: press **Approve and run** there, then {again}."
    return f"{page} ended as {workflow_run.conclusion}. {again} goes on."
