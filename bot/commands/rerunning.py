"""The button "Re-run" of the bot's check run: the build runs again, and it goes on as after `/retry`."""

from __future__ import annotations

from typing import Literal, Protocol

from bot.commands.retry import refuse_merged
from bot.commands.starting import begin, issue_of
from bot.errors import UserError
from bot.guard.text import WithIssues
from bot.render import render, said
from bot.runs import Runs
from bot.runs.history import language_of
from bot.sentence import sentence
from bot.values.command import Reply, RerunRequest
from bot.values.github import WRITERS, Pull
from bot.values.run import RunKind, RunRequest


class BuiltRepository(WithIssues, Protocol):
    """What the button needs of `bot.clients.github.Repository`."""

    def pull(self, n: int, /) -> Pull: ...

    def permission(self, login: str) -> Literal["admin", "write", "read", "none"]: ...


def rerun(request: RerunRequest, repository: BuiltRepository, runs: Runs) -> Reply:
    """Have the build of a pull request of the bot's run again, and return what is said to it. Safe to repeat.

    Raises:
        TransientError: GitHub did not answer.
    """
    pull = repository.pull(request.number)
    issue = issue_of(pull)
    if issue is None:
        return Reply()
    language = language_of(runs, repository, request.repo, issue)
    access = "write" if request.by_bot else repository.permission(request.actor)
    if access not in WRITERS:
        text = render("comments/commands/refused_rerun.md.j2", language, actor=request.actor, access=access)
        return Reply(marker=f"refused-rerun:{request.actor}", text=text)
    wanted = RunRequest(
        repo=request.repo,
        installation=request.installation,
        issue=issue,
        actor=request.actor,
        kind=RunKind.RETRY_PULL,
        pull=pull.number,
        delivery=request.delivery,
        rebuild=True,
    )
    try:
        refuse_merged(pull, issue)
        doing = sentence("I build this branch again, and go on from there.")
        text = begin(runs, wanted, doing, elsewhere=True, language=language)
    except UserError as error:
        text = said(error, language)
    return Reply(marker=f"rerun:{request.delivery}", text=text)
