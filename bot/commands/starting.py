"""Start a run for a command, on the right issue, and say so."""

from __future__ import annotations

from pydantic import ValidationError

from bot.commands.registry import Context
from bot.errors import UserError
from bot.render import render
from bot.values.cost import Budget
from bot.values.github import Issue, Pull
from bot.values.naming import issue_of_branch, run_id
from bot.values.run import RunKind, RunRequest


def requested_issue(context: Context) -> Issue:
    """Return the issue that was commented on.

    Raises:
        UserError: it does not ask for a service.
    """
    issue = context.repository.issue(context.request.number)
    if context.label.casefold() not in {label.casefold() for label in issue.labels}:
        raise UserError(
            f"This issue does not carry the label `{context.label}`, so I have nothing to build here. "
            "If it describes a service, set the label: that starts the work."
        )
    return issue


def own_pull(context: Context) -> tuple[Pull, int]:
    """Return the pull request that was commented on, and the issue it belongs to.

    Raises:
        UserError: it is not one of the bot's.
    """
    pull = context.repository.pull(context.request.number)
    issue = issue_of_branch(pull.head_ref)
    # Anybody can call a branch of a fork as ours are called.
    if issue is None or pull.fork:
        raise UserError("This pull request is not one of mine, so I leave it alone. `/help` says what I can do.")
    return pull, issue


def issue_number(context: Context) -> int:
    """Return the issue that the comment is about, be it on the issue or on a pull request of the bot's."""
    return own_pull(context)[1] if context.request.is_pull else context.request.number


def _budget(context: Context) -> Budget:
    """Return the limits that were typed after the command.

    Raises:
        UserError: names every value that is no positive number.
    """
    try:
        return Budget.model_validate(context.options)
    except ValidationError as error:
        wrong = ", ".join(f"`{fault['loc'][0]}={fault['input']}`" for fault in error.errors())
        raise UserError(f"{wrong}: a limit is a number greater than 0. I have done nothing.") from error


def start(context: Context, kind: RunKind, issue: int, doing: str, pull: int | None = None) -> str:
    """Start a run and return the reply: `doing` says in a sentence what it does; or that another one is at work."""
    request = context.request
    wanted = RunRequest(
        repo=request.repo,
        installation=request.installation,
        issue=issue,
        actor=request.actor,
        kind=kind,
        pull=pull,
        delivery=context.delivery,
        budget=_budget(context),
    )
    started = context.runs.start(wanted)
    # Compared by id: after a crash the command is carried out again and finds the run that it started itself.
    if started.run_id != run_id(wanted.repo, issue, wanted.delivery):
        return render("comments/commands/busy.md.j2", issue=issue, progress=context.runs.progress(started.run_id))
    return render("comments/commands/started.md.j2", doing=doing, issue=issue, elsewhere=issue != request.number)
