"""A service that is merged is changed as people say: specification and tests first, by a pull request of its own."""

from __future__ import annotations

from bot.errors import UserError
from bot.generate import interface_changes, with_points
from bot.runs.candidate import Candidate, with_spec
from bot.runs.context import Context
from bot.runs.named import named_service
from bot.runs.plan import Plan, agree
from bot.runs.pull_text import Shown
from bot.runs.revise import other_scenarios, revised
from bot.runs.steps.updates import Changes
from bot.values.progress import Stage
from bot.values.revision import Point


def service_of_issue(context: Context) -> str:
    """Return the slug of the service that an issue has asked for, or names.

    Raises:
        UserError: there is none on the default branch.
    """
    overview = context.overview
    slug = context.pulls.merged_slug() or named_service(overview.issue, overview.services)
    if slug is None:
        raise UserError(f"No service is merged for #{context.request.issue}, so there is nothing to update.")
    return slug


def open_update(context: Context, slug: str, points: tuple[Point, ...]) -> Candidate | None:
    """Change the service on the default branch as the points say, push that as one commit to a branch of its own and
    open the pull request, which says what of the interface changes.

    Returns:
        The candidate; None where nothing has to change, which is said on the issue.

    Raises:
        UserError: the service has changed meanwhile, or the model's answers are of no use.
    """
    journal = context.journal
    before = context.updates.read(slug, with_fixtures=context.config.preflight == "docker")
    # A strategy that has failed is not tried again for other issues; this one works.
    strategy = before.strategy.model_copy(update={"name": f"update of {slug}", "packages": ()})
    journal.described(before.brief.spec, is_update=True)
    journal.planned((strategy,))
    journal.show(Stage.REVISE, f"`{slug}`, as asked")
    # The points stand in the description from here on, so that no fix undoes what they ask for.
    changing = with_spec(before, with_points(before.brief.spec, points))
    if context.config.plan == "approve":
        spec = context.model.respecify(changing.brief.spec, points, "")
        plan = agree(context, Plan(spec, was=before.brief.spec, points=points), context.overview.issue)
        points = plan.points
        outcome = revised(context, changing, points, agreed=plan.spec)
    else:
        outcome = revised(context, changing, points, specification_first=True)
    after = outcome.draft
    was, spec = before.brief.spec, after.brief.spec
    changes = Changes(
        points=points,
        answers=outcome.answers,
        interface=interface_changes(was, spec),
        gone=other_scenarios(was, spec),
        new=other_scenarios(spec, was),
        disputes=outcome.disputes,
        stays=outcome.stays,
    )
    if after.service == before.service:
        marker = f"unchanged:{context.flow.run_id}"
        context.issue.say("unchanged.md.j2", marker, slug=slug, answers=changes.answers, language=spec.language)
        return None
    branch, head = context.updates.push(before, after, changes.summary)
    pull = context.updates.open_pull(changes, Shown(spec, branch, after.service, journal.progress, 0))
    journal.began(0, pull, commits=1)
    return Candidate(after.brief, after.strategy, after.service, 0, pull, head, pushed=True, own=True)
