"""Carry out a comment: what it asks for, then the reply."""

from __future__ import annotations

import logging

from bot.commands import execute
from bot.progress import CommandRequest
from bot.render import comment
from bot.runs import Runs
from bot.workflows.engine import Flow
from bot.workflows.steps import World

log = logging.getLogger(__name__)


def answer(flow: Flow, world: World, runs: Runs, request: CommandRequest) -> None:
    """Carry out the commands of a comment and reply once; a comment without a command gets no reply."""
    repository = world.github.repository(request.repo, request.installation)
    reply = flow.step("carry out", lambda: execute(request, repository, runs, world.label), returns=str | None)
    if reply is None:
        return
    marker = f"reply:{request.comment_id}"
    body = comment("reply.md.j2", marker, text=reply)
    flow.step("reply", lambda: repository.comment_once(request.number, marker, body), returns=str)
