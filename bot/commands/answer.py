"""Carry out a comment: what it asks for, then the reply."""

from __future__ import annotations

from bot.clients.github.client import Repository
from bot.commands import execute
from bot.render import comment
from bot.runs.durable.flow import Flow
from bot.runs.steps.issue import World
from bot.runs.store import Runs
from bot.values.naming import issue_of_branch
from bot.values.run import CommandRequest, Progress, Stage


def answer(flow: Flow, world: World, runs: Runs, request: CommandRequest) -> None:
    """Carry out the commands of a comment and reply once; a comment without a command gets no reply."""
    repository = world.github.repository(request.repo, request.installation)
    reply = flow.step("carry out", lambda: execute(request, repository, runs, world.label), returns=str | None)
    if reply is None:
        return
    marker = f"reply:{request.comment_id}"
    body = comment("reply.md.j2", marker, text=reply)
    flow.step("reply", lambda: repository.comment_once(request.number, marker, body), returns=str)
    if "/stop" in request.body:
        flow.step("show that it stopped", lambda: _show_stopped(repository, runs, request), returns=None)


def _show_stopped(repository: Repository, runs: Runs, request: CommandRequest) -> None:
    """Bring the status comment up to date: a run that was stopped can no longer do it itself."""
    progress = _latest(repository, runs, request)
    if progress is None or progress.stage is not Stage.STOPPED:
        return
    marker = f"status:{progress.issue}"
    repository.upsert_comment(progress.issue, marker, comment("status.md.j2", marker, progress=progress))


def _latest(repository: Repository, runs: Runs, request: CommandRequest) -> Progress | None:
    issue = issue_of_branch(repository.pull(request.number).head_ref) if request.is_pull else request.number
    return runs.latest(request.repo, issue) if issue is not None else None
