"""The checklist of a service: what its specification demands, and what checks each."""

from __future__ import annotations

from collections.abc import Iterator

from bot.values.progress import Criterion
from bot.values.service import Spec


def criteria(spec: Spec) -> Iterator[Criterion]:
    """Yield the checklist of a service."""
    for scenario in spec.scenarios:
        yield Criterion(text=scenario.text, check=f"test_{scenario.name}")
    for requirement in spec.requirements:
        if requirement.unchecked:
            yield Criterion(text=requirement.text)
        else:
            yield Criterion(
                text=requirement.text, check="interface.py" if requirement.interface else f"test_{requirement.name}"
            )
