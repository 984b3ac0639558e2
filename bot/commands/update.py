"""`/update`: change a service that is live as somebody says, by a pull request of its own."""

from __future__ import annotations

from bot.commands.planned import planned
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import latest_pull, own_pull, requested_issue, start
from bot.errors import UserError
from bot.runs.merged import merged_slug
from bot.runs.named import named_service
from bot.sentence import sentence
from bot.values.naming import run_id
from bot.values.revision import Point
from bot.values.run import RunKind


def _update(invocation: Invocation) -> str:
    request = invocation.request
    if not invocation.words:
        raise UserError("Say what shall change, for example `/update make the border optional`.")
    if request.is_pull:
        pull, issue = own_pull(invocation)
        if pull.state == "open":
            raise UserError("This pull request is open: `/revise TEXT` changes it.")
    else:
        issue = requested_issue(invocation).number
    return start_update(invocation, issue, typed(invocation))


def typed(invocation: Invocation) -> Point:
    """Return what was typed after a command as a point."""
    request = invocation.request
    return Point(id=f"comment:{request.key}", author=request.actor, text=invocation.words)


def live_service(invocation: Invocation, issue: int) -> str | None:
    """Return the slug of the merged service that an issue has asked for, or names; None for none."""
    repository = invocation.repository
    slug = merged_slug(repository, issue)
    if slug is None:
        slug = named_service(repository.issue(issue), repository.services(repository.default_branch()))
    return slug


def start_update(invocation: Invocation, issue: int, point: Point) -> str:
    """Start a run that changes the service of an issue, and return the reply.

    Raises:
        UserError: there is none, or a pull request that changes it is open.
    """
    if (plan := planned(invocation, issue)) is not None and plan.is_open:
        raise UserError(
            "Plan %(number)s is not approved yet: `/revise TEXT` changes it. I have started nothing new.",
            number=plan.mark.number,
        )
    # A run at work says so; or it is what this has started, before a crash.
    if not _is_at_work(invocation, issue):
        refuse_while_open(invocation, issue)
        if live_service(invocation, issue) is None:
            raise UserError(
                "No service is merged for #%(issue)s, so there is nothing to update. `/list` shows the live services; "
                "an issue can name one of them on a line of its own: `service: NAME`.",
                issue=issue,
            )
    doing = sentence("I change the live service as you say, by a pull request of its own.")
    return start(invocation, RunKind.UPDATE, issue, doing, points=(point,))


def refuse_while_open(invocation: Invocation, issue: int) -> None:
    """Go on only where no pull request of the issue's last run is open.

    Raises:
        UserError: one is; the text says what can be done with it.
    """
    pull = latest_pull(invocation, issue)
    if pull is not None:
        raise UserError(
            "#%(number)s is open: `/revise TEXT` changes it, `/retry` on it makes more fixes, `/deploy` on it "
            "merges it when it is green. For a fresh start close it first. I have done nothing.",
            number=pull.number,
        )


def _is_at_work(invocation: Invocation, issue: int) -> bool:
    """Return whether a run is at work on an issue, and does not only wait for people."""
    repo = invocation.request.repo
    active = invocation.runs.active(repo, issue)
    progress = invocation.runs.progress(active) if active else None
    own = run_id(repo, issue, invocation.delivery)
    return active is not None and (active == own or progress is None or not progress.stage.is_end)


COMMAND = Command(
    name="update",
    help=sentence("Change the live service by a pull request, specification and tests first."),
    example="/update TEXT",
    places=(Place.ISSUE, Place.PULL),
    words=True,
    action=_update,
)
