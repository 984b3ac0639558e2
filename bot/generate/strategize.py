"""From a specification to ways of building it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from bot.clients.llm import Message, Refused, UnusableAnswer, read_json
from bot.foreign import printable
from bot.generate.draft import StrategiesDraft, StrategyDraft
from bot.generate.prompt import LEVELS, about, messages
from bot.generate.writer import Writer
from bot.guard.packages import NOT_THERE, debian_packages, name_of, needless, python_packages
from bot.guard.text import cut, fenced, visible
from bot.sentence import sentence
from bot.values.cost import Usage
from bot.values.progress import StrategyRecord
from bot.values.service import Spec, Strategy

_FAILED_LIMIT = 4_000
_ASKS = 2
"""How often strategies are asked for where none of those proposed may be tried."""
_SAME = 0.85


def propose_strategies(
    writer: Writer, spec: Spec, failed: Sequence[StrategyRecord], count: int
) -> tuple[tuple[Strategy, ...], Usage]:
    """Propose 1 to `count` strategies, the most promising first, each with a name of its own.

    Args:
        failed: what was tried before, on this issue and elsewhere in the repository, for the model to do otherwise.

    Raises:
        ModelError: the model gave no usable answer.
        TransientError: the package index does not answer.
    """
    spent = Usage()
    refused: list[str] = []
    left_over: list[Strategy | None] = []
    for _ in range(_ASKS):
        before = printable("\n".join([*refused, *map(_line, failed)]))
        answer, usage = _proposals(writer, [_prompt(spec, count, before, level) for level in range(LEVELS)])
        spent += usage
        strategies: list[Strategy] = []
        for proposed in answer.strategies:
            strategy = checked_strategy(proposed)
            reasons = writer.preflight.refused(strategy.packages)
            if reasons:
                refused.append(f"- {strategy.name}: {'; '.join(reasons.values())[:300]}")
                left_over.append(_without(strategy, reasons))
            elif not any(_same(strategy, other) for other in strategies):
                strategies.append(strategy)
        if strategies:
            return named_apart(strategies[:count]), spent
    if rest := [strategy for strategy in left_over if strategy is not None][:count]:
        return named_apart(rest), spent
    text = sentence("No strategy can be tried:\n%(refused)s\n`/retry` asks for others.", refused="\n".join(refused))
    raise UnusableAnswer(text, spent)


def _proposals(writer: Writer, prompts: Sequence[Sequence[Message]]) -> tuple[StrategiesDraft, Usage]:
    conversation = writer.begin("strategize", prompts, schema=StrategiesDraft)
    while True:
        reply = conversation.ask()
        try:
            return read_json(reply, StrategiesDraft), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def _prompt(spec: Spec, count: int, before: str, level: int) -> list[Message]:
    failed = fenced(before, "failed", _FAILED_LIMIT >> 2 * level) if before else ""
    return messages("strategize.md.j2", **about(spec, level), count=count, failed=failed)


def _line(record: StrategyRecord) -> str:
    packages = f" ({', '.join(record.packages)})" if record.packages else ""
    return f"- {record.name}{packages}: {' '.join((record.learned or record.reason).split())[:300]}"


def checked_strategy(proposed: StrategyDraft) -> Strategy:
    """Return a strategy as a model proposes it, without the packages whose names cannot be."""
    # A name that cannot be required is dropped here. Files that need it are checked again, and refused.
    packages, _ = python_packages(proposed.packages)
    system_packages, _ = debian_packages(proposed.system_packages)
    return Strategy(
        name=cut(" ".join(visible(proposed.name).split()), 60),
        approach=cut(visible(proposed.approach).strip(), 600),
        packages=tuple(name for name in packages if not needless(name)),
        system_packages=tuple(system_packages),
        risks=cut(visible(proposed.risks).strip(), 300),
    )


def _without(strategy: Strategy, refused: Mapping[str, str]) -> Strategy | None:
    """Return a strategy without the packages that do not exist, or None where a package must not be used.

    Such a strategy may well work: small models invent packages beside a real one that does the work, or where the
    standard library is enough.
    """
    if any(not reason.endswith(NOT_THERE) for reason in refused.values()):
        return None
    packages = tuple(name for name in strategy.packages if name not in refused)
    return strategy.model_copy(update={"packages": packages, "risks": " ".join(refused.values())[:300]})


def _same(first: Strategy, second: Strategy) -> bool:
    """Tell whether two strategies are the same in other words: the same packages, and nearly the same approach."""
    if _packages(first) != _packages(second):
        return False
    approach, other = (" ".join(strategy.approach.lower().split()) for strategy in (first, second))
    return difflib.SequenceMatcher(None, approach, other, autojunk=False).ratio() >= _SAME


def _packages(strategy: Strategy) -> tuple[set[str | None], set[str | None]]:
    return {name_of(name) for name in strategy.packages}, {name_of(name) for name in strategy.system_packages}


def named_apart(strategies: Sequence[Strategy]) -> tuple[Strategy, ...]:
    """Number the names that come more than once."""
    named: dict[str, Strategy] = {}
    for strategy in strategies:
        name, number = strategy.name, 2
        while name.lower() in named:
            name, number = f"{strategy.name} {number}", number + 1
        named[name.lower()] = strategy.model_copy(update={"name": name})
    return tuple(named.values())
