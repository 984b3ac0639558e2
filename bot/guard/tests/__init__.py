"""The rules for `test_executor.py`: it tests what the scenarios say, and a fix does not weaken it."""

from bot.guard.tests.literal import LiteralRequest
from bot.guard.tests.lock import lock_faults
from bot.guard.tests.scenarios import scenario_faults

__all__ = ["LiteralRequest", "lock_faults", "scenario_faults"]
