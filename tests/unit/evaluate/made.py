"""A service that is made for a test of the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.generate.draft import FieldDraft
from tests.fakes.fields import field


@dataclass(frozen=True)
class Made:
    """Request, answer and executor of a service; see `tests.unit.evaluate.running`."""

    inputs: Sequence[FieldDraft]
    outputs: Sequence[FieldDraft]
    execute: str


def optional(name: str, kind: str, default: str, **limits: float) -> FieldDraft:
    """Return a field of a request with a default."""
    return field(name, kind, required=False, default=default, limits=limits)
