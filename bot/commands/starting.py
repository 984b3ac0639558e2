"""What several commands share: find the issue or pull request that is meant, and start a run."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from bot.commands.registry import Invocation
from bot.errors import UserError
from bot.render import render
from bot.runs import Runs, Started
from bot.runs.invitation import drop_plan
from bot.sentence import Sentence, sentence
from bot.values.cost import Budget
from bot.values.form import is_by_form
from bot.values.github import Issue, Pull
from bot.values.naming import issue_of_branch, run_id
from bot.values.progress import Progress, Stage
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest


def requested_issue(invocation: Invocation) -> Issue:
    """Return the issue that was commented on: one with the label, or by the form.

    Raises:
        UserError: it does not ask for a service.
    """
    issue = invocation.repository.issue(invocation.request.number)
    if not has_label(invocation, issue) and not is_by_form(issue.body):
        raise UserError(
            "This issue does not carry the label `%(label)s`, so I have nothing to build here. "
            "If it describes a service, set the label: that starts the work.",
            label=invocation.label,
        )
    return issue


def has_label(invocation: Invocation, issue: Issue) -> bool:
    """Return whether an issue carries the label that asks for a service."""
    return invocation.label.casefold() in {label.casefold() for label in issue.labels}


def own_pull(invocation: Invocation) -> tuple[Pull, int]:
    """Return the pull request that was commented on, and the issue it belongs to.

    Raises:
        UserError: it is not one of the bot's.
    """
    pull = invocation.repository.pull(invocation.request.number)
    issue = issue_of(pull)
    if issue is None:
        raise UserError("This pull request is not one of mine, so I leave it alone. `/help` says what I can do.")
    return pull, issue


def latest_pull(invocation: Invocation, issue: int) -> Pull | None:
    """Return the open pull request of the issue's last run, or None."""
    progress = invocation.runs.latest(invocation.request.repo, issue)
    for record in reversed(progress.strategies if progress else ()):
        if record.pull is not None and (pull := invocation.repository.pull(record.pull)).state == "open":
            return pull
    return None


def progress_at_work(invocation: Invocation, issue: int) -> Progress | None:
    """Return how far the run at work on an issue is; None where there is none, or it has just begun."""
    active = invocation.runs.active(invocation.request.repo, issue)
    return invocation.runs.progress(active) if active else None


def no_such_strategy(typed: str, there: int) -> Sentence:
    """Return that the last run had no strategy of that number, but `there`."""
    if not there:
        return sentence("There is no strategy %(typed)s: no run has had any so far. I have done nothing.", typed=typed)
    return sentence(
        "There is no strategy %(typed)s: the last run had %(there)s. I have done nothing.", typed=typed, there=there
    )


def issue_of(pull: Pull) -> int | None:
    """Return the issue that a pull request of the bot's belongs to; None for anybody else's."""
    # A branch of a fork may have any name, also one like the bot's branches.
    return None if pull.fork else issue_of_branch(pull.head_ref)


def issue_number(invocation: Invocation) -> int:
    """Return the issue that the comment is about, be it on the issue or on a pull request of the bot's."""
    return own_pull(invocation)[1] if invocation.request.is_pull else invocation.request.number


def whole_number(invocation: Invocation, name: str) -> str:
    """Return the digits of an option, or "" where it was not given.

    Raises:
        UserError: it is no whole number from 1 on.
    """
    value = invocation.options.get(name, "")
    if value and not (value.isascii() and value.isdecimal() and 0 < int(value) < 10_000):
        raise UserError(
            "`%(value)s`: `%(name)s` is a whole number, 1 or more. I have done nothing.", value=value, name=name
        )
    return value


def _budget(invocation: Invocation) -> Budget:
    """Return the limits that were typed after the command.

    Raises:
        UserError: names every value that is no positive number.
    """
    try:
        return Budget.model_validate({k: v for k, v in invocation.options.items() if k in Budget.model_fields})
    except ValidationError as error:
        wrong = ", ".join(f"`{fault['loc'][0]}={fault['input']}`" for fault in error.errors())
        raise UserError("%(wrong)s: a limit is a number greater than 0. I have done nothing.", wrong=wrong) from error


