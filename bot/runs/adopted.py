"""A pull request that no run is at work on: taken over as it is, and what people have done to it meanwhile."""

from __future__ import annotations

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.delivery import finish
from bot.runs.others import is_merged
from bot.sentence import sentence
from bot.values.github import Pull
from bot.values.naming import is_update_branch
from bot.values.progress import Stage


def adopt(context: Context, pull: Pull) -> Candidate:
    """Take a pull request as it is on GitHub as the run's only strategy."""
    with_fixtures = context.config.preflight == "docker"
    brief, strategy, service = context.pulls.read_branch(pull, with_fixtures=with_fixtures)
    context.journal.described(brief.spec, is_update=is_update_branch(pull.head_ref))
    context.journal.planned((strategy,))
    context.journal.began(0, pull, commits=0)
    return Candidate(brief, strategy, service, 0, pull, pull.head_sha, pushed_at=None)


def see_closed(context: Context, number: int) -> None:
    """See the deployment of a pull request through that somebody else has merged; or stop, where it is only closed.

    Raises:
        Ended: it is only closed.
    """
    pull = context.pulls.read(number)
    candidate = context.watch.candidate = adopt(context, pull)
    if pull.merge_sha is not None:
        finish(context, candidate, pull.merge_sha, why=is_merged(candidate))
        return
    context.watch.look()
    # Somebody has opened it again meanwhile, of which another delivery tells.
    context.journal.show(Stage.WAITING, sentence("#%(number)s stays as it is", number=number))


def may_go_on(context: Context, number: int) -> bool:
    """Return whether a pull request that somebody has opened again shall be worked on; say so where it shall not."""
    if context.issue.may_ask():
        return True
    adopt(context, context.pulls.read(number))
    context.journal.show(Stage.WAITING, sentence("#%(number)s is open again; `/retry` on it goes on", number=number))
    return False
