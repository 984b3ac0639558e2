"""`/deploy`: merge a green pull request and deploy it, or deploy again what is merged."""

from __future__ import annotations

from bot.commands.registry import Command, Context, Place
from bot.commands.starting import own_pull, requested_issue, start
from bot.errors import UserError
from bot.values.run import RunKind


def _deploy(context: Context) -> str:
    if not context.request.is_pull:
        issue = requested_issue(context)
        return start(context, RunKind.DEPLOY, issue.number, "I deploy what is merged for this issue.")
    pull, number = own_pull(context)
    if pull.merged:
        return start(context, RunKind.DEPLOY, number, "I deploy this merged pull request again.", pull.number)
    if pull.state == "closed":
        raise UserError("This pull request is closed. `/retry` opens it again and goes on with it.")
    doing = "I merge this pull request if its build is green, and deploy it."
    return start(context, RunKind.DEPLOY, number, doing, pull.number)


COMMAND = Command(
    name="deploy",
    help="Merge a green pull request and deploy it, or deploy again what is merged.",
    example="/deploy",
    places=(Place.ISSUE, Place.PULL),
    action=_deploy,
)
