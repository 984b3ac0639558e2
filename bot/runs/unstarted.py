"""Why GitHub does not run a workflow: each cause told apart, with what a person can do."""

from __future__ import annotations

from typing import Literal

from bot.sentence import Sentence, sentence, verbatim
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


def advice(cause: Cause, workflow: str, sha: str) -> Sentence:
    """Return what is wrong and what to do about it, in Markdown.

    Args:
        workflow: name of the workflow file; sha: the commit that it should run for.
    """
    told: dict[str, Sentence | str] = {"workflow": workflow, "commit": sha[:7], "again": again_of(workflow)}
    match cause:
        case "conflict":
            return sentence(
                "GitHub has not run `%(workflow)s` for %(commit)s, because the pull request conflicts with its base. "
                "Merge the base into the branch and settle the conflict there: your push is built by itself. Or "
                "`/retry` on the issue begins afresh.",
                **told,
            )
        case "missing":
            return sentence(
                "GitHub has not run `%(workflow)s` for %(commit)s, because `.github/workflows/%(workflow)s` is not on "
                "the default branch. `gptdeploy init` writes it; commit it, then %(again)s.",
                **told,
            )
        case "disabled":
            return sentence(
                "GitHub has not run `%(workflow)s` for %(commit)s, because the workflow is disabled. Open the tab "
                "Actions, choose the workflow on the left, press **Enable workflow**, then %(again)s.",
                **told,
            )
    return sentence(
        "GitHub has not run `%(workflow)s` for %(commit)s, though the workflow is there and enabled. Look into "
        "Settings, Actions, General: Actions may be off in this repository or its organization, or not allowed to use "
        "the actions that the workflow uses. Then %(again)s.",
        **told,
    )


def again_of(workflow: str) -> Sentence:
    """Return what to type so that a workflow is waited for again."""
    return verbatim("`/deploy`") if workflow == DEPLOY_WORKFLOW else sentence("`/retry` on the pull request")


def without_result(workflow_run: WorkflowRun, workflow: str) -> Sentence:
    """Return what to do about a workflow run that has ended as neither green nor red, in Markdown."""
    url, again = workflow_run.url, again_of(workflow)
    match workflow_run.conclusion:
        case "cancelled":
            return sentence("[The workflow run](%(url)s) was cancelled. %(again)s goes on.", url=url, again=again)
        case "action_required":
            return sentence(
                "[The workflow run](%(url)s) waits for an approval: press **Approve and run** there, then %(again)s.",
                url=url,
                again=again,
            )
    how = workflow_run.conclusion or ""
    return sentence("[The workflow run](%(url)s) ended as `%(how)s`. %(again)s goes on.", url=url, how=how, again=again)
