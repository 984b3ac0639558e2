"""What the page of all runs shows, out of the figures of those that somebody may read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from bot.values.cost import Usage
from bot.values.figures import RunFigures


class Cost(NamedTuple):
    """What the runs of a repository have cost together."""

    repo: str
    runs: int
    builds: int
    fixes: int
    usage: Usage


def matching(figures: Iterable[RunFigures], words: str, name: Callable[[str], str]) -> list[RunFigures]:
    """Return the runs in which each of some words stands, whatever their case: in the repository's name, the number of
    the issue ("#7"), the title, the stage, the note, what is waited for, or the id.

    Args:
        name: returns what a repository is called now.
    """
    wanted = words.casefold().split()
    return [run for run in figures if all(word in _text(run, name(run.repo)) for word in wanted)]


def _text(run: RunFigures, name: str) -> str:
    parts = (f"{name}#{run.issue}", f"#{run.issue} ", run.title, run.stage, run.note, run.waits_for, run.run_id)
    return " ".join(parts).casefold()


def costs(figures: Iterable[RunFigures]) -> list[Cost]:
    """Return what each repository has cost, the dearest first."""
    by_repo: dict[str, list[RunFigures]] = {}
    for run in figures:
        by_repo.setdefault(run.repo, []).append(run)
    found = [
        Cost(
            repo=repo,
            runs=len(runs),
            builds=sum(run.builds for run in runs),
            fixes=sum(run.fixes for run in runs),
            usage=sum((run.usage for run in runs), Usage()),
        )
        for repo, runs in by_repo.items()
    ]
    return sorted(found, key=lambda cost: (cost.usage.cost_usd or 0.0, cost.usage.tokens), reverse=True)
