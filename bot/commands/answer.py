"""Carry out the commands of a comment, one after the other, and reply once."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.commands import COMMANDS
from bot.commands.registry import Command, Invocation, Place, Repository
from bot.config import DEFAULT_LABEL
from bot.errors import UserError
from bot.render import comment, render
from bot.runs import Runs
from bot.runs.durable.flow import Flow
from bot.runs.world import World
from bot.values.command import Call, CommandRequest, Unknown

log = logging.getLogger(__name__)


def answer(flow: Flow, world: World, runs: Runs, request: CommandRequest) -> None:
    """Carry out the commands of a comment and reply with one comment."""
    repository = world.github.repository(request.repo, request.installation)
    reply = flow.step("carry out", lambda: carry_out(request, repository, runs, world.label), returns=str)
    marker = f"reply:{request.comment_id}"
    body = comment("reply.md.j2", marker, text=reply)
    flow.step("reply", lambda: repository.comment_once(request.number, marker, body), returns=str)


def carry_out(request: CommandRequest, repository: Repository, runs: Runs, label: str = DEFAULT_LABEL) -> str:
    """Carry out the commands of a comment, in order, and return the reply's Markdown.

    Every command gets an answer, also an unknown one and one whose author has no access. Safe to repeat after a crash.

    Args:
        label: what makes an issue a request for a service.

    Raises:
        TransientError: GitHub did not answer; the whole comment can be tried again.
    """
    try:
        repository.react("eyes", comment=request.comment_id)
    except UserError as error:
        # The comment may be deleted by now; its commands are carried out nevertheless.
        log.warning("no reaction to comment %s: %s", request.comment_id, error)
    deliveries = [
        f"{request.delivery}/{number}" if number else request.delivery for number in range(len(request.calls))
    ]
    answers = []
    for number, call in enumerate(request.calls):
        invocation = Invocation(
            request, repository, runs, COMMANDS, label, deliveries[number], tuple(deliveries[number + 1 :])
        )
        answers.append((call.name, _answer_to(call, invocation)))
    return render("comments/commands/replies.md.j2", answers=answers).strip()


def _answer_to(call: Call | Unknown, invocation: Invocation) -> str:
    try:
        if isinstance(call, Unknown):
            return render("comments/commands/unknown.md.j2", call=call, table=invocation.registry.table()).strip()
        command = invocation.registry[call.name]
        return command.action(replace(invocation, options=_options(command, call, invocation))).strip()
    except UserError as error:
        return str(error)


def _options(command: Command, call: Call, invocation: Invocation) -> dict[str, str]:
    """Return the options that were typed.

    Raises:
        UserError: the command takes no such options, does not work in this place, or its author lacks the access.
    """
    words = [word if "=" in word else f"{command.word}={word}" for word in call.arguments.split()]
    pairs = [word.partition("=") for word in words]
    options = {name: value for name, _, value in pairs}
    # A guess at "/deploy not yet" would do what its author does not want.
    fits = options.keys() <= set(command.options) and all(options.values()) and len(options) == len(pairs)
    if command.options and not fits:
        takes = ", ".join(f"`{name}=...`" for name in command.options)
        raise UserError(f"After `/{command.name}` I understand only {takes}, so I have done nothing.")
    if call.arguments and not command.options:
        raise UserError(
            f"`/{command.name}` must stand alone on its line, so I have done nothing. "
            f"Type just `{command.example}` if you mean it."
        )
    here = Place.PULL if invocation.request.is_pull else Place.ISSUE
    if here not in command.places:
        there = " or ".join(f"{place.article} {place}" for place in command.places)
        raise UserError(f"`/{command.name}` works on {there}, not on {here.article} {here}.")
    if command.anyone:
        return options
    access = invocation.repository.permission(invocation.request.actor)
    if access not in ("write", "admin"):
        raise UserError(
            render("comments/commands/refused.md.j2", actor=invocation.request.actor, name=command.name, access=access)
        )
    return options
