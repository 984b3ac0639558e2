"""`/preview`: run a green pull request beside what is live, so that it can be tried before it is merged."""

from __future__ import annotations

from bot.commands.operating import operate
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import own_pull
from bot.errors import UserError
from bot.runs.merged import slug_at
from bot.values.github import Pull
from bot.values.naming import BUILD_WORKFLOW, issue_branches
from bot.values.operation import Operation


def _preview(invocation: Invocation) -> str:
    if invocation.request.is_pull:
        pull, issue = own_pull(invocation)
    else:
        issue = invocation.request.number
        pull = _only_open_pull(invocation, issue)
    _refuse_ended(pull)
    _refuse_unless_green(invocation, pull)
    slug = slug_at(invocation.repository, issue, pull.head_sha)
    if slug is None:
        raise UserError(f"{_short(pull)} holds no service of #{issue}, so there is nothing to run.")
    doing = f"run `{slug}` as #{pull.number} has it at {_short(pull)}, beside what is live"
    return operate(invocation, Operation.PREVIEW, doing, slug, pull.head_sha, pull.number)


def _only_open_pull(invocation: Invocation, issue: int) -> Pull:
    """Return the open pull request of an issue.

    Raises:
        UserError: there is none, or there are several.
    """
    repository = invocation.repository
    found = (repository.find_pull(branch) for branch in repository.branches(issue_branches(issue)))
    pulls = sorted({pull.number: pull for pull in found if pull is not None and pull.state == "open"}.items())
    if not pulls:
        raise UserError(f"No pull request of #{issue} is open, so there is nothing to try before it is merged.")
    if len(pulls) > 1:
        numbers = ", ".join(f"#{number}" for number, _ in pulls)
        raise UserError(f"{numbers} are open: type `/preview` on the one that you want to try.")
    return pulls[0][1]


def _refuse_ended(pull: Pull) -> None:
    if pull.merged:
        raise UserError(f"#{pull.number} is merged, so it is no preview any more: `/list` shows what is live.")
    if pull.state == "closed":
        raise UserError(f"#{pull.number} is closed. `/retry` on it opens it again; `/preview` works once it is green.")


def _refuse_unless_green(invocation: Invocation, pull: Pull) -> None:
    """Go on only with a commit whose build is green.

    Raises:
        UserError: it is not; the text says what can be done.
    """
    built = invocation.repository.workflow_run(BUILD_WORKFLOW, pull.head_sha)
    if built is None:
        raise UserError(f"{_short(pull)} has not been built yet. Type `/preview` again once it is green.")
    build = f"[The build]({built.url}) of {_short(pull)}"
    if not built.done:
        raise UserError(f"{build} has not ended yet. Type `/preview` again once it is green.")
    if not built.green:
        raise UserError(
            f"{build} is not green, so there is nothing to try. `/retry` on #{pull.number} makes more fixes, "
            "`/revise TEXT` changes it; then type `/preview` again."
        )


def _short(pull: Pull) -> str:
    return pull.head_sha[:7]


COMMAND = Command(
    name="preview",
    help="Run a green pull request beside what is live.",
    example="/preview",
    places=(Place.ISSUE, Place.PULL),
    action=_preview,
)
