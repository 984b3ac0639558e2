"""`/approve`: start the work on an issue whose author has no write access, or on a plan that waits for it."""

from __future__ import annotations

from bot.commands.planned import Planned, planned
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import has_label, requested_issue, start, wanted
from bot.errors import UserError
from bot.render import said
from bot.sentence import sentence
from bot.values.progress import Stage
from bot.values.run import RunKind


def _approve(invocation: Invocation) -> str:
    asked = requested_issue(invocation)
    issue, unlabelled = asked.number, not has_label(invocation, asked)
    plan = planned(invocation, issue)
    if plan is not None:
        return _approve_plan(invocation, issue, plan)
    return start(invocation, RunKind.NEW, issue, sentence("the idea is approved, and I begin."), unlabelled=unlabelled)


def _approve_plan(invocation: Invocation, issue: int, plan: Planned) -> str:
    """Have the run at work go on with its plan, and return the reply.

    Raises:
        UserError: the comment cannot have meant the plan that is shown now.
    """
    request, mark = invocation.request, plan.mark
    # Carried out again after a crash, it may have been taken up by now.
    if mark.approval and mark.approval != invocation.delivery:
        raise UserError(
            "Plan %(number)s is approved already (stage: %(stage)s), so I have done nothing.",
            number=mark.number,
            stage=plan.stage.called,
        )
    if not mark.approval and plan.stage is not Stage.PLAN:
        raise UserError(
            "Plan %(number)s is being changed as somebody asked, so there is nothing to approve yet. Look at what "
            "comes of it, then type `/approve`.",
            number=mark.number,
        )
    if request.comment_id < mark.comment:
        raise UserError(
            "This `/approve` came before plan %(number)s was here, so it does not count for it. Look at plan "
            "%(number)s, then type `/approve` once more.",
            number=mark.number,
        )
    approval = wanted(invocation, RunKind.APPROVE, issue, comment=request.comment_id)
    if not invocation.runs.approve(approval):
        raise UserError("Nothing is running for #%(issue)s. `/status` says how it ended.", issue=issue)
    approved = sentence(
        "Plan %(number)s is approved, and I start. The status comment above shows how far I am.", number=mark.number
    )
    return said(approved, invocation.language)


COMMAND = Command(
    name="approve",
    help=sentence("Start what waits: an issue whose author has no write access, or a plan."),
    example="/approve",
    places=(Place.ISSUE,),
    action=_approve,
)
