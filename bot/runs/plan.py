"""A plan, shown before any code is written; it waits until somebody with write access approves it, or changes it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from bot.clients.llm import ModelError
from bot.errors import UserError
from bot.generate import interface_changes, interface_rows, status_rows, with_points
from bot.runs.acts import Ended
from bot.runs.context import Context
from bot.runs.estimate import FIXES
from bot.runs.invitation import INVITATION, plan_marker
from bot.runs.revise import other_scenarios
from bot.runs.understand import with_name
from bot.sentence import Sentence, sentence
from bot.values.github import Issue
from bot.values.plan import Estimate, PlanChange
from bot.values.progress import PlanMark, Stage
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest
from bot.values.service import Spec, Strategy


@dataclass(frozen=True)
class Plan:
    """What a run is about to do.

    Attributes:
        strategies: in order; none for an update, which changes the code that is there.
        was: what the live service is, for an update.
        points: everything that people have asked for, for an update also what it was begun for.
    """

    spec: Spec
    strategies: tuple[Strategy, ...] = ()
    was: Spec | None = None
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class _Change:
    """How a plan has become another one: what it was, what was asked, and the answer to that."""

    before: Plan
    points: tuple[Point, ...]
    answer: str


def agree(context: Context, plan: Plan, issue: Issue) -> Plan:
    """Show a plan, change it as people ask, and return it once it is approved.

    An approval counts for the plan that its author could see: its comment comes after the plan's. What is waited for
    people does not count against the budget.

    Args:
        issue: as it was read for the plan.

    Raises:
        Ended: the issue was closed, say.
        UserError: the model does not answer, or the budget is spent.
    """
    estimate = context.model.estimate(context.flow.earlier(context.request.repo), context.journal.progress)
    try:
        return _agreed(context, plan, issue, estimate)
    except (Ended, UserError) as error:
        if not (isinstance(error, Ended) and error.issue_is_gone):
            context.issue.drop_plan(context.journal.progress)
        raise


def _agreed(context: Context, plan: Plan, issue: Issue, estimate: Estimate) -> Plan:
    mark, shown = _show(context, plan, 1, estimate)
    while True:
        asks, issue = _await_word(context, mark, issue)
        if asks[0].kind is RunKind.APPROVE:
            if (approval := _approval(context, mark, asks)) is not None:
                _amend(context, mark, shown | {"approved_by": approval.actor})
                return plan
            continue
        revisions = list(takewhile(lambda ask: ask.kind is RunKind.REVISE, asks))
        context.flow.take(revisions)
        change = _changed(context, plan, mark, tuple(point for ask in revisions for point in ask.points))
        if change is None:
            _show_waiting(context, mark)
            continue
        plan, told = change
        context.journal.described(plan.spec, is_update=plan.was is not None)
        if plan.strategies:
            context.journal.planned(plan.strategies)
        old, old_shown = mark, shown
        mark, shown = _show(context, plan, mark.number + 1, estimate, told)
        _amend(context, old, old_shown | {"replaced": True})


def _show(
    context: Context, plan: Plan, number: int, estimate: Estimate, change: _Change | None = None
) -> tuple[PlanMark, dict[str, Any]]:
    """Post a plan and say in the status who is waited for; return what the comment says, too."""
    config, spec = context.config, plan.spec
    # Who reads the comment may approve it before this run gets any further.
    mark = PlanMark(number=number)
    context.journal.note(Stage.PLAN, sentence("plan %(number)s", number=number), plan=mark)
    shown: dict[str, Any] = {
        "language": spec.language,
        "number": number,
        "spec": spec,
        "strategies": plan.strategies,
        "inputs": interface_rows(spec.input_schema),
        "outputs": interface_rows(spec.output_schema),
        "statuses": status_rows(spec),
        "is_update": plan.was is not None,
        "asked": plan.points if plan.was else (),
        "interface": interface_changes(plan.was, spec) if plan.was else (),
        "change": change,
        "changes": interface_changes(change.before.spec, spec) if change else (),
        "gone": other_scenarios(change.before.spec, spec) if change else (),
        "new": other_scenarios(spec, change.before.spec) if change else (),
        "estimate": estimate,
        "spent": context.journal.progress.usage,
        "budget": context.meter.budget,
        "fixes": min(config.fixes, FIXES),
        "most": config.fixes,
        "approved_by": "",
        "replaced": False,
        "invitation": INVITATION,
    }
    comment = context.issue.post("plan.md.j2", _marker(context, mark), **shown)
    mark = mark.model_copy(update={"comment": comment})
    _show_waiting(context, mark)
    return mark, shown


def _amend(context: Context, mark: PlanMark, shown: dict[str, Any]) -> None:
    """Have a plan's comment ask for no approval any more."""
    context.issue.amend("plan.md.j2", _marker(context, mark), **shown)


