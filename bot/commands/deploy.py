"""`/deploy`: merge a green pull request and deploy it, or deploy again what is merged."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import own_pull, requested_issue, start
from bot.errors import UserError
from bot.sentence import sentence
from bot.values.run import RunKind


def _deploy(invocation: Invocation) -> str:
    if not invocation.request.is_pull:
        issue = requested_issue(invocation)
        return start(invocation, RunKind.DEPLOY, issue.number, sentence("I deploy what is merged for this issue."))
    pull, number = own_pull(invocation)
    if pull.merged:
        again = sentence("I deploy this merged pull request again.")
        return start(invocation, RunKind.DEPLOY, number, again, pull.number)
    if pull.state == "closed":
        raise UserError("This pull request is closed. `/retry` opens it again and goes on with it.")
    doing = sentence("I merge this pull request if its build is green, and deploy it.")
    return start(invocation, RunKind.DEPLOY, number, doing, pull.number)


COMMAND = Command(
    name="deploy",
    help=sentence("Merge a green pull request and deploy it, or deploy again what is merged."),
    example="/deploy",
    places=(Place.ISSUE, Place.PULL),
    action=_deploy,
)
