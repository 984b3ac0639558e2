"""From what people say of a plan to another one, before anything of it is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.clients.llm import Message, Refused, read_json
from bot.foreign import printable
from bot.generate.draft import PlanChangeDraft, recheck, slug
from bot.generate.points import listed, speak_of
from bot.generate.prompt import LEVELS, about, messages
from bot.generate.respecify import changed_spec
from bot.generate.strategize import checked_strategy, named_apart
from bot.generate.writer import Writer
from bot.guard.text import cut, fenced, visible
from bot.values.cost import Usage
from bot.values.plan import PlanChange
from bot.values.revision import Point
from bot.values.service import Requirement, Spec, Strategy

_ANSWER_LIMIT = 400
_STRATEGIES_LIMIT = 6_000
_REQUIREMENTS_LIMIT = 3_000


def change_plan(
    writer: Writer, plan: tuple[Spec, tuple[Strategy, ...]], points: Sequence[Point], taken: Collection[str], count: int
) -> tuple[PlanChange, Usage]:
    """Change a plan as the points say. What they do not name stays as it is, to the letter.

    Args:
        plan: the specification and the strategies, in order; none of these where how it is made is settled.
        taken: slugs of the services that there are.
        count: how many strategies there may be.

    Raises:
        ModelError: the model gave no usable answer.
        TransientError: the package index does not answer.
    """
    prompts = [_prompt(plan, points, count, level) for level in range(LEVELS)]
    conversation = writer.begin("replan", prompts, schema=PlanChangeDraft)
    while True:
        reply = conversation.ask()
        try:
            draft = read_json(reply, PlanChangeDraft)
            strategies = _strategies(writer, plan[1], draft, count)
            spec = _spec(plan[0], points, draft, taken if plan[1] else None)
            answer = cut(" ".join(visible(draft.answer).split()), _ANSWER_LIMIT)
            done = draft.done or (spec, strategies) != plan
            return PlanChange(spec=spec, strategies=strategies, answer=answer, done=done), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def _prompt(plan: tuple[Spec, tuple[Strategy, ...]], points: Sequence[Point], count: int, level: int) -> list[Message]:
    spec, strategies = plan
    requirements = "\n".join(f"{requirement.name}: {requirement.text}" for requirement in spec.requirements)
    ways = "\n".join(strategy.model_dump_json() for strategy in strategies)
    return messages(
        "replan.md.j2",
        **about(spec, level),
        requirements=fenced(printable(requirements), "requirements", _REQUIREMENTS_LIMIT) if requirements else "",
        strategies=fenced(printable(ways), "strategies", _STRATEGIES_LIMIT) if ways else "",
        points=listed(points, level),
        count=count,
    )


def _strategies(
    writer: Writer, before: tuple[Strategy, ...], draft: PlanChangeDraft, count: int
) -> tuple[Strategy, ...]:
    """Return the strategies that an answer makes.

    Raises:
        Refused: a package must not be used, or is not there.
    """
    if not before or not draft.strategies:
        return before
    strategies = [checked_strategy(proposed) for proposed in draft.strategies[:count]]
    for strategy in strategies:
        if reasons := writer.preflight.refused(strategy.packages):
            raise Refused(f"The strategy {strategy.name} cannot be tried: {'; '.join(reasons.values())}")
    return named_apart(strategies)


def _spec(spec: Spec, points: Sequence[Point], draft: PlanChangeDraft, taken: Collection[str] | None) -> Spec:
    """Return the specification that an answer makes; `taken` is None where the service has its name already.

    Raises:
        Refused: see `changed_spec`; or a requirement would go or fail of which the points do not speak.
    """
    dropped = {name.strip().removesuffix(" (idea)").removeprefix("test_") for name in draft.dropped}
    if unknown := dropped - {requirement.name for requirement in spec.requirements}:
        raise Refused(f"There is no requirement `{min(unknown)}` to drop.")
    changed = changed_spec(spec, points, draft, dropped)
    title, summary = (" ".join(visible(text).split()) for text in (draft.title, draft.summary))
    update = {
        "title": cut(title, 80) or spec.title,
        "summary": cut(summary, 400) or spec.summary,
        "slug": slug(draft.slug, title, taken) if draft.slug.strip() and taken is not None else spec.slug,
        "assumptions": tuple(cut(text, 300) for line in draft.assumptions if (text := visible(line).strip())),
        "requirements": tuple(_requirements(spec, changed, points, dropped)),
    }
    return changed.model_copy(update=update)


def _requirements(before: Spec, spec: Spec, points: Sequence[Point], dropped: Collection[str]) -> list[Requirement]:
    kept = []
    for requirement in spec.requirements:
        if requirement.name in dropped:
            if not any(speak_of(point.text, requirement.text) for point in points):
                raise Refused(f"No point speaks of the requirement `{requirement.name}`, so it stays.")
            continue
        interface = recheck(requirement, before, spec)
        if requirement.interface and not interface:
            raise Refused(
                f"The changed fields do not keep to the requirement `{requirement.name}`: {requirement.text} "
                "Name it in `dropped` if the points say otherwise; else leave its field as it is."
            )
        kept.append(requirement.model_copy(update={"interface": interface}))
    return kept
