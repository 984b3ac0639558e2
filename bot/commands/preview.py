"""`/preview`: run a green pull request beside what is live, so that it can be tried before it is merged."""

from __future__ import annotations

from bot.commands.operating import operate
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import own_pull
from bot.errors import UserError
from bot.runs.merged import slug_at
from bot.sentence import joined, phrase, sentence
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
        raise UserError(
            "%(commit)s holds no service of #%(issue)s, so there is nothing to run.", commit=_short(pull), issue=issue
        )
    doing = sentence(
        "I run `%(slug)s` as #%(pull)s has it at %(commit)s, beside what is live.",
        slug=slug,
        pull=pull.number,
        commit=_short(pull),
    )
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
        raise UserError(
            "No pull request of #%(issue)s is open, so there is nothing to try before it is merged.", issue=issue
        )
    if len(pulls) > 1:
        numbers = joined([phrase("#%(number)s", number=number) for number, _ in pulls], ", ")
        raise UserError("%(numbers)s are open: type `/preview` on the one that you want to try.", numbers=numbers)
    return pulls[0][1]


def _refuse_ended(pull: Pull) -> None:
    if pull.merged:
        raise UserError(
            "#%(number)s is merged, so it is no preview any more: `/list` shows what is live.", number=pull.number
        )
    if pull.state == "closed":
        raise UserError(
            "#%(number)s is closed. `/retry` on it opens it again; `/preview` works once it is green.",
            number=pull.number,
        )


def _refuse_unless_green(invocation: Invocation, pull: Pull) -> None:
    """Go on only with a commit whose build is green.

    Raises:
        UserError: it is not; the text says what can be done.
    """
    built = invocation.repository.workflow_run(BUILD_WORKFLOW, pull.head_sha)
    if built is None:
        raise UserError(
            "%(commit)s has not been built yet. Type `/preview` again once it is green.", commit=_short(pull)
        )
    if not built.done:
        raise UserError(
            "[The build](%(url)s) of %(commit)s has not ended yet. Type `/preview` again once it is green.",
            url=built.url,
            commit=_short(pull),
        )
    if not built.green:
        raise UserError(
            "[The build](%(url)s) of %(commit)s is not green, so there is nothing to try. `/retry` on #%(number)s "
            "makes more fixes, `/revise TEXT` changes it; then type `/preview` again.",
            url=built.url,
            commit=_short(pull),
            number=pull.number,
        )


def _short(pull: Pull) -> str:
    return pull.head_sha[:7]


COMMAND = Command(
    name="preview",
    help=sentence("Run a green pull request beside what is live."),
    example="/preview",
    places=(Place.ISSUE, Place.PULL),
    action=_preview,
)
