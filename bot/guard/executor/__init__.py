"""The rules for `executor.py`."""

from bot.guard.executor.rules import executor_faults, interface_faults, undefined_faults

__all__ = ["executor_faults", "interface_faults", "undefined_faults"]
