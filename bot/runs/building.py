"""The build of one commit: waited for, woken where nobody starts it, run again where its failure may pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from bot.errors import UserError
from bot.foreign import code
from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.flaky import why_flaky
from bot.runs.steps.builds import page_of
from bot.runs.unstarted import advice
from bot.runs.waiting import APPROVAL, Around, Awaited, NeedsApproval, WithoutResult, await_workflow_run
from bot.sentence import Sentence, sentence, verbatim
from bot.values.failure import Failure, FailureClass, PastFix
from bot.values.github import WorkflowRun
from bot.values.naming import BUILD_WORKFLOW
from bot.values.progress import Stage
from bot.values.seats import Work

_RERUNS = 2
"""How often a build is run again because of a failure that may pass by itself."""


@dataclass
class Tried:
    """What came of the builds of a strategy so far, by which it is fixed otherwise, given up, and remembered."""

    fixes: list[PastFix] = field(default_factory=list)
    failing: list[frozenset[str]] = field(default_factory=list)
    """Names of the tests that have failed in each build whose tests have run."""
    _failures: Counter[str] = field(default_factory=Counter)

    def seen(self, failure: Failure) -> int:
        """Count a failure that has to be fixed; return how often it was seen. One that a fix left is seen again."""
        self._failures[failure.fingerprint] += 1
        return self._failures[failure.fingerprint]

    def built(self, failure: Failure) -> None:
        """Take over what a build has shown of the tests."""
        if failure.failure_class is FailureClass.TEST and failure.tests:
            self.failing.append(frozenset(test.name for test in failure.tests))

    def times(self, failure: Failure) -> int:
        """Return how often a failure was seen."""
        return self._failures[failure.fingerprint]

    def learned(self, failure: Failure) -> str:
        """Return what the next strategy should know: what this one died of, and what did not help."""
        last = [" ".join(fix.diagnosis.split())[:160] for fix in self.fixes[-3:]]
        return " ".join([f"It died of: {failure.headline}.", *[f"This did not help: {text}" for text in last]])


def build(context: Context, candidate: Candidate, tried: Tried) -> Failure | None:
    """Wait for the build of a candidate's head; return what it died of, or None where it is green.

    A failure that may pass by itself costs no fix: the build runs again, at most twice. Tests that may be flaky run
    again once for a commit.

    Raises:
        UserError: also where it does not pass and lies outside of the service.
    """
    # Where the run has begun it, it has this already.
    context.flow.occupy(Work.BUILD, str(candidate.index))
    try:
        return _see_through(context, candidate, tried)
    finally:
        context.flow.leave(Work.BUILD, str(candidate.index))


def _see_through(context: Context, candidate: Candidate, tried: Tried) -> Failure | None:
    config, builds = context.config, context.builds
    context.watch.candidate = candidate
    awaited = Awaited(
        BUILD_WORKFLOW, candidate.head, config.start_minutes, config.build_minutes, look_first=not candidate.pushed
    )
    left = _RERUNS
    while True:
        try:
            built = _await_build(context, candidate, awaited)
        except WithoutResult as error:
            context.checks.report(candidate, error.workflow_run)
            raise
        if built.green:
            facts = builds.facts(built, candidate.brief.spec.slug)
            context.journal.green(candidate.index, page_of(built), facts)
            context.checks.report(candidate, built, facts=facts)
            return None
        failure = builds.failure(built)
        context.journal.red(candidate.index, page_of(built), failure.headline)
        why = _once_more(failure, built, tried, left)
        if not why:
            context.checks.report(candidate, built, failure)
            break
        left -= 1
        context.journal.rerun(why)
        builds.rerun(built)
        awaited = replace(awaited, attempt=built.attempt + 1, look_first=False)
    tried.built(failure)
    if failure.transient and failure.failure_class is FailureClass.INFRA:
        raise UserError(
            "[The build](%(url)s) failed %(times)s times for a reason outside of the service: %(failure)s. When that "
            "is well again, `/retry` on the pull request goes on.",
            url=built.url,
            times=_RERUNS + 1,
            failure=code(failure.headline),
        )
    return failure


def _once_more(failure: Failure, built: WorkflowRun, tried: Tried, left: int) -> Sentence | None:
    """Return why a red build is worth another run of the same commit; None where it is not."""
    if failure.transient:
        again = sentence("once more, this may pass: %(failure)s", failure=code(failure.headline))
        return again if left else None
    # One run more for a commit: whoever has run it again knows already.
    if built.attempt > 1:
        return None
    return why_flaky(failure, tried.failing)


def _await_build(context: Context, candidate: Candidate, awaited: Awaited) -> WorkflowRun:
    """Wait for a build; where nobody has started one, see why, and wake GitHub once."""

    def absent(_: Awaited, times: int) -> None:
        cause = context.builds.why_absent(BUILD_WORKFLOW, candidate.pull.number)
        if cause != "unknown" or times:
            raise UserError(advice(cause, BUILD_WORKFLOW, candidate.head))
        context.journal.rerun(
            sentence(
                "GitHub has not started the build of #%(number)s; I open it once more", number=candidate.pull.number
            )
        )
        context.pulls.wake(candidate, context.watch)

    around = Around(context.meter.check, context.watch.look, absent)
    pushed_at = candidate.pushed_at if awaited.attempt == 1 else None
    while True:
        try:
            with context.journal.building(candidate.index, candidate.head, pushed_at):
                return await_workflow_run(context.flow, context.builds, context.poll_seconds, awaited, around)
        except NeedsApproval as error:
            _await_approval(context, candidate, error.workflow_run)
            awaited, pushed_at = replace(awaited, look_first=True), None


def _await_approval(context: Context, candidate: Candidate, held: WorkflowRun) -> None:
    """Wait until somebody allows GitHub to run a build.

    Raises:
        Merged, Moved, Ended: what people have done instead.
    """
    number, language = candidate.pull.number, candidate.brief.spec.language
    waits = sentence("the build of #%(number)s waits for an approval: **Approve and run** on its page", number=number)
    context.journal.show(Stage.WAITING, waits)
    marker = f"held:{context.flow.run_id}/{candidate.head}"
    context.issue.say("build_held.md.j2", marker, pull=candidate.pull, url=held.url, language=language)
    context.flow.leave(Work.BUILD, str(candidate.index))
    with context.journal.idle():
        while True:
            context.flow.wait(context.poll_seconds)
            context.watch.look()
            now = context.builds.workflow_run(BUILD_WORKFLOW, candidate.head)
            if now is None or now.conclusion != APPROVAL:
                break
    context.flow.occupy(Work.BUILD, str(candidate.index))
    context.journal.show(Stage.BUILD, verbatim(candidate.strategy.name))
