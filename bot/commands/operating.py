"""What the commands on a live service share: the service that is meant, and the request to the deploy workflow.

The platform's credentials are in the workflow's environment only, so the bot asks the workflow, and the deployer in it
carries the operation out and comments the answer (`bot/deploy/service_command.py`).
"""

from __future__ import annotations

from bot.commands.registry import Invocation
from bot.commands.starting import issue_number
from bot.errors import UserError
from bot.render import render
from bot.runs.merged import merged_slug
from bot.values.naming import DEPLOY_WORKFLOW
from bot.values.operation import Operation


def merged_service(invocation: Invocation) -> str:
    """Return the slug of the service that was merged for the issue that the comment is about.

    Raises:
        UserError: there is none.
    """
    issue = issue_number(invocation)
    slug = merged_slug(invocation.repository, issue)
    if slug is None:
        raise UserError(f"No service is merged for #{issue}. `/list` shows the services of this repository.")
    return slug


def operate(invocation: Invocation, operation: Operation, doing: str, slug: str = "", argument: str = "") -> str:
    """Have the deploy workflow carry an operation out, and return the reply.

    Carried out again after a crash of the bot, it asks a second time; the deployer answers each request once.

    Args:
        doing: what is done, after "I".

    Raises:
        UserError: the deploy workflow of the repository cannot do it yet.
    """
    request = invocation.request
    inputs = {
        "operation": operation.value,
        "service": slug,
        "argument": argument,
        "answer": str(request.number),
        # The same each time this command is carried out, and another for each command of a comment.
        "request": f"{request.key}-{len(invocation.later)}",
    }
    repository = invocation.repository
    try:
        repository.dispatch(DEPLOY_WORKFLOW, repository.default_branch(), {k: v for k, v in inputs.items() if v})
    except UserError as error:
        # https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
        if "Unexpected inputs" not in str(error):
            raise
        raise UserError(
            f"`.github/workflows/{DEPLOY_WORKFLOW}` of this repository is older than I am and does not know "
            f"`/{operation}`. `gptdeploy init` writes the new one; commit it, then try again."
        ) from error
    return render("comments/commands/asked.md.j2", doing=doing, workflow=DEPLOY_WORKFLOW)
