"""`/approve`: start the work on an issue whose author has no write access, or on a plan that waits for it."""

from __future__ import annotations

from bot.commands.planned import Planned, planned
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import requested_issue, start, wanted
from bot.errors import UserError
from bot.values.progress import Stage
from bot.values.run import RunKind


def _approve(invocation: Invocation) -> str:
    issue = requested_issue(invocation).number
    plan = planned(invocation, issue)
    if plan is not None:
        return _approve_plan(invocation, issue, plan)
    return start(invocation, RunKind.NEW, issue, "the idea is approved, and I begin.")


def _approve_plan(invocation: Invocation, issue: int, plan: Planned) -> str:
    """Have the run at work go on with its plan, and return the reply.

    Raises:
        UserError: the comment cannot have meant the plan that is shown now.
    """
    request, mark = invocation.request, plan.mark
    # Carried out again after a crash, it may have been taken up by now.
    if mark.approval and mark.approval != invocation.delivery:
        raise UserError(f"Plan {mark.number} is approved already (stage: {plan.stage}), so I have done nothing.")
    if not mark.approval and plan.stage is not Stage.PLAN:
        raise UserError(
            f"Plan {mark.number} is being changed as somebody asked, so there is nothing to approve yet. Look at what "
            "comes of it, then type `/approve`."
        )
    if request.comment_id < mark.comment:
        raise UserError(
            f"This `/approve` came before plan {mark.number} was here, so it does not count for it. Look at plan "
            f"{mark.number}, then type `/approve` once more."
        )
    approval = wanted(invocation, RunKind.APPROVE, issue, comment=request.comment_id)
    if not invocation.runs.approve(approval):
        raise UserError(f"Nothing is running for #{issue}. `/status` says how it ended.")
    return f"Plan {mark.number} is approved, and I start. The status comment above shows how far I am."


COMMAND = Command(
    name="approve",
    help="Start what waits: an issue whose author has no write access, or a plan.",
    example="/approve",
    places=(Place.ISSUE,),
    action=_approve,
)
