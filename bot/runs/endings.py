"""What people are told where a run ends before a service is live."""

from __future__ import annotations

from bot.runs.acts import Ended
from bot.runs.budget import Spent
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.values.progress import Stage, StrategyOutcome


def tell_spent(issue: IssueSteps, journal: Journal, spent: Spent) -> None:
    """Stop with what there is, and say what a new budget would do."""
    journal.interrupted()
    journal.show(Stage.WAITING, str(spent))
    marker = f"spent:{journal.progress.run_id}"
    issue.say("spent.md.j2", marker, text=str(spent), progress=journal.progress, options=spent.options)


def tell_ended(issue: IssueSteps, journal: Journal, act: Ended) -> None:
    """Stop because a person has taken away what the run worked on, and say so once, where that can still be said."""
    journal.interrupted()
    journal.note(Stage.STOPPED, str(act))
    if not act.issue_is_gone:
        journal.show(Stage.STOPPED, str(act))
        issue.say("ended.md.j2", f"ended:{journal.progress.run_id}", why=str(act))
        return
    for record in journal.progress.strategies:
        if record.pull is not None and record.outcome is StrategyOutcome.STOPPED:
            issue.say("ended.md.j2", f"ended:{journal.progress.run_id}", on=record.pull, why=str(act))


def tell_stuck(issue: IssueSteps, journal: Journal, text: str) -> None:
    """Tell the person what is wrong and what to type next."""
    journal.alone()
    journal.show(Stage.FAILED, text.split("\n", 1)[0])
    issue.say("stuck.md.j2", f"stuck:{journal.progress.run_id}", text=text)
