"""From a specification to ways of building it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.llm import Model
from bot.generate.draft import StrategiesDraft, StrategyDraft
from bot.generate.prompt import about, conversation
from bot.guard.hygiene import cut, fenced, printable, visible
from bot.guard.requirements import debian_packages, python_packages
from bot.models import Spec, Strategy, Usage
from bot.progress import StrategyRecord

_FAILED_LIMIT = 4_000


def strategize(
    model: Model, spec: Spec, failed: Sequence[StrategyRecord], count: int
) -> tuple[tuple[Strategy, ...], Usage]:
    """Propose 1 to `count` strategies, the most promising first, each with a name of its own.

    Args:
        failed: what was tried before on this issue, for the model to do otherwise.

    Raises:
        ModelError: the model gave no usable answer.
    """
    told = "\n".join(f"- {record.name}: {' '.join(record.reason.split())[:300]}" for record in failed)
    messages = conversation(
        "strategize.md.j2",
        **about(spec),
        count=count,
        failed=fenced(printable(told), "failed", _FAILED_LIMIT) if told else "",
    )
    answer, usage = model.structured("strategize", messages, StrategiesDraft)
    strategies: dict[tuple[str, ...], Strategy] = {}
    for proposed in answer.strategies:
        strategy = _checked(proposed)
        same_approach = (" ".join(strategy.approach.lower().split()), *strategy.packages)
        strategies.setdefault(same_approach, strategy)
    return _named(list(strategies.values())[:count]), usage


def _checked(proposed: StrategyDraft) -> Strategy:
    # A name that cannot be required is dropped here: the files that need it are checked again, and sent back.
    packages, _ = python_packages(proposed.packages)
    system_packages, _ = debian_packages(proposed.system_packages)
    return Strategy(
        name=cut(" ".join(visible(proposed.name).split()), 60),
        approach=cut(visible(proposed.approach).strip(), 600),
        packages=tuple(packages),
        system_packages=tuple(system_packages),
        risks=cut(visible(proposed.risks).strip(), 300),
    )


def _named(strategies: Sequence[Strategy]) -> tuple[Strategy, ...]:
    """Number the names that come more than once."""
    named: dict[str, Strategy] = {}
    for strategy in strategies:
        name, number = strategy.name, 2
        while name.lower() in named:
            name, number = f"{strategy.name} {number}", number + 1
        named[name.lower()] = strategy.model_copy(update={"name": name})
    return tuple(named.values())