def open_pull(pull: Pull, issue: int) -> Pull:
    """Return a pull request that can still be changed.

    Raises:
        UserError: it is merged or closed.
    """
    if pull.merged:
        raise UserError("This pull request is merged. `/update TEXT` on #%(issue)s changes what is live.", issue=issue)
    if pull.state == "closed":
        raise UserError("This pull request is closed. `/retry HINT` opens it again and goes on with it.")
    return pull


def revise(invocation: Invocation, issue: int, pull: int, point: Point) -> str:
    """Have a pull request changed as a point says, and return the reply."""
    request = invocation.request
    started = ask(invocation, issue, pull, point)
    if not started.new:
        progress = invocation.runs.progress(started.run_id)
        return invocation.says("queued", issue=issue, pull=pull, progress=progress)
    doing = sentence("I change #%(pull)s as you say, and reply there.", pull=pull)
    return invocation.says("started", doing=doing, issue=issue, elsewhere=issue != request.number)


def ask(invocation: Invocation, issue: int, pull: int | None, point: Point) -> Started:
    """Have a pull request, or the plan of the run at work, changed as a point says; return the run that does it."""
    return invocation.runs.revise(wanted(invocation, RunKind.REVISE, issue, pull, points=(point,)))


def join(invocation: Invocation, kind: RunKind, issue: int, doing: Sentence, pull: int | None, **what: Any) -> str:
    """Have the run at work do something with one of its pull requests, and return the reply.

    Where that run ends without it, a run of its own does it.

    Args:
        doing: a sentence that says what is done.
        what: further attributes of `RunRequest`.
    """
    invocation.runs.revise(wanted(invocation, kind, issue, pull, **what))
    elsewhere = issue != invocation.request.number
    return invocation.says("started", doing=doing, issue=issue, elsewhere=elsewhere)


def start(
    invocation: Invocation, kind: RunKind, issue: int, doing: Sentence, pull: int | None = None, **what: Any
) -> str:
    """Start a run, unless another one is at work on the issue, and return the reply.

    Args:
        doing: a sentence that says what the run does.
        what: further attributes of `RunRequest`.
    """
    request = wanted(invocation, kind, issue, pull, budget=_budget(invocation), **what)
    elsewhere = issue != invocation.request.number
    at_work = invocation.runs.active(request.repo, issue)
    reply = begin(invocation.runs, request, doing, elsewhere=elsewhere, language=invocation.language)
    if at_work is not None and (progress := invocation.runs.progress(at_work)) and progress.stage is Stage.STOPPED:
        drop_plan(invocation.repository, progress)
    return reply


def wanted(invocation: Invocation, kind: RunKind, issue: int, pull: int | None = None, **what: Any) -> RunRequest:
    """Return what a run is asked for by a comment.

    Args:
        what: further attributes of `RunRequest`.
    """
    request = invocation.request
    return RunRequest(
        repo=request.repo,
        installation=request.installation,
        issue=issue,
        actor=request.actor,
        kind=kind,
        pull=pull,
        delivery=invocation.delivery,
        seen="" if request.is_pull else request.seen,
        at="" if request.is_pull else request.at,
        **what,
    )


def begin(runs: Runs, request: RunRequest, doing: Sentence, *, elsewhere: bool, language: str) -> str:
    """Start a run, unless another one is at work on the issue, and return the reply.

    Args:
        doing: a sentence that says what the run does.
        elsewhere: the reply is not on the issue.
    """
    issue, own = request.issue, run_id(request.repo, request.issue, request.delivery)
    started = runs.start(request)
    if started.run_id != own and _waits(runs.progress(started.run_id), request.kind):
        # It does nothing but wait for people, and this is what one of them wants now.
        runs.stop(started.run_id)
        started = runs.start(request)
    # After a crash the command is carried out again and finds the run that it has started itself; it has this id.
    if started.run_id != own:
        progress = runs.progress(started.run_id)
        return render("comments/commands/busy.md.j2", language, issue=issue, progress=progress).strip()
    return render("comments/commands/started.md.j2", language, doing=doing, issue=issue, elsewhere=elsewhere).strip()


def _waits(progress: Progress | None, kind: RunKind) -> bool:
    """Return whether a run waits for people so that another one of a kind may take its place."""
    if progress is None:
        return False
    # Only who begins anew wants the plan gone.
    return progress.stage is Stage.WAITING or (progress.stage is Stage.PLAN and kind is RunKind.RETRY)
