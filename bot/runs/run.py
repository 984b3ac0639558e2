"""A run: from an issue to a playground.

It reads like the flow in the README. Everything that is not a decision is a step (`steps/`), and what people see is the
journal (`journal.py`).
"""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.clients.llm import UnusableAnswer
from bot.errors import UserError
from bot.runs.acts import Ended, Moved
from bot.runs.adopted import adopt, may_go_on, see_closed
from bot.runs.budget import Spent
from bot.runs.candidate import Candidate, with_hint
from bot.runs.context import Context, open_context
from bot.runs.delivery import build_and_deliver, see_live
from bot.runs.durable.flow import Flow
from bot.runs.history import begun
from bot.runs.journal import Journal
from bot.runs.named import asked_in, named_service
from bot.runs.past import refuse_second
from bot.runs.prepare import prepare
from bot.runs.rebuild import rebuild
from bot.runs.revise import revise
from bot.runs.steering import asked
from bot.runs.steps.issue import IssueSteps
from bot.runs.strategy import give_up, open_strategy
from bot.runs.understand import Change
from bot.runs.update import open_update, service_of_issue
from bot.runs.watch import end_of
from bot.runs.world import World
from bot.values.github import Pull
from bot.values.naming import BUILD_WORKFLOW, DEPLOY_WORKFLOW
from bot.values.progress import Progress, Stage, StrategyOutcome
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest

log = logging.getLogger(__name__)


def run(flow: Flow, world: World, request: RunRequest) -> Progress:
    """Carry a request out and return how it ended. What a person must mend becomes a comment, not an exception."""
    issue = IssueSteps(flow, world, request)
    journal = Journal(flow, issue, begun(request, flow.run_id, flow.now()))
    try:
        journal.note(Stage.QUEUED)
        journal.recall(deploys=request.kind is RunKind.DEPLOY)
        _carry_out(open_context(flow, world, request, issue, journal))
    except Spent as error:
        _spent(issue, journal, error)
    except Ended as act:
        _ended(issue, journal, act)
    except UserError as error:
        # GitHub refuses what is about a deleted issue, also before it has told of it.
        if issue.standing(None).issue == "gone":
            _ended(issue, journal, end_of(request.issue))
        else:
            _stuck(issue, journal, str(error))
    except Exception:
        # A bug. The person learns the run's id, the log holds the rest.
        log.exception("run %s failed", flow.run_id)
        text = f"The bot failed; its log has the details under run `{flow.run_id}`. `/retry` goes on."
        _stuck(issue, journal, text)
        raise
    return journal.progress


def _carry_out(context: Context) -> None:
    request = context.request
    match request.kind:
        case RunKind.NEW if not context.issue.may_ask():
            context.issue.say("ask_approval.md.j2", "approval", actor=request.actor, plan=context.config.plan)
            context.journal.note(Stage.WAITING, "a maintainer has to approve")
        case RunKind.NEW:
            context.issue.acknowledge()
            _from_issue(context)
        case RunKind.RETRY:
            _from_issue(context)
        case RunKind.REVISE:
            _revise(context, request.pull)
        case RunKind.UPDATE:
            _update(context, service_of_issue(context), request.points)
        case RunKind.DEPLOY:
            _deploy_again(context, request.pull)
        case _ if request.pull is not None:
            _on_pull(context, request.kind, request.pull)


def _on_pull(context: Context, kind: RunKind, number: int) -> None:
    """Carry out what is asked for, or was done, on one pull request."""
    match kind:
        case RunKind.RETRY_PULL:
            _retry_pull(context, number)
        case RunKind.MERGED | RunKind.CLOSED:
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
    for index, strategy in enumerate(strategies):
        try:
            candidate = open_strategy(context, index, brief, strategy)
        except UnusableAnswer as error:
            journal.ended(index, StrategyOutcome.FAILED, str(error))
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
    context.journal.show(Stage.BUILD, f"again on #{number}")
    rebuild(context, candidate)
    if context.journal.progress.is_update:
        _build_change(context, candidate)
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
        context.journal.note(Stage.STOPPED, f"#{number} was closed before")
        context.issue.say("closed_before.md.j2", f"closed-before:{context.flow.run_id}", on=number, pull=pull)
        return
    candidate = adopt(context, pull)
    points = asked(context, number, *context.request.points)
    try:
        changed = revise(context, candidate, points) if points else None
    except Moved as act:
        _build_change(context, replace(candidate, head=act.head), theirs=True)
        return
    if changed is None:
        _leave(context, number)
        return
    context.journal.show(Stage.BUILD, f"#{number}, changed as asked")
    _build_change(context, changed)


