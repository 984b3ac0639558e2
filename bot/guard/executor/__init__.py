"""The rules for `executor.py`."""

from bot.guard.executor.rules import RULES, executor_faults, interface_faults, undefined_faults

__all__ = ["RULES", "executor_faults", "interface_faults", "undefined_faults"]
