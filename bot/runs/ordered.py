"""Green pull requests that a person wants merged, and what is merged that a person wants deployed again."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import UserError
from bot.runs.adopted import adopt
from bot.runs.build_change import build_change
from bot.runs.context import Context
from bot.runs.delivery import see_live
from bot.runs.past import beside, chosen_before
from bot.runs.picks import decision_of, tell_not_picked, tell_overruled
from bot.sentence import sentence
from bot.values.github import Pull, WorkflowRun
from bot.values.naming import BUILD_WORKFLOW, DEPLOY_WORKFLOW
from bot.values.progress import Stage


def pick(context: Context, number: int) -> None:
    """Merge and deploy the green pull request that a person has picked, and close the others of its issue."""
    pull = context.pulls.read(number)
    if pull.state == "open" and (built := _green_build(context, pull)) is not None:
        _deliver_green(context, pull, built)
        return
    context.journal.note(Stage.STOPPED, sentence("#%(number)s cannot be merged", number=number))
    tell_not_picked(context, context.request)


def deploy_again(context: Context, number: int | None) -> None:
    """Merge a green pull request and deploy it; or deploy again what is merged."""
    pulls = [context.pulls.read(number)] if number is not None else context.pulls.open_pulls()
    builds = [(pull, _green_build(context, pull)) for pull in pulls if pull.state == "open"]
    green = [(pull, built) for pull, built in builds if built is not None]
    if len(green) > 1:
        raise UserError("Several pull requests are green: `/deploy` on one of them merges that, and so does `/pick`.")
    if green:
        _deliver_green(context, *green[0])
        return
    slug = context.pulls.merged_slug()
    if slug is None:
        raise _nothing_to_deploy(pulls)
    context.journal.show(Stage.DEPLOY, sentence("again, as merged: %(slug)s", slug=slug), slug=slug)
    sha = context.builds.default_head()
    before = context.builds.workflow_run(DEPLOY_WORKFLOW, sha)
    context.builds.dispatch_deploy(slug, context.watch)
    see_live(context, slug, sha, after=before.id if before is not None else 0)


def _deliver_green(context: Context, pull: Pull, built: WorkflowRun) -> None:
    """Merge and deploy a green pull request as a person says, and close the others of its issue."""
    candidate, actor = adopt(context, pull), context.request.actor
    context.journal.picked(actor, pull.number)
    context.checks.report(candidate, built)
    if records := beside(context, pull.number):
        context.journal.took_over(records)
        candidate = replace(candidate, index=[record.pull for record in records].index(pull.number))
    earlier = chosen_before(context)
    if earlier is not None and earlier.pull != pull.number:
        tell_overruled(context, earlier, actor, candidate)
    build_change(context, candidate, green=True, decision=decision_of(context.request, candidate))


def _green_build(context: Context, pull: Pull) -> WorkflowRun | None:
    built = context.builds.workflow_run(BUILD_WORKFLOW, pull.head_sha)
    return built if built is not None and built.green else None


def _nothing_to_deploy(pulls: list[Pull]) -> UserError:
    if any(pull.state == "open" for pull in pulls):
        return UserError(
            "There is nothing to deploy yet: the pull request is not green. `/retry` on it makes more fixes."
        )
    return UserError(
        "There is nothing to deploy: no green pull request and nothing merged. `/retry` tries fresh strategies."
    )
