"""A pull request that is changed as people say: suggestions by code, the rest by the model, the specification first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from bot.clients.llm import ModelError
from bot.errors import UserError
from bot.generate import AS_SUGGESTED, RevisionRequest, interface_changes, with_points, with_suggestions
from bot.generate.draft import interface_source
from bot.generate.files import read_service
from bot.render import said
from bot.runs.candidate import Candidate, Change, Draft, with_spec
from bot.runs.context import Context
from bot.runs.points import is_of_review, is_on_lines
from bot.runs.strategy import reviewed
from bot.sentence import sentence
from bot.values.naming import DESCRIPTION, DOCKERFILE, is_update_branch, service_folder
from bot.values.progress import Stage
from bot.values.revision import Point, PointAnswer
from bot.values.service import Dispute, Fix, Spec

D = TypeVar("D", bound=Draft)


class ForeignInterface(UserError):
    """People have written an `interface.py` of their own, so that the specification cannot change."""


@dataclass(frozen=True)
class Outcome(Generic[D]):
    """A service as it shall be, and what is said of it.

    Attributes:
        answers: one for each point that was asked, in their order.
        disputes: the tests that have changed because they contradicted a point; stays: why others have not.
    """

    draft: D
    answers: tuple[PointAnswer, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    stays: str = ""


def revise(context: Context, candidate: Candidate, points: tuple[Point, ...]) -> Candidate | None:
    """Change a pull request as the points say, in one commit, and answer every point: a comment on lines in its own
    conversation, the others in one comment.

    Args:
        points: at least one, as they are now.

    Returns:
        The candidate with the new commit; None where nothing has changed.

    Raises:
        Moved, Merged, Ended: what people have done meanwhile.
    """
    number, before = candidate.pull.number, candidate.brief.spec
    context.journal.show(Stage.REVISE, sentence("#%(number)s, as asked", number=number))
    changing, suggested, points = _suggested(context, candidate, points)
    described = changing.brief.spec
    remarks = [point.id for point in points if is_of_review(point)]
    changing = with_spec(changing, with_points(described, points, remarks))
    asked = tuple(point for point in points if point.text or not point.taken)
    outcome = revised(context, changing, asked) if asked else Outcome(changing)
    answered = {answer.point: answer for answer in outcome.answers}
    as_suggested = said(AS_SUGGESTED, described.language)
    answers = [answered.get(point.id) or PointAnswer(point=point.id, done=True, text=as_suggested) for point in points]
    # What is done stands in the description from here on, so that no fix undoes it; what was declined does not.
    done_points = [point for point, answer in zip(points, answers, strict=True) if answer.done]
    # What a review asks for is a demand where it changes what the service is; else it is about the code.
    is_same = _is_same_service(described, outcome.draft.brief.spec)
    kept = with_points(described, done_points, remarks if is_same else ())
    final = outcome.draft.brief.spec.model_copy(update={"description": kept.description})
    outcome = replace(outcome, draft=with_spec(outcome.draft, final))
    # The first point tells this change from others of the same run.
    name = points[0].id
    done = " ".join(dict.fromkeys(answer.text for answer in answers if answer.done))
    head = context.pulls.push_revision(candidate, Change(outcome.draft, suggested, name, done), context.watch)
    pushed_at = context.flow.done_at
    in_lines = [(point, answer) for point, answer in zip(points, answers, strict=True) if is_on_lines(point)]
    context.reviews.answer(number, in_lines, head or "", before.language)
    after = outcome.draft.brief.spec if head else before
    told: dict[str, Any] = {
        "answers": [answer for point, answer in zip(points, answers, strict=True) if not is_on_lines(point)],
        "changes": interface_changes(before, after),
        "gone": other_scenarios(before, after),
        "new": other_scenarios(after, before),
        "disputes": outcome.disputes if head else (),
        "stays": outcome.stays,
    }
    if any(told.values()):
        marker = f"revised:{context.flow.run_id}/{name}"
        context.issue.say("revised.md.j2", marker, language=after.language, on=number, head=head or "", **told)
    if head is None:
        return None
    if told["changes"] and is_update_branch(candidate.pull.head_ref):
        # Callers have what is live.
        live = context.updates.read(after.slug).brief.spec
        context.updates.retitle(candidate.pull, after, interface_changes(live, after), done)
    context.journal.revised(candidate.index)
    return replace(outcome.draft, head=head, pushed_at=pushed_at)


def _suggested(
    context: Context, candidate: Candidate, points: tuple[Point, ...]
) -> tuple[Candidate, dict[str, str], tuple[Point, ...]]:
    """Return a candidate with what is suggested for its files, those files, and the points with a word about which of
    them are there."""
    if all(point.suggestion is None for point in points):
        return candidate, {}, points
    files, folder = context.pulls.read_files(candidate), service_folder(candidate.brief.spec.slug)
    suggested = with_suggestions(files, folder, points)
    try:
        spec, _, service = read_service(suggested.files)
    except UserError:
        # What a service is has to stay readable; such a suggestion is left to the model.
        vital = {f"{folder}/{name}" for name in (DESCRIPTION, DOCKERFILE)}
        suggested = with_suggestions(files, folder, [point for point in points if point.path not in vital])
        spec, _, service = read_service(suggested.files)
    changed = {name: text for name, text in suggested.files.items() if text != files[name]}
    taken = tuple(point.model_copy(update={"taken": point.id in suggested.taken}) for point in points)
    return (replace(with_spec(candidate, spec), service=service) if changed else candidate), changed, taken


def revised(
    context: Context,
    draft: D,
    points: tuple[Point, ...],
    *,
    specification_first: bool = False,
    agreed: Spec | None = None,
) -> Outcome[D]:
    """Return what a service becomes by the model's answer to the points; nothing is pushed yet.

    Where no answer is of use, the service stays as it is, and each point is told why.

    Args:
        specification_first: the specification is brought up to the points before the code is asked for; else it is only
            where the code needs that.
        agreed: the specification as people have approved it; it changes no further.
    """
    try:
        changing = draft
        if agreed is not None:
            changing = _with_specification(context, draft, agreed, points)
        elif specification_first:
            changing = _respecified(context, draft, points, "")
        may_specify = agreed is None and changing.brief.spec == draft.brief.spec
        return _coded(context, changing, points, may_specify=may_specify)
    except (ModelError, ForeignInterface) as error:
        return Outcome(draft, unmet(points, error, draft.brief.spec.language))


def unmet(points: Iterable[Point], error: UserError, language: str) -> tuple[PointAnswer, ...]:
    """Return what is said to points where nothing could be done but what was suggested to the letter."""
    why = {"unmet": error.why} if isinstance(error, ModelError) else {}
    refused = "" if why else said(error, language)
    suggested = said(AS_SUGGESTED, language)
    return tuple(
        PointAnswer(point=point.id, done=point.taken, text=suggested if point.taken else refused, **why)
        for point in points
    )


def _coded(context: Context, draft: D, points: tuple[Point, ...], *, may_specify: bool) -> Outcome[D]:
    """Return what a service becomes where its files are changed as the points say.

    Args:
        may_specify: the specification may change first, where the files need that.
    """
    changing = draft
    revision = context.model.revise(changing, RevisionRequest(points, may_specify=may_specify))
    if revision.specification:
        changing = _respecified(context, changing, points, revision.specification)
        revision = context.model.revise(changing, RevisionRequest(points, may_specify=False))
    fix = Fix(diagnosis="", service=revision.service, disputes=revision.disputes)
    if fix.disputes:
        fix = reviewed(context, changing, fix)
    changing = with_spec(replace(changing, service=fix.service), changing.brief.spec.reading(fix.reread))
    return Outcome(changing, revision.answers, fix.disputes, fix.diagnosis.strip())


def _respecified(context: Context, draft: D, points: tuple[Point, ...], wanted: str) -> D:
    """Return a service with the specification that the points ask for; `wanted` is what an implementer asks for, or "".

    Raises:
        ForeignInterface: see `_with_specification`.
    """
    return _with_specification(context, draft, context.model.respecify(draft.brief.spec, points, wanted), points)


def _with_specification(context: Context, draft: D, after: Spec, points: tuple[Point, ...]) -> D:
    """Return a service with another specification, and with the interface and the tests that follow from it.

    Raises:
        ForeignInterface: a person has written another `interface.py`, which code must not write over.
    """
    before, service = draft.brief.spec, draft.service
    interface = interface_source(after.input_schema, after.output_schema)
    written = interface_source(before.input_schema, before.output_schema)
    if interface != written and service.interface != written:
        raise ForeignInterface(
            "`interface.py` is not as I wrote it, so I change neither it nor the specification. "
            "Change the fields there, then ask for the rest once more."
        )
    tests = service.scenario_tests
    if (after.scenarios, after.tested) != (before.scenarios, before.tested):
        tests = context.model.retest(before, after, tests, points)
        after = after.reading(tests.reread)
    changed = {
        "interface": interface if interface != written else service.interface,
        "tests": tests.source,
        "test_requirements": tests.requirements,
    }
    return with_spec(replace(draft, service=service.model_copy(update=changed)), after)


def _is_same_service(before: Spec, after: Spec) -> bool:
    """Return whether two specifications say the same of what a service is."""
    parts = [(spec.input_schema, spec.output_schema, spec.scenarios, spec.requirements) for spec in (before, after)]
    return parts[0] == parts[1]


def other_scenarios(of: Spec, beside: Spec) -> tuple[str, ...]:
    """Return the names of the scenarios that one specification has and another has not, or has with other words."""
    texts = {scenario.name: scenario.text for scenario in beside.scenarios}
    return tuple(scenario.name for scenario in of.scenarios if texts.get(scenario.name) != scenario.text)
