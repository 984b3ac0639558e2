"""What all values have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.foreign import without_keys

Keyless = Annotated[str, AfterValidator(without_keys)]
"""What a person or a log says, without the keys in it: it reaches the model, the specification and the repository."""


class Value(BaseModel):
    """A frozen value that survives a round trip through JSON unchanged."""

    model_config = ConfigDict(frozen=True, extra="forbid")
