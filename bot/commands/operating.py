"""What the commands on a live service share: the service that is meant, and the request to the deploy workflow.

The platform's credentials are in the workflow's environment only, so the bot asks the workflow, and the deployer in it
carries the operation out and comments the answer (`bot/deploy/service_command.py`).
"""

from __future__ import annotations

from bot.commands.registry import Invocation
from bot.commands.starting import issue_number
from bot.errors import UserError
from bot.runs.merged import merged_slug
from bot.sentence import Sentence
from bot.values.naming import DEPLOY_WORKFLOW
from bot.values.operation import Operation

_OLDER = ("Unexpected inputs", "not in the list of allowed values")
"""What GitHub says where a workflow file does not know an input, or what it is asked for with it.

https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
"""


def merged_service(invocation: Invocation) -> str:
    """Return the slug of the service that was merged for the issue that the comment is about.

    Raises:
        UserError: there is none.
    """
    issue = issue_number(invocation)
    slug = merged_slug(invocation.repository, issue)
    if slug is None:
        raise UserError(
            "No service is merged for #%(issue)s. `/list` shows the services of this repository.", issue=issue
        )
    return slug


def operate(  # noqa: PLR0913 (what the workflow is told)
    invocation: Invocation,
    operation: Operation,
    doing: Sentence,
    slug: str = "",
    argument: str = "",
    pull: int | None = None,
) -> str:
    """Have the deploy workflow carry an operation out, and return the reply.

    Carried out again after a crash of the bot, it asks a second time; the deployer answers each request once.

    Args:
        doing: a sentence that says what is done.
        pull: the pull request that it is about, and that gets the answer; else that goes where the command was typed.

    Raises:
        UserError: the deploy workflow of the repository cannot do it yet.
    """
    request = invocation.request
    number = pull or request.number
    inputs = {
        "operation": operation.value,
        "service": slug,
        "argument": argument,
        "pull": str(pull or ""),
        "answer": str(number),
        # The same each time this command is carried out, and another for each command of a comment.
        "request": f"{request.key}-{len(invocation.later)}",
    }
    repository = invocation.repository
    try:
        repository.dispatch(DEPLOY_WORKFLOW, repository.default_branch(), {k: v for k, v in inputs.items() if v})
    except UserError as error:
        if not any(words in str(error) for words in _OLDER):
            raise
        raise UserError(
            "`.github/workflows/%(workflow)s` of this repository is older than I am and does not know "
            "`/%(operation)s`. `gptdeploy init` writes the new one; commit it, then try again.",
            workflow=DEPLOY_WORKFLOW,
            operation=operation,
        ) from error
    elsewhere = number if number != request.number else None
    return invocation.says("asked", doing=doing, workflow=DEPLOY_WORKFLOW, elsewhere=elsewhere)
