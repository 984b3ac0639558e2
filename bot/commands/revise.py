"""`/revise`: change an open pull request of the bot's as somebody says; also a sentence that begins with its name."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import open_pull, own_pull, requested_issue, revise
from bot.errors import UserError
from bot.values.github import Pull
from bot.values.progress import Stage
from bot.values.revision import Point

_EXAMPLE = "`/revise make the border optional`"


def _revise(invocation: Invocation) -> str:
    request = invocation.request
    if not invocation.words:
        raise UserError(f"Say what shall change, for example {_EXAMPLE}.")
    if request.is_pull:
        pull, issue = own_pull(invocation)
        open_pull(pull, issue)
    else:
        issue = requested_issue(invocation).number
        active = invocation.runs.active(request.repo, issue)
        progress = invocation.runs.progress(active) if active else None
        if progress is not None and progress.stage is Stage.CLARIFY:
            return "I take this as your answer."
        pull = _latest_pull(invocation, issue)
    point = Point(id=f"comment:{request.comment_id}", author=request.actor, text=invocation.words)
    return revise(invocation, issue, pull.number, point)


def _latest_pull(invocation: Invocation, issue: int) -> Pull:
    """Return the open pull request of the issue's last run.

    Raises:
        UserError: there is none.
    """
    progress = invocation.runs.latest(invocation.request.repo, issue)
    for record in reversed(progress.strategies if progress else ()):
        if record.pull is not None and (pull := invocation.repository.pull(record.pull)).state == "open":
            return pull
    raise UserError(
        "There is no open pull request to change. Edit the description of this issue, or give a hint: `/retry HINT`."
    )


COMMAND = Command(
    name="revise",
    help="Change the open pull request as you say. `@gptdeploy TEXT`, by the App's name, is the same.",
    example="/revise TEXT",
    places=(Place.ISSUE, Place.PULL),
    words=True,
    action=_revise,
)
