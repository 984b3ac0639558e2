"""A run: from an issue to a playground.

It reads like the flow in the README. Everything that is not a decision is a step (`steps/`), and what people see is the
journal (`journal.py`).
"""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.clients.llm import UnusableAnswer
from bot.errors import Gone, UserError
from bot.runs.acts import Ended, Merged, Moved
from bot.runs.adopted import adopt, may_go_on, see_closed
from bot.runs.budget import Spent
from bot.runs.build_change import build_change, leave
from bot.runs.candidate import Candidate, with_hint
from bot.runs.context import Context, open_context
from bot.runs.delivery import build_and_deliver, finish
from bot.runs.durable.flow import Flow
from bot.runs.durable.stepping import Waited
from bot.runs.endings import tell_ended, tell_spent, tell_stuck
from bot.runs.held_up import HeldUp
from bot.runs.history import begun, cause
from bot.runs.journal import Journal
from bot.runs.named import asked_in, named_service
from bot.runs.ordered import deploy_again, pick
from bot.runs.past import refuse_second
from bot.runs.prepare import prepare
from bot.runs.rebuild import rebuild
from bot.runs.revise import revise
from bot.runs.side_by_side import build_side_by_side
from bot.runs.steering import asked
from bot.runs.steps.issue import IssueSteps
from bot.runs.strategy import give_up, open_strategy
from bot.runs.understand import Change
from bot.runs.update import open_update, service_of_issue
from bot.runs.watch import end_of
from bot.runs.world import World
from bot.sentence import sentence, verbatim
from bot.values.progress import Progress, Stage, StrategyOutcome
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest
from bot.values.seats import Work

log = logging.getLogger(__name__)

_COMPLETES = (RunKind.DEPLOY, RunKind.PICK, RunKind.MERGED, RunKind.CLOSED)
"""What people have brought to its end waits for no seat."""


def run(flow: Flow, world: World, request: RunRequest) -> Progress:
    """Carry a request out and return how it ended. What a person must mend becomes a comment, not an exception."""
    issue = IssueSteps(flow, world, request)
    journal = Journal(flow, issue, begun(request, flow.run_id, flow.now()), cause(request))
    flow.listen(HeldUp(flow.run_id, issue, journal))
    try:
        _see_through(flow, world, request, issue, journal)
    except Gone as error:
        # Nobody can be told: there is no issue to say it on.
        journal.interrupted()
        journal.note(Stage.STOPPED, verbatim(str(error)))
    return journal.progress


def _see_through(flow: Flow, world: World, request: RunRequest, issue: IssueSteps, journal: Journal) -> None:
    """Carry a request out to its end, and tell that."""
    try:
        journal.note(Stage.QUEUED)
        if request.unlabelled:
            issue.mark()
        context = open_context(flow, world, request, issue, journal)
        if request.kind in _COMPLETES:
            flow.occupy(Work.RUN)
        else:
            flow.begin()
        try:
            _carry_out(context)
        except Waited:
            # People may have written something else meanwhile.
            _carry_out(open_context(flow, world, request, issue, journal))
        journal.catch_up()
    except Spent as error:
        tell_spent(issue, journal, error)
    except Ended as act:
        tell_ended(issue, journal, act)
    except UserError as error:
        # GitHub refuses what is about a deleted issue, also before it has told of it.
        if issue.standing(None).issue == "gone":
            tell_ended(issue, journal, end_of(request.issue))
        else:
            tell_stuck(issue, journal, error.sentence)
    except Gone:
        raise
    except Exception:
        # A bug. The person learns the run's id, the log holds the rest.
        log.exception("run %s failed", flow.run_id)
        tell_stuck(
            issue,
            journal,
            sentence("The bot failed; its log has the details under run `%(run)s`. `/retry` goes on.", run=flow.run_id),
        )
        raise


def _carry_out(context: Context) -> None:
    request = context.request
    match request.kind:
        case RunKind.NEW | RunKind.RETRY if _may_begin(context):
            _from_issue(context)
        case RunKind.REVISE:
            _revise(context, request.pull)
        case RunKind.PICK if request.pull is not None:
            pick(context, request.pull)
        case RunKind.UPDATE:
            _update(context, service_of_issue(context), request.points)
        case RunKind.DEPLOY:
            deploy_again(context, request.pull)
        case _ if request.pull is not None:
            _on_pull(context, request.kind, request.pull)


def _may_begin(context: Context) -> bool:
    """Return whether an issue may be built as it is now; say so where it may not.

    Raises:
        Ended: nobody asks for it any more.
    """
    request = context.request
    if request.kind is RunKind.NEW:
        if why := context.watch.withdrawn(marked=request.unlabelled):
            raise Ended(why)
        if not context.issue.may_ask():
            plan, keys = context.config.plan, context.journal.progress.keys
            language = context.journal.language
            context.issue.say(
                "ask_approval.md.j2", "approval", language=language, actor=request.actor, plan=plan, keys=keys
            )
            context.journal.note(Stage.WAITING, sentence("a maintainer has to approve"))
            return False
    if by := context.issue.changed_by(context.overview.issue):
        marker, language = f"changed:{context.flow.run_id}", context.journal.language
        context.issue.say("changed_since.md.j2", marker, language=language, by=by, actor=request.actor)
        changed = sentence("@%(by)s has changed the issue; somebody has to approve it", by=by)
        context.journal.note(Stage.WAITING, changed)
        return False
    if request.kind is RunKind.NEW:
        context.issue.acknowledge()
    return True


