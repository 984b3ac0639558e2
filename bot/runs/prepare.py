"""From an issue to what is to be built, its tests and the ways to build it; where the settings say so, by a plan."""

from __future__ import annotations

from bot.runs.context import Context
from bot.runs.past import failed_before
from bot.runs.plan import Plan, agree
from bot.runs.understand import understand
from bot.values.progress import Stage
from bot.values.service import Brief, Spec, Strategy


def prepare(context: Context) -> tuple[Brief, tuple[Strategy, ...]]:
    """Return what is to be built, with its tests, and the strategies in order.

    With `plan: approve` the tests are written once the plan is approved: they are code, and follow from it.

    Raises:
        UserError: the issue does not say enough, or the model's answers are of no use.
        Change: the issue asks for a change of a service that is there.
        Ended: the issue was closed, say, while the plan was waiting.
    """
    brief, issue = understand(context)
    context.journal.described(brief.spec)
    if context.config.plan == "auto":
        brief = _with_tests(context, brief)
        return brief, _strategies(context, brief.spec)
    plan = agree(context, Plan(brief.spec, _strategies(context, brief.spec)), issue)
    return _with_tests(context, brief.model_copy(update={"spec": plan.spec})), plan.strategies


def _with_tests(context: Context, brief: Brief) -> Brief:
    context.journal.note(Stage.TESTS)
    tests = context.model.write_tests(brief)
    return brief.model_copy(update={"spec": brief.spec.reading(tests.reread), "tests": tests})


def _strategies(context: Context, spec: Spec) -> tuple[Strategy, ...]:
    """Return the strategy that shall be tried again, or have the model think up others."""
    context.journal.note(Stage.STRATEGIZE)
    again = context.request.strategy
    if again is None:
        strategies = context.model.strategize(spec, failed_before(context), context.config.strategies)
    else:
        strategies = (Strategy(name=again.name, approach=again.approach, packages=again.packages),)
    context.journal.planned(strategies)
    return strategies
