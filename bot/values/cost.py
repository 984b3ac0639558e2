"""What a run has cost, and what it may cost."""

from __future__ import annotations

from pydantic import Field

from bot.values.value import Value


class Usage(Value):
    """What model calls have cost.

    Attributes:
        prompt: tokens sent; `cached` of them were in the provider's cache.
        completion: tokens received.
        cost_usd: USD, or None where the model's price is unknown.
        seconds: wall-clock seconds spent waiting for the model.
        calls: replies received.
        saved: replies that were refused because their files would have cost a build.
        models: who replied, by name.
    """

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    cost_usd: float | None = None
    seconds: float = 0.0
    calls: int = 0
    saved: int = 0
    models: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """Tokens sent and received."""
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Usage(
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            completion=self.completion + other.completion,
            cost_usd=sum(costs) if costs else None,
            seconds=self.seconds + other.seconds,
            calls=self.calls + other.calls,
            saved=self.saved + other.saved,
            models=tuple(dict.fromkeys((*self.models, *other.models))),
        )


class Budget(Value):
    """What a run may cost; None is no limit.

    Attributes:
        budget_usd: USD for the model. A model whose price is unknown costs none.
        max_tokens: tokens sent and received.
        max_minutes: minutes since the run began, without those spent waiting for answers.
    """

    budget_usd: float | None = Field(default=None, gt=0)
    max_tokens: int | None = Field(default=None, gt=0)
    max_minutes: float | None = Field(default=None, gt=0)

    def over(self, other: Budget) -> Budget:
        """Return this budget, with the limits of `other` where it has none."""
        mine = {name: value for name, value in self if value is not None}
        return other.model_copy(update=mine)


class Allowance(Value):
    """What may still be spent; None is no limit.

    Attributes:
        usd: USD for the model. A model whose price is unknown costs none.
        tokens: tokens sent and received.
        until: seconds since the epoch.
    """

    usd: float | None = None
    tokens: int | None = None
    until: float | None = None

    def covers(self, usage: Usage, now: float) -> bool:
        """Tell whether something is left after `usage`, at `now` in seconds since the epoch."""
        return (
            (self.usd is None or (usage.cost_usd or 0) < self.usd)
            and (self.tokens is None or usage.tokens < self.tokens)
            and (self.until is None or now < self.until)
        )


UNLIMITED = Allowance()
