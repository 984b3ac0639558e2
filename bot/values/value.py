"""What all values have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that survives a round trip through JSON unchanged."""

    model_config = ConfigDict(frozen=True, extra="forbid")
