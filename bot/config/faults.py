"""Why a configuration was refused."""

from __future__ import annotations

from pydantic import ValidationError


def faults(error: ValidationError) -> str:
    """Return all faults on one line, by the setting's name; without the values, which may be secrets."""
    return "; ".join(
        ": ".join(part for part in (".".join(str(key) for key in fault["loc"]), fault["msg"]) if part)
        for fault in error.errors(include_input=False)
    )
