"""A service that is merged is changed as people say: specification and tests first, by a pull request of its own."""

from __future__ import annotations

from bot.clients.llm import ModelError
from bot.errors import UserError
from bot.generate import interface_changes, with_points
from bot.runs.candidate import Candidate, Draft, with_spec
from bot.runs.context import Context
from bot.runs.named import named_service
from bot.runs.plan import Plan, agree
from bot.runs.pull_text import Shown
from bot.runs.revise import Outcome, other_scenarios, revised, unmet
from bot.runs.steps.updates import Changes
from bot.sentence import sentence
from bot.values.progress import Stage
from bot.values.revision import Point
from bot.values.service import Spec


def service_of_issue(context: Context) -> str:
    """Return the slug of the service that an issue has asked for, or names.

    Raises:
        UserError: there is none on the default branch.
    """
    overview = context.overview
    slug = context.pulls.merged_slug() or named_service(overview.issue, overview.services)
    if slug is None:
        raise UserError(
            "No service is merged for #%(issue)s, so there is nothing to update.", issue=context.request.issue
        )
    return slug


def open_update(context: Context, slug: str, points: tuple[Point, ...]) -> Candidate | None:
    """Change the service on the default branch as the points say, push that as one commit to a branch of its own and
    open the pull request, which says what of the interface changes.

    Returns:
        The candidate; None where nothing has to change, which is said on the issue.

    Raises:
        UserError: the service has changed meanwhile.
    """
    journal = context.journal
    before = context.updates.read(slug, with_fixtures=context.config.preflight == "docker")
    # A strategy that has failed is not tried again for other issues; this one works.
    strategy = before.strategy.model_copy(update={"name": f"update of {slug}", "packages": ()})
    journal.described(before.brief.spec, is_update=True)
    journal.planned((strategy,))
    journal.show(Stage.REVISE, sentence("`%(slug)s`, as asked", slug=slug))
    # The points stand in the description from here on, so that no fix undoes what they ask for.
    changing = with_spec(before, with_points(before.brief.spec, points))
    points, outcome = _outcome(context, changing, before.brief.spec, points)
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
    opened_at = context.flow.done_at
    journal.began(0, pull, commits=1)
    return Candidate(after.brief, after.strategy, after.service, 0, pull, head, opened_at, own=True)


def _outcome(
    context: Context, changing: Draft, was: Spec, points: tuple[Point, ...]
) -> tuple[tuple[Point, ...], Outcome[Draft]]:
    """Return what people have asked for in the end, and what becomes of the service by it; with their approval first,
    where the settings ask for a plan.

    Args:
        was: what the live service is.
    """
    if context.config.plan != "approve":
        return points, revised(context, changing, points, specification_first=True)
    try:
        spec = context.model.respecify(changing.brief.spec, points, "")
    except ModelError as error:
        return points, Outcome(changing, unmet(points, error, changing.brief.spec.language))
    plan = agree(context, Plan(spec, was=was, points=points), context.overview.issue)
    return plan.points, revised(context, changing, plan.points, agreed=plan.spec)
