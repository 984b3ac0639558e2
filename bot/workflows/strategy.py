"""One strategy: from its first commit through the builds and fixes to green or given up."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clients.llm import UnusableAnswer
from bot.config import RepoConfig
from bot.errors import UserError
from bot.failure import Failure, PastFix
from bot.models import Pull, Service, Spec, Strategy, WorkflowRun
from bot.progress import Stage, StrategyOutcome
from bot.workflows.journal import Journal
from bot.workflows.steps import BUILD_WORKFLOW, DEPLOY_WORKFLOW, Steps


@dataclass(frozen=True)
class Candidate:
    """A pull request at work.

    Attributes:
        index: position in the journal's list of strategies.
        head: sha of the commit whose build counts.
    """

    index: int
    spec: Spec
    strategy: Strategy
    service: Service
    pull: Pull
    head: str


def open_strategy(steps: Steps, journal: Journal, index: int, spec: Spec, strategy: Strategy) -> Candidate:
    """Write the service, push it as one commit to a branch of its own and open the pull request."""
    journal.note(Stage.IMPLEMENT, strategy.name)
    service = steps.implement(spec, strategy)
    branch, head = steps.start_branch(index + 1, spec, strategy, service)
    pull = steps.open_pull(branch, spec, strategy)
    journal.began(index, pull, commits=1)
    journal.show(Stage.BUILD, strategy.name)
    return Candidate(index, spec, strategy, service, pull, head)


def build_until_green(steps: Steps, journal: Journal, config: RepoConfig, candidate: Candidate) -> str | None:
    """Wait for the build and push fixes until it is green.

    Returns:
        The sha that was built green, or None where all fixes are spent; the journal then holds the reason.

    Raises:
        UserError: no build came, or one was cancelled, or somebody else pushed: a person has to look.
    """
    service, head = candidate.service, candidate.head
    past: list[PastFix] = []
    failure = _build(steps, journal, config, head)
    for attempt in range(1, config.fixes + 1):
        if failure is None:
            break
        journal.note(Stage.FIX, f"fix {attempt} of {config.fixes}: {failure.headline}")
        try:
            fix = steps.fix(candidate.spec, candidate.strategy, service, failure, past, attempt)
        except UnusableAnswer as error:
            # Nothing to push and nothing to build, but a fix is spent: the next one knows why.
            past.append(PastFix(diagnosis=f"(unusable: {error})", headline=failure.headline))
            continue
        head = steps.push_fix(candidate.pull.head_ref, head, attempt, candidate.spec, service, fix)
        service = fix.service
        journal.fixed(candidate.index)
        journal.show(Stage.BUILD, f"{candidate.strategy.name}, after fix {attempt}: {failure.headline}")
        failure = _build(steps, journal, config, head)
        if failure is not None:
            past.append(PastFix(diagnosis=fix.diagnosis, headline=failure.headline))
    if failure is None:
        journal.ended(candidate.index, StrategyOutcome.GREEN)
        return head
    reason = f"still red after {config.fixes} fixes: {failure.headline}"
    journal.ended(candidate.index, StrategyOutcome.FAILED, reason)
    return None


def _build(steps: Steps, journal: Journal, config: RepoConfig, head: str) -> Failure | None:
    """Wait for the build of a commit; return what it died of, or None where it is green."""
    with journal.building():
        run = await_run(steps, BUILD_WORKFLOW, head, config.start_minutes, config.build_minutes)
    return None if run.green else steps.failure(run)


def give_up(steps: Steps, journal: Journal, candidate: Candidate) -> None:
    """Close the pull request with the reason."""
    record = journal.progress.strategies[candidate.index]
    marker = f"closed:{steps.flow.run_id}"
    steps.say("pull_closed.md.j2", marker, on=candidate.pull.number, record=record)
    steps.close_pull(candidate.pull.number)


def await_run(
    steps: Steps, workflow: str, sha: str, start_minutes: float, minutes: float, after: int = 0
) -> WorkflowRun:
    """Wait until the newest run of a workflow for a commit has ended.

    A webhook only wakes the wait; what counts is what GitHub says then. Without one, GitHub is asked from time to
    time, so that a lost delivery costs minutes, not the run.

    Args:
        start_minutes: how long the run may take to appear; `minutes`: how long it may take altogether.
        after: id of a run that does not count, nor any before it.

    Raises:
        UserError: no run appeared, or it did not end in time, or it was cancelled.
    """
    began = steps.flow.now()
    while True:
        run = steps.workflow_run(workflow, sha)
        if run is not None and run.id <= after:
            run = None
        if run is not None and run.done:
            if run.conclusion in ("cancelled", "skipped", "action_required", "stale"):
                raise UserError(f"[The workflow run]({run.url}) ended as {run.conclusion}. `/retry` goes on.")
            return run
        waited = steps.flow.now() - began
        if run is None and waited > start_minutes * 60:
            raise UserError(
                f"No run of `{workflow}` appeared for {sha[:7]} within {start_minutes:g} minutes. Are GitHub Actions "
                f"enabled, and is `.github/workflows/{workflow}` on the default branch? Then {_again(workflow)}."
            )
        if run is not None and waited > minutes * 60:
            raise UserError(
                f"[The workflow run]({run.url}) has not ended within {minutes:g} minutes. "
                f"Cancel it if it hangs, then {_again(workflow)}."
            )
        steps.flow.wait(steps.poll_seconds)


def _again(workflow: str) -> str:
    return "`/deploy`" if workflow == DEPLOY_WORKFLOW else "`/retry`"
