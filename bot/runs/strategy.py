"""One strategy: from its first commit through the builds and fixes to green or given up."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.clients.llm import UnusableAnswer
from bot.config.repository import RepoConfig
from bot.errors import UserError
from bot.generate import FixRequest
from bot.runs.journal import Journal
from bot.runs.steps.issue import BUILD_WORKFLOW, DEPLOY_WORKFLOW, Steps
from bot.values.failure import Failure, FailureClass, PastFix
from bot.values.github import Pull, WorkflowRun
from bot.values.run import Stage, StrategyOutcome
from bot.values.service import Service, Spec, Strategy

_GIVE_UP = 3
"""How often a strategy may die of the same thing."""
_RERUNS = 2
"""How often a build is run again because of a failure that may pass by itself."""


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
    service = steps.implement(spec, strategy, journal.progress.strategies[:index])
    branch, head = steps.start_branch(index + 1, spec, strategy, service)
    pull = steps.open_pull(branch, spec, strategy)
    journal.began(index, pull, commits=1)
    journal.show(Stage.BUILD, strategy.name)
    return Candidate(index, spec, strategy, service, pull, head)


def build_until_green(steps: Steps, journal: Journal, config: RepoConfig, candidate: Candidate) -> str | None:
    """Wait for the build and push fixes until it is green.

    Returns:
        The sha that was built green, or None where it is given up; the journal then holds the reason.

    Raises:
        UserError: no build came, or one was cancelled, or somebody else pushed: a person has to look.
    """
    service, head = candidate.service, candidate.head
    tried = Tried()
    failure = _build(steps, journal, config, head)
    for number in range(1, config.fixes + 1):
        if failure is None or tried.seen(failure) >= _GIVE_UP:
            break
        journal.note(Stage.FIX, f"fix {number} of {config.fixes}: {failure.headline}")
        attempt = FixRequest(
            failure, tuple(tried.fixes), again=tried.times(failure) > 1, number=number, limit=config.fixes
        )
        try:
            fix = steps.fix(candidate.spec, candidate.strategy, service, attempt)
        except UnusableAnswer as error:
            # Nothing to push and nothing to build, but a fix is spent: the next one knows why.
            tried.fixes.append(PastFix(diagnosis=f"(unusable: {error})", headline=failure.headline))
            continue
        pushed = steps.push_fix(candidate.pull.head_ref, head, number, candidate.spec, service, fix)
        if pushed is None:
            tried.fixes.append(PastFix(diagnosis=f"(changed nothing) {fix.diagnosis}", headline=failure.headline))
            continue
        head, service = pushed, fix.service
        steps.tell_disputes(candidate.pull, number, fix.disputes)
        journal.fixed(candidate.index)
        journal.show(Stage.BUILD, f"{candidate.strategy.name}, after fix {number}: {failure.headline}")
        failure = _build(steps, journal, config, head)
        tried.fixes.append(PastFix(diagnosis=fix.diagnosis, headline=failure.headline if failure else "green"))
    if failure is None:
        journal.ended(candidate.index, StrategyOutcome.GREEN)
        return head
    if tried.times(failure) >= _GIVE_UP:
        reason = f"no progress, {_GIVE_UP} times the same failure: {failure.headline}"
    else:
        reason = f"still red after {config.fixes} fixes: {failure.headline}"
    journal.ended(candidate.index, StrategyOutcome.FAILED, reason, tried.learned(failure))
    return None


@dataclass
class Tried:
    """What came of the builds of a strategy so far, by which it is fixed otherwise, given up, and remembered."""

    fixes: list[PastFix] = field(default_factory=list)
    _failures: Counter[str] = field(default_factory=Counter)

    def seen(self, failure: Failure) -> int:
        """Count a failure that has to be fixed; return how often it was seen. One that a fix left is seen again."""
        self._failures[failure.fingerprint] += 1
        return self._failures[failure.fingerprint]

    def times(self, failure: Failure) -> int:
        """Return how often a failure was seen."""
        return self._failures[failure.fingerprint]

    def learned(self, failure: Failure) -> str:
        """Return what the next strategy should know: what this one died of, and what did not help."""
        last = [" ".join(fix.diagnosis.split())[:160] for fix in self.fixes[-3:]]
        return " ".join([f"It died of: {failure.headline}.", *[f"This did not help: {text}" for text in last]])


def _build(steps: Steps, journal: Journal, config: RepoConfig, head: str) -> Failure | None:
    """Wait for the build of a commit; return what it died of, or None where it is green.

    A failure that may pass by itself costs no fix: the build runs again, at most twice.

    Raises:
        UserError: also where it does not pass and lies outside of the service.
    """
    first = 1
    for left in reversed(range(_RERUNS + 1)):
        with journal.building():
            run = await_run(
                steps,
                BUILD_WORKFLOW,
                head,
                config.start_minutes,
                config.build_minutes,
                attempt=first,
                left=journal.check_budget,
            )
        if run.green:
            return None
        failure = steps.failure(run)
        if not failure.transient:
            return failure
        if left:
            journal.rerun(f"once more, this may pass: {failure.headline}")
            steps.rerun(run)
            first = run.attempt + 1
    if failure.failure_class is FailureClass.INFRA:
        raise UserError(
            f"[The build]({run.url}) failed {_RERUNS + 1} times for a reason outside of the service: "
            f"{failure.headline}. When that is well again, `/retry` on the pull request goes on."
        )
    return failure


def give_up(steps: Steps, journal: Journal, candidate: Candidate) -> None:
    """Close the pull request with the reason."""
    record = journal.progress.strategies[candidate.index]
    marker = f"closed:{steps.flow.run_id}"
    steps.say("pull_closed.md.j2", marker, on=candidate.pull.number, record=record)
    steps.close_pull(candidate.pull.number)


def await_run(
    steps: Steps,
    workflow: str,
    sha: str,
    start_minutes: float,
    minutes: float,
    *,
    after: int = 0,
    attempt: int = 1,
    left: Callable[[], float] = lambda: math.inf,
) -> WorkflowRun:
    """Wait until the newest run of a workflow for a commit has ended.

    A webhook only wakes the wait; what counts is what GitHub says then. Without one, GitHub is asked from time to
    time, so that a lost delivery costs minutes, not the run.

    Args:
        start_minutes: how long the run may take to appear; `minutes`: how long it may take altogether.
        after: id of a run that does not count, nor any before it.
        attempt: of the run, the first that counts.
        left: returns how many seconds may be waited altogether, or raises where none are left.

    Raises:
        UserError: no run appeared, or it did not end in time, or it was cancelled.
    """
    began = steps.flow.now()
    while True:
        run = steps.workflow_run(workflow, sha)
        if run is not None and (run.id <= after or run.attempt < attempt):
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
        steps.flow.wait(min(steps.poll_seconds, left()))


def _again(workflow: str) -> str:
    return "`/deploy`" if workflow == DEPLOY_WORKFLOW else "`/retry`"
