"""`gptdeploy demo`: the whole way from an issue to a playground on this machine, with nothing but the model played.

The way in is `command`. It imports `stack`, which needs the extra `demo`, when it is called.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Say"]

Say = Callable[[str], None]
"""Tells the person at the terminal what takes so long, one line a call."""
