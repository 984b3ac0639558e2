"""What the stages write with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clients.llm import Model
from bot.generate.files import Preflight
from bot.values.cost import UNLIMITED, Allowance


@dataclass(frozen=True)
class Writer:
    """A model, the checks that its replies have to pass, and what a call of a stage may cost."""

    model: Model
    preflight: Preflight
    allowance: Allowance = UNLIMITED
