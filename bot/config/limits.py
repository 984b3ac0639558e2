"""How much may be under way at the same time, as the environment says."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator

from bot.values.seats import Limit, Limits

_DEFAULT = Limits()


class LimitSettings(BaseModel):
    """The limits of all workers together; each of them has to be told the same."""

    runs_each: int = Field(
        default=_DEFAULT.runs.each,
        ge=1,
        alias="GPTDEPLOY_RUNS_EACH",
        description="Runs of an installation at the same time, without those that wait for people; the others wait "
        "their turn.",
    )
    runs_whole: int = Field(
        default=_DEFAULT.runs.whole,
        ge=1,
        alias="GPTDEPLOY_RUNS",
        description="The same of all installations together, on all workers.",
    )
    model_calls_each: int = Field(
        default=_DEFAULT.model_calls.each,
        ge=1,
        alias="GPTDEPLOY_MODEL_CALLS_EACH",
        description="Calls of the model for an installation at the same time.",
    )
    model_calls_whole: int = Field(
        default=_DEFAULT.model_calls.whole,
        ge=1,
        alias="GPTDEPLOY_MODEL_CALLS",
        description="The same for all installations together.",
    )
    builds_each: int = Field(
        default=_DEFAULT.builds.each,
        ge=1,
        alias="GPTDEPLOY_BUILDS_EACH",
        description="Builds of an installation that runs have started, at the same time.",
    )
    builds_whole: int = Field(
        default=_DEFAULT.builds.whole,
        ge=1,
        alias="GPTDEPLOY_BUILDS",
        description="The same of all installations together.",
    )

    @model_validator(mode="after")
    def _each_within_whole(self) -> Self:
        for name in ("runs", "model_calls", "builds"):
            each, whole = f"{name}_each", f"{name}_whole"
            # Who sets the smaller one alone means that nobody has more.
            if getattr(self, each) > getattr(self, whole) and {each, whole} <= self.model_fields_set:
                fields = type(self).model_fields
                raise ValueError(f"set {fields[each].alias} to no more than {fields[whole].alias}")
        return self

    @property
    def limits(self) -> Limits:
        """What may be under way at the same time."""
        return Limits(
            runs=Limit(each=self.runs_each, whole=self.runs_whole),
            model_calls=Limit(each=self.model_calls_each, whole=self.model_calls_whole),
            builds=Limit(each=self.builds_each, whole=self.builds_whole),
        )