def _on_pull(context: Context, kind: RunKind, number: int) -> None:
    """Carry out what is asked for, or was done, on one pull request."""
    match kind:
        case RunKind.RETRY_PULL:
            _retry_pull(context, number)
        case RunKind.PUSHED if (pull := context.pulls.read(number)).state == "open":
            build_change(context, adopt(context, pull), theirs=True)
        case RunKind.MERGED | RunKind.CLOSED | RunKind.PUSHED:
            see_closed(context, number)
        case RunKind.REOPENED if may_go_on(context, number):
            _retry_pull(context, number)


def _from_issue(context: Context) -> None:
    """Build what an issue describes; or change the service that it names."""
    overview = context.overview
    named = named_service(overview.issue, overview.services)
    if named is None:
        refuse_second(context)
        _from_idea(context)
        return
    _update(context, named, (asked_in(overview.issue, context.request.hint),))


def _from_idea(context: Context) -> None:
    """The whole way: specify, write the tests, strategize, build strategy after strategy until one is green, deploy; or
    change the service that is meant."""
    journal = context.journal
    try:
        brief, strategies = prepare(context)
    except Change as change:
        _update(context, change.slug, (change.point,))
        return
    if context.config.parallel > 1 and len(strategies) > 1:
        if not build_side_by_side(context, brief, strategies):
            _all_spent(context)
        return
    for index, strategy in enumerate(strategies):
        try:
            candidate = open_strategy(context, index, brief, strategy)
        except UnusableAnswer as error:
            journal.ended(index, StrategyOutcome.FAILED, error.sentence)
            context.meter.check()
            continue
        given_up = _build_and_deliver(context, candidate)
        if given_up is None:
            return
        # A test that was wrong for one strategy is wrong for all, and so is what was misread.
        brief = brief.model_copy(update={"spec": given_up.brief.spec, "tests": given_up.service.scenario_tests})
    _all_spent(context)


def _retry_pull(context: Context, number: int) -> None:
    """More fixes on one pull request, on top of whatever is on its branch."""
    pull = context.pulls.read(number)
    candidate = with_hint(adopt(context, pull), context.request)
    if pull.state == "closed":
        context.pulls.reopen(number)
    context.journal.show(Stage.BUILD, sentence("again on #%(number)s", number=number))
    rebuild(context, candidate)
    if context.journal.progress.is_update:
        build_change(context, candidate)
    elif _build_and_deliver(context, candidate) is not None:
        _all_spent(context)


def _revise(context: Context, number: int | None) -> None:
    """Change an open pull request as people say, build it, and deliver it where it is green.

    Args:
        number: None where it was asked for on the plan that the pull request comes from.
    """
    pulls = [context.pulls.read(number)] if number is not None else context.pulls.open_pulls()
    if not pulls:
        raise UserError("The plan has come to nothing before I could change it. `/retry HINT` makes another one.")
    pull, number = pulls[-1], pulls[-1].number
    if pull.state != "open":
        context.journal.note(Stage.STOPPED, sentence("#%(number)s was closed before", number=number))
        marker = f"closed-before:{context.flow.run_id}"
        context.issue.say("closed_before.md.j2", marker, language=context.journal.language, on=number, pull=pull)
        return
    candidate = adopt(context, pull)
    points = asked(context, number, *context.request.points)
    try:
        changed = revise(context, candidate, points) if points else None
    except Merged as act:
        finish(context, candidate, act.sha)
        return
    except Moved as act:
        build_change(context, replace(candidate, head=act.head), theirs=True)
        return
    if changed is None:
        leave(context, number)
        return
    context.journal.show(Stage.BUILD, sentence("#%(number)s, changed as asked", number=number))
    build_change(context, changed)


def _update(context: Context, slug: str, points: tuple[Point, ...]) -> None:
    """Change a service that is merged by a pull request of its own; what is live stays until that is delivered."""
    candidate = open_update(context, slug, points)
    if candidate is None:
        context.journal.show(Stage.WAITING, sentence("`%(slug)s` stays as it is", slug=slug))
        return
    what = sentence("#%(number)s, the update of `%(slug)s`", number=candidate.pull.number, slug=slug)
    context.journal.show(Stage.BUILD, what)
    build_change(context, candidate)


def _build_and_deliver(context: Context, candidate: Candidate) -> Candidate | None:
    """Build a candidate until it is green, then deliver it; return its last state where it was given up, else None."""
    built = build_and_deliver(context, candidate)
    if built.answered:
        leave(context, candidate.pull.number)
    elif not built.green:
        give_up(context, built.candidate)
        return built.candidate
    return None


def _all_spent(context: Context) -> None:
    context.journal.show(Stage.FAILED, sentence("no strategy got green"))
    progress = context.journal.progress
    context.issue.say("gave_up.md.j2", f"gave-up:{progress.run_id}", progress=progress, language=progress.language)