def _marker(context: Context, mark: PlanMark) -> str:
    return plan_marker(context.flow.run_id, mark.number)


def _show_waiting(context: Context, mark: PlanMark) -> None:
    waits = sentence(
        "plan %(number)s waits for somebody with write access: `/approve`, `/revise TEXT` or `/stop`",
        number=mark.number,
    )
    context.journal.show(Stage.PLAN, waits, plan=mark)


def _await_word(context: Context, mark: PlanMark, issue: Issue) -> tuple[list[RunRequest], Issue]:
    """Wait until somebody approves the plan or asks for another one; return that, and the issue as it is by then.

    An edit of the issue changes nothing: people are told what does.
    """
    request = context.request
    with context.journal.idle():
        while not (asks := context.flow.asked(request.repo, request.issue, None)):
            context.watch.look()
            now = context.issue.read()
            if (now.title, now.body) != (issue.title, issue.body):
                issue, text = now, hashlib.sha256(f"{now.title}\n{now.body}".encode()).hexdigest()
                marker = f"plan-edited:{context.flow.run_id}/{text[:8]}"
                again = request.kind is not RunKind.UPDATE
                _say(context, "plan_edited.md.j2", marker, number=mark.number, again=again)
            context.flow.wait(context.poll_seconds)
    return asks, issue


def _approval(context: Context, mark: PlanMark, asks: list[RunRequest]) -> RunRequest | None:
    """Take up the approvals among what people ask for, and return the one that is of this plan, if any."""
    approvals = [ask for ask in asks if ask.kind is RunKind.APPROVE]
    context.flow.take(approvals)
    for ask in approvals:
        if ask.comment > mark.comment:
            approved = mark.model_copy(update={"approval": ask.delivery})
            by = sentence("plan %(number)s is approved by %(actor)s", number=mark.number, actor=ask.actor)
            context.journal.show(Stage.PLAN, by, plan=approved)
            return ask
        marker = f"plan-outdated:{ask.delivery}"
        _say(context, "plan_outdated.md.j2", marker, actor=ask.actor, number=mark.number)
    return None


def _changed(context: Context, plan: Plan, mark: PlanMark, points: tuple[Point, ...]) -> tuple[Plan, _Change] | None:
    """Return the plan that comes of what people ask for; None where it stays, and they were told why."""
    context.journal.show(Stage.REVISE, sentence("plan %(number)s, as asked", number=mark.number))
    # A change of what is there keeps its name.
    held = context.slugs.held(context.overview) if plan.was is None else {}
    change: PlanChange | None = None
    why: Sentence | None = None
    try:
        taken = (*context.overview.services, *held)
        change = context.model.change_plan((plan.spec, plan.strategies), points, taken)
    except ModelError as error:
        why = error.why
    if change is None or not change.done:
        marker = f"plan-stays:{context.flow.run_id}/{points[0].id}"
        answer = change.answer if change else ""
        _say(context, "plan_stays.md.j2", marker, number=mark.number, points=points, answer=answer, why=why)
        return None
    # The points stand in the description from here on, so that nothing undoes what they ask for.
    spec = with_points(change.spec, points)
    if spec.slug != plan.spec.slug:
        spec = with_name(context, spec, held)
    after = Plan(spec, change.strategies, plan.was, (*plan.points, *points))
    return after, _Change(plan, points, change.answer)


def _say(context: Context, template: str, marker: str, **values: Any) -> None:
    """Comment once on the issue, in its language."""
    context.issue.say(template, marker, language=context.journal.progress.language, **values)