def _update(context: Context, slug: str, points: tuple[Point, ...]) -> None:
    """Change a service that is merged by a pull request of its own; what is live stays until that is delivered."""
    candidate = open_update(context, slug, points)
    if candidate is None:
        context.journal.show(Stage.WAITING, f"`{slug}` stays as it is")
        return
    context.journal.show(Stage.BUILD, f"#{candidate.pull.number}, the update of `{slug}`")
    _build_change(context, candidate)


def _build_change(context: Context, candidate: Candidate, *, theirs: bool = False) -> None:
    """Build a changed service and deliver it where it is green; where it stays red, its pull request stays open."""
    built = build_and_deliver(context, candidate, theirs=theirs)
    if built.answered:
        _leave(context, candidate.pull.number)
    elif not built.green:
        _still_red(context, built.candidate)


def _still_red(context: Context, candidate: Candidate) -> None:
    """Say that a pull request is red. It may have been green before, and it is under review: it stays open."""
    number, progress = candidate.pull.number, context.journal.progress
    record, language = progress.strategies[candidate.index], progress.language
    context.journal.show(Stage.FAILED, f"#{number} is red: {record.reason}")
    marker = f"red:{context.flow.run_id}"
    context.issue.say("still_red.md.j2", marker, on=number, record=record, progress=progress, language=language)
    context.pulls.describe(candidate, progress)


def _deploy_again(context: Context, number: int | None) -> None:
    """Merge a green pull request and deploy it; or deploy again what is merged."""
    pulls = [context.pulls.read(number)] if number is not None else context.pulls.open_pulls()
    for pull in pulls:
        built = context.builds.workflow_run(BUILD_WORKFLOW, pull.head_sha)
        if pull.state == "open" and built is not None and built.green:
            candidate = adopt(context, pull)
            context.checks.report(candidate, built)
            if not build_and_deliver(context, candidate, green=True, ordered=True).green:
                _still_red(context, candidate)
            return
    slug = context.pulls.merged_slug()
    if slug is None:
        raise UserError(_nothing_to_deploy(pulls))
    context.journal.show(Stage.DEPLOY, f"again, as merged: {slug}", slug=slug)
    sha = context.builds.default_head()
    before = context.builds.workflow_run(DEPLOY_WORKFLOW, sha)
    context.builds.dispatch_deploy(slug)
    see_live(context, slug, sha, after=before.id if before is not None else 0)


def _nothing_to_deploy(pulls: list[Pull]) -> str:
    if any(pull.state == "open" for pull in pulls):
        return "There is nothing to deploy yet: the pull request is not green. `/retry` on it makes more fixes."
    return "There is nothing to deploy: no green pull request and nothing merged. `/retry` tries fresh strategies."


def _build_and_deliver(context: Context, candidate: Candidate) -> Candidate | None:
    """Build a candidate until it is green, then deliver it; return its last state where it was given up, else None."""
    built = build_and_deliver(context, candidate)
    if built.answered:
        _leave(context, candidate.pull.number)
    elif not built.green:
        give_up(context, built.candidate)
        return built.candidate
    return None


def _leave(context: Context, number: int) -> None:
    """Leave a pull request to the people who have asked for something that changed nothing."""
    context.journal.show(Stage.WAITING, f"#{number} stays as it is")


def _all_spent(context: Context) -> None:
    context.journal.show(Stage.FAILED, "no strategy got green")
    progress = context.journal.progress
    context.issue.say("gave_up.md.j2", f"gave-up:{progress.run_id}", progress=progress, language=progress.language)


def _spent(issue: IssueSteps, journal: Journal, spent: Spent) -> None:
    """Stop with what there is, and say what a new budget would do."""
    journal.interrupted()
    journal.show(Stage.WAITING, str(spent))
    marker = f"spent:{journal.progress.run_id}"
    issue.say("spent.md.j2", marker, text=str(spent), progress=journal.progress, options=spent.options)


def _ended(issue: IssueSteps, journal: Journal, act: Ended) -> None:
    """Stop because a person has taken away what the run worked on, and say so once, where that can still be said."""
    journal.interrupted()
    journal.note(Stage.STOPPED, str(act))
    if not act.issue_is_gone:
        journal.show(Stage.STOPPED, str(act))
        issue.say("ended.md.j2", f"ended:{journal.progress.run_id}", why=str(act))
        return
    for record in journal.progress.strategies:
        if record.pull is not None and record.outcome is StrategyOutcome.STOPPED:
            issue.say("ended.md.j2", f"ended:{journal.progress.run_id}", on=record.pull, why=str(act))


def _stuck(issue: IssueSteps, journal: Journal, text: str) -> None:
    """Tell the person what is wrong and what to type next."""
    journal.show(Stage.FAILED, text.split("\n", 1)[0])
    issue.say("stuck.md.j2", f"stuck:{journal.progress.run_id}", text=text)
