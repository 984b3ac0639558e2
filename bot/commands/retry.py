"""`/retry`: fresh strategies for an issue, or more fixes for one pull request."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import own_pull, requested_issue, start
from bot.errors import UserError
from bot.values.cost import Budget
from bot.values.run import RunKind


def _retry(invocation: Invocation) -> str:
    if not invocation.request.is_pull:
        issue = requested_issue(invocation)
        return start(invocation, RunKind.RETRY, issue.number, "I read the issue again and try fresh strategies.")
    pull, number = own_pull(invocation)
    if pull.merged:
        raise UserError(
            f"This pull request is merged. `/deploy` deploys it again; `/retry` on #{number} builds the service anew."
        )
    doing = "I go on fixing this branch, on top of what is there now."
    return start(invocation, RunKind.RETRY_PULL, number, doing, pull.number)


COMMAND = Command(
    name="retry",
    help="On an issue: try again with fresh strategies. On a pull request: up to 10 more fixes on its branch. "
    "`/retry budget_usd=2 max_tokens=500000 max_minutes=60` also sets what it may cost.",
    example="/retry",
    places=(Place.ISSUE, Place.PULL),
    options=tuple(Budget.model_fields),
    action=_retry,
)
