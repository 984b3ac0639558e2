"""A pull request that is changed as people say: in code; where they ask for that, in the specification first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import UserError
from bot.generate import RevisionRequest, interface_changes, with_points
from bot.generate.draft import interface_source
from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.strategy import reviewed
from bot.values.progress import Stage
from bot.values.revision import Point, Revision
from bot.values.service import Fix, Spec


@dataclass(frozen=True)
class _Outcome:
    """A candidate as it shall be, the answers to the points, and what the reply tells of the tests that stay."""

    candidate: Candidate
    revision: Revision
    stays: str = ""


def revise(context: Context, candidate: Candidate, points: tuple[Point, ...]) -> Candidate | None:
    """Change a pull request as the points say, in one commit, and answer every point in one comment.

    Returns:
        The candidate with the new commit; None where nothing has changed.

    Raises:
        UserError: somebody else has pushed meanwhile, or the model's answers are of no use.
    """
    number = candidate.pull.number
    context.journal.show(Stage.REVISE, f"#{number}, as asked")
    before = candidate.brief.spec
    outcome = _revised(context, candidate, points)
    after, revision = outcome.candidate.brief.spec, outcome.revision
    head = context.pulls.push_revision(
        candidate, outcome.candidate, " ".join(answer.text for answer in revision.answers if answer.done)
    )
    context.issue.say(
        "revised.md.j2",
        f"revised:{context.flow.run_id}",
        on=number,
        head=head or "",
        answers=revision.answers,
        changes=interface_changes(before, after) if head else (),
        gone=_other_scenarios(before, after) if head else (),
        new=_other_scenarios(after, before) if head else (),
        disputes=revision.disputes if head else (),
        stays=outcome.stays,
    )
    if head is None:
        return None
    context.journal.revised(candidate.index)
    return replace(outcome.candidate, head=head, pushed=True)


def _revised(context: Context, candidate: Candidate, points: tuple[Point, ...]) -> _Outcome:
    """Return what a candidate becomes; nothing is pushed yet."""
    # The points stand in the description from here on, so that no fix undoes what they ask for.
    changing = _with_spec(candidate, with_points(candidate.brief.spec, points))
    revision = context.model.revise(changing, RevisionRequest(points, may_specify=True))
    if revision.specification:
        changing = _respecified(context, changing, points, revision.specification)
        revision = context.model.revise(changing, RevisionRequest(points, may_specify=False))
    fix = Fix(diagnosis="", service=revision.service, disputes=revision.disputes)
    if fix.disputes:
        fix = reviewed(context, changing, fix)
    revision = revision.model_copy(update={"service": fix.service, "disputes": fix.disputes})
    return _Outcome(replace(changing, service=fix.service), revision, fix.diagnosis.strip())


def _respecified(context: Context, candidate: Candidate, points: tuple[Point, ...], wanted: str) -> Candidate:
    """Return a candidate with another specification, and with the interface and the tests that follow from it.

    Raises:
        UserError: a person has written another `interface.py`, which code must not write over.
    """
    before = candidate.brief.spec
    if candidate.service.interface != interface_source(before.input_schema, before.output_schema):
        raise UserError(
            "`interface.py` on this branch is not as I wrote it, so I change neither it nor the specification. "
            "Change the fields there, then `/revise` once more."
        )
    after = context.model.respecify(before, points, wanted)
    tests = candidate.service.scenario_tests
    if after.scenarios != before.scenarios:
        tests = context.model.retest(before, after, tests, points)
    changed = {
        "interface": interface_source(after.input_schema, after.output_schema),
        "tests": tests.source,
        "test_requirements": tests.requirements,
    }
    return _with_spec(replace(candidate, service=candidate.service.model_copy(update=changed)), after)


def _with_spec(candidate: Candidate, spec: Spec) -> Candidate:
    return replace(candidate, brief=candidate.brief.model_copy(update={"spec": spec}))


def _other_scenarios(of: Spec, beside: Spec) -> tuple[str, ...]:
    """Return the names of the scenarios that one specification has and another has not."""
    names = {scenario.name for scenario in beside.scenarios}
    return tuple(scenario.name for scenario in of.scenarios if scenario.name not in names)
