"""Runs: one issue each, from its label to the playground.

`run.py` is the whole way, `store.py` what others know of runs. Beyond it, modules of this folder are for the worker.
"""

from bot.runs.store import Reports, Runs, Started

__all__ = ["Reports", "Runs", "Started"]
