"""`/revise`: change a plan or an open pull request as somebody says; a sentence to the bot by its name is the same."""

from __future__ import annotations

from bot.commands.planned import planned
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import (
    ask,
    latest_pull,
    open_pull,
    own_pull,
    progress_at_work,
    requested_issue,
    revise,
)
from bot.commands.update import live_service, start_update, typed
from bot.errors import UserError
from bot.render import said
from bot.sentence import sentence
from bot.values.github import WRITERS
from bot.values.progress import Stage


def _revise(invocation: Invocation) -> str:
    request = invocation.request
    if not invocation.words:
        raise UserError("Say what shall change, for example `/revise make the border optional`.")
    if request.is_pull:
        pull, issue = own_pull(invocation)
        if pull.merged:
            return start_update(invocation, issue, typed(invocation))
        open_pull(pull, issue)
    else:
        issue = requested_issue(invocation).number
        if _answers(invocation):
            # What is a command wakes no run by itself.
            invocation.runs.signal(request.repo, issue)
            return said(sentence("I take this as your answer."), invocation.language)
        active = invocation.runs.active(request.repo, issue)
        progress = progress_at_work(invocation, issue)
        if (plan := planned(invocation, issue)) is not None and plan.is_open:
            return _revise_plan(invocation, issue)
        if progress is not None and progress.side_by_side:
            raise UserError(
                "Several strategies are at work. Say it on the pull request that shall change. I have done nothing."
            )
        found = latest_pull(invocation, issue)
        if found is None and (active or live_service(invocation, issue)):
            return start_update(invocation, issue, typed(invocation))
        if found is None:
            raise UserError(
                "There is no open pull request to change. Edit the description of this issue, or give a hint: "
                "`/retry HINT`."
            )
        pull = found
    return revise(invocation, issue, pull.number, typed(invocation))


def _answers(invocation: Invocation) -> bool:
    """Return whether a comment on an issue answers what its run asks, or has asked: of anybody whom the run hears."""
    request = invocation.request
    progress = None if request.is_pull else invocation.runs.latest(request.repo, request.number)
    # No bot's comment is an answer.
    if progress is None or not invocation.words or request.by_bot:
        return False
    if progress.stage is not Stage.CLARIFY:
        return request.comment_id in progress.answers
    author = invocation.repository.issue(request.number).author
    return request.actor == author or invocation.repository.permission(request.actor) in WRITERS


def _revise_plan(invocation: Invocation, issue: int) -> str:
    """Have the run at work change its plan, and return the reply."""
    ask(invocation, issue, None, typed(invocation))
    changed = sentence("I change the plan as you say, and post what comes of it; that needs an approval of its own.")
    return said(changed, invocation.language)


COMMAND = Command(
    name="revise",
    help=sentence("Change the plan, the open pull request, or what is live; so does `@gptdeploy TEXT`."),
    example="/revise TEXT",
    places=(Place.ISSUE, Place.PULL),
    words=True,
    free=_answers,
    action=_revise,
)
