"""Why a configuration is refused."""

from __future__ import annotations

from pydantic import ValidationError


def faults(error: ValidationError) -> str:
    """Say all faults in one line, by name, without the values (they may be secrets)."""
    return "; ".join(
        ": ".join(part for part in (".".join(str(key) for key in fault["loc"]), fault["msg"]) if part)
        for fault in error.errors(include_input=False)
    )
