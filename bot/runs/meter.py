"""Keeps a run within its budget."""

from __future__ import annotations

import math

from bot.runs.budget import check, larger, used
from bot.runs.durable.flow import Flow
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.sentence import joined
from bot.values.cost import Allowance, Budget, Usage


class Meter:
    """Compares what a run has cost, which its journal knows, with what it may cost.

    Attributes:
        budget: the limits; None in it is no limit.
    """

    def __init__(self, flow: Flow, issue: IssueSteps, journal: Journal, budget: Budget) -> None:
        self._flow = flow
        self._issue = issue
        self._journal = journal
        self.budget = budget
        self._warned = False

    def of_journal(self, journal: Journal) -> Meter:
        """Return a meter of the same budget that counts in another journal of the run."""
        return Meter(self._flow, self._issue, journal, self.budget)

    def check(self) -> float:
        """Go on only within the budget, and return the seconds that are left of it; at 80 % people are told once.

        Raises:
            Spent: a limit is reached.
        """
        if self.budget == Budget():
            return math.inf
        usage = self._journal.progress.usage
        seconds = self._flow.now() - self._journal.progress.started_at - self._unspent
        check(self.budget, usage, seconds)
        words = used(self.budget, usage, seconds)
        if words and not self._warned:
            self._warned = True
            marker = f"budget:{self._flow.run_id}"
            language, options = self._journal.language, larger(self.budget)
            self._issue.say("budget.md.j2", marker, language=language, used=joined(words, ", "), options=options)
        return (self.budget.max_minutes or math.inf) * 60 - seconds

    def allowance(self) -> Allowance:
        """Return what may still be spent."""
        budget, progress = self.budget, self._journal.progress
        began = progress.started_at + self._unspent
        return Allowance(
            usd=None if budget.budget_usd is None else budget.budget_usd - (progress.usage.cost_usd or 0),
            tokens=None if budget.max_tokens is None else budget.max_tokens - progress.usage.tokens,
            until=None if budget.max_minutes is None else began + 60 * budget.max_minutes,
        )

    @property
    def _unspent(self) -> float:
        """Seconds that count against no limit: the run waited for people, or for GitHub."""
        return self._journal.idle_seconds + self._flow.held_seconds

    def count(self, stage: str, usage: Usage, strategy: str = "") -> None:
        """Count what a call of the model has cost, also for the strategy of that name."""
        self._journal.spent(stage, usage, strategy)
