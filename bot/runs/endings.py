"""What people are told where a run ends before a service is live."""

from __future__ import annotations

from bot.render import said
from bot.runs.acts import Ended
from bot.runs.budget import Spent
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.sentence import Sentence, already_said
from bot.values.progress import Stage, StrategyOutcome


def tell_spent(issue: IssueSteps, journal: Journal, spent: Spent) -> None:
    """Stop with what there is, and say what a new budget would do."""
    journal.interrupted()
    journal.show(Stage.WAITING, spent.sentence)
    progress, text = journal.progress, spent.sentence
    marker = f"spent:{progress.run_id}"
    issue.say("spent.md.j2", marker, language=progress.language, text=text, progress=progress, options=spent.options)


def tell_ended(issue: IssueSteps, journal: Journal, act: Ended) -> None:
    """Stop because a person has taken away what the run worked on, and say so once, where that can still be said."""
    journal.interrupted()
    journal.note(Stage.STOPPED, act.why)
    language = journal.language
    if not act.issue_is_gone:
        journal.show(Stage.STOPPED, act.why)
        issue.say("ended.md.j2", f"ended:{journal.progress.run_id}", language=language, why=act.why)
        return
    for record in journal.progress.strategies:
        if record.pull is not None and record.outcome is StrategyOutcome.STOPPED:
            issue.say("ended.md.j2", f"ended:{journal.progress.run_id}", language=language, on=record.pull, why=act.why)


def tell_stuck(issue: IssueSteps, journal: Journal, text: Sentence) -> None:
    """Tell the person what is wrong and what to type next."""
    journal.alone()
    journal.show(Stage.FAILED, first_line(text, journal.language))
    issue.say("stuck.md.j2", f"stuck:{journal.progress.run_id}", language=journal.language, text=text)


def first_line(text: Sentence, language: str) -> Sentence:
    """Return the first line of what is said in a language, where there is room for one only."""
    return already_said(said(text, language).split("\n", 1)[0])
