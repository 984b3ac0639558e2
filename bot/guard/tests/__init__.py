"""The rules for `test_executor.py`: it tests what scenarios say, and a change of one test leaves the others alone."""

from bot.guard.tests.literal import UNREADABLE, Variables, read_value
from bot.guard.tests.lock import lock_faults
from bot.guard.tests.rules import RULES
from bot.guard.tests.scenarios import holding, scenario_faults

__all__ = ["RULES", "UNREADABLE", "Variables", "holding", "lock_faults", "read_value", "scenario_faults"]
