"""One strategy: from its first commit through the builds and fixes to green or given up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.clients.llm import UnusableAnswer
from bot.foreign import code
from bot.generate import FixRequest
from bot.render import said
from bot.runs.building import Tried, build
from bot.runs.candidate import Candidate, Draft, with_spec
from bot.runs.context import Context
from bot.runs.pull_text import Shown
from bot.sentence import counted, sentence, verbatim
from bot.values.failure import PastFix
from bot.values.progress import Stage, StrategyOutcome
from bot.values.service import Brief, Fix, Review, Strategy

_GIVE_UP = 3
"""How often a strategy may die of the same thing."""
_FRESH_SECONDS = 600
"""How long what the run has read first of the default branch is good enough to begin a branch at."""


def open_strategy(context: Context, index: int, brief: Brief, strategy: Strategy) -> Candidate:
    """Write the service, push it as one commit to a branch of its own and open the pull request."""
    journal = context.journal
    journal.note(Stage.IMPLEMENT, verbatim(strategy.name))
    before = [context.request.strategy] if context.request.strategy else []
    service = context.model.implement(brief, strategy, [*before, *journal.progress.strategies[:index]])
    # The issue may have been closed while the model wrote.
    context.watch.check()
    # Commits that come to the default branch while the run is at work are behind its branch anyway.
    base = context.overview.base if journal.progress.seconds.total < _FRESH_SECONDS else None
    branch, head = context.pulls.start_branch(index + 1, brief, strategy, service, base)
    pull = context.pulls.open_pull(strategy, Shown(brief.spec, branch, service, journal.progress, index))
    # GitHub builds what a pull request holds, so that the push of an opening is over with it.
    opened_at = context.flow.done_at
    journal.began(index, pull, commits=1)
    journal.show(Stage.BUILD, verbatim(strategy.name))
    return Candidate(brief, strategy, service, index, pull, head, opened_at, own=True)


@dataclass(frozen=True)
class Built:
    """A candidate after its last build.

    Attributes:
        green: where it is not, it is given up, and the journal holds the reason.
        interrupted: it is red and not given up: people ask for something, which comes before the next fix.
        answered: people asked for something that has changed nothing; what becomes of it is theirs to say.
    """

    candidate: Candidate
    green: bool
    interrupted: bool = False
    answered: bool = False


def build_until_green(context: Context, candidate: Candidate) -> Built:
    """Wait for the build and push fixes until it is green, or until people ask for something.

    Raises:
        UserError: no build came, or a person has cancelled one.
        Merged, Moved, Ended: what people have done meanwhile.
    """
    journal, fixes = context.journal, context.config.fixes
    tried = Tried()
    failure = build(context, candidate, tried)
    for number in range(1, fixes + 1):
        if failure is None or tried.seen(failure) >= _GIVE_UP:
            break
        if context.flow.asked(context.request.repo, context.request.issue, candidate.pull.number):
            return Built(candidate, green=False, interrupted=True)
        journal.note(
            Stage.FIX,
            sentence(
                "fix %(number)s of %(all)s: %(failure)s", number=number, all=fixes, failure=code(failure.headline)
            ),
        )
        again = tried.times(failure) > 1
        request = FixRequest(failure, tuple(tried.fixes), again=again, number=number, limit=fixes)
        try:
            fix = _fix(context, candidate, request)
        except UnusableAnswer as error:
            # Nothing to push and nothing to build, but a fix is spent: the next one knows why.
            tried.fixes.append(PastFix(diagnosis=f"(unusable: {error})", headline=failure.headline))
            continue
        pushed = context.pulls.push_fix(candidate, number, fix, context.watch)
        pushed_at = context.flow.done_at
        if pushed is None:
            tried.fixes.append(PastFix(diagnosis=f"(changed nothing) {fix.diagnosis}", headline=failure.headline))
            continue
        candidate = with_spec(candidate, candidate.brief.spec.reading(fix.reread))
        candidate = replace(candidate, head=pushed, service=fix.service, pushed_at=pushed_at)
        context.pulls.tell_disputes(candidate, number, fix)
        journal.fixed(candidate.index)
        journal.show(
            Stage.BUILD,
            sentence(
                "%(name)s, after fix %(number)s: %(failure)s",
                name=candidate.strategy.name,
                number=number,
                failure=code(failure.headline),
            ),
        )
        failure = build(context, candidate, tried)
        tried.fixes.append(PastFix(diagnosis=fix.diagnosis, headline=failure.headline if failure else "green"))
    if failure is None:
        journal.ended(candidate.index, StrategyOutcome.GREEN)
        return Built(candidate, green=True)
    if tried.times(failure) >= _GIVE_UP:
        reason = sentence(
            "no progress, %(times)s times the same failure: %(failure)s",
            times=_GIVE_UP,
            failure=code(failure.headline),
        )
    else:
        reason = counted(
            "still red after %(num)s fix: %(failure)s",
            "still red after %(num)s fixes: %(failure)s",
            fixes,
            failure=code(failure.headline),
        )
    journal.ended(candidate.index, StrategyOutcome.FAILED, reason, tried.learned(failure))
    return Built(candidate, green=False)


def _fix(context: Context, candidate: Candidate, request: FixRequest) -> Fix:
    """Return the answer to a failed build: of the tests' writer, where the build refuses nothing but tests.

    Raises:
        UnusableAnswer: the model gave no fix.
    """
    disputes = request.failure.disputes
    if disputes:
        diagnosis = "; ".join(f"{dispute.test} {dispute.reason}" for dispute in disputes)
        return reviewed(context, candidate, Fix(diagnosis=diagnosis, service=candidate.service, disputes=disputes))
    fix = context.model.fix(candidate, request)
    return reviewed(context, candidate, fix) if fix.disputes else fix


def reviewed(context: Context, draft: Draft, fix: Fix) -> Fix:
    """Return a fix with what the writer of the tests says to its disputes: those that are left have changed a test."""
    service = fix.service
    tests = service.scenario_tests
    try:
        review = context.model.review_tests(draft, tests, fix.disputes)
    except UnusableAnswer as error:
        review = Review(tests=tests, reason=f"no answer ({error})")
    if review.tests == tests and not review.reread:
        stay = sentence("The tests stay: %(reason)s", reason=review.reason)
        text = f"{fix.diagnosis} ({said(stay, draft.brief.spec.language)})"
        return fix.model_copy(update={"diagnosis": text, "disputes": ()})
    changed = {"tests": review.tests.source, "test_requirements": review.tests.requirements}
    return fix.model_copy(update={"service": service.model_copy(update=changed), "reread": review.reread})


def give_up(context: Context, candidate: Candidate) -> None:
    """Close the pull request with the reason; one that holds commits of anybody else stays open."""
    record = context.journal.progress.strategies[candidate.index]
    marker = f"closed:{context.flow.run_id}"
    language, own = candidate.brief.spec.language, context.pulls.is_own(candidate.pull)
    context.issue.say("pull_closed.md.j2", marker, on=candidate.pull.number, record=record, own=own, language=language)
    if own:
        context.pulls.close(candidate, context.journal.progress)
    else:
        context.pulls.describe(candidate, context.journal.progress)
