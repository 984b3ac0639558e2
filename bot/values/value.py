"""What passes between the parts: frozen, plain values without clients inside, stored as JSON by the durable engine."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that survives a round trip through JSON unchanged."""

    model_config = ConfigDict(frozen=True, extra="forbid")
