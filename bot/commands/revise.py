"""`/revise`: change an open pull request of the bot's as somebody says; also a sentence that begins with its name."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import latest_pull, open_pull, own_pull, requested_issue, revise
from bot.commands.update import live_service, said, start_update
from bot.errors import UserError
from bot.values.progress import Stage

_EXAMPLE = "`/revise make the border optional`"
_NOTHING_OPEN = (
    "There is no open pull request to change. Edit the description of this issue, or give a hint: `/retry HINT`."
)


def _revise(invocation: Invocation) -> str:
    request = invocation.request
    if not invocation.words:
        raise UserError(f"Say what shall change, for example {_EXAMPLE}.")
    if request.is_pull:
        pull, issue = own_pull(invocation)
        if pull.merged:
            return start_update(invocation, issue, said(invocation))
        open_pull(pull, issue)
    else:
        issue = requested_issue(invocation).number
        active = invocation.runs.active(request.repo, issue)
        progress = invocation.runs.progress(active) if active else None
        if progress is not None and progress.stage is Stage.CLARIFY:
            return "I take this as your answer."
        found = latest_pull(invocation, issue)
        if found is None and (active or live_service(invocation, issue)):
            return start_update(invocation, issue, said(invocation))
        if found is None:
            raise UserError(_NOTHING_OPEN)
        pull = found
    return revise(invocation, issue, pull.number, said(invocation))


COMMAND = Command(
    name="revise",
    help="Change the open pull request as you say. `@gptdeploy TEXT` changes it, or what is live.",
    example="/revise TEXT",
    places=(Place.ISSUE, Place.PULL),
    words=True,
    action=_revise,
)
