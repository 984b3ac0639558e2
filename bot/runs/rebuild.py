"""Run a build again that has ended without being green, before a run goes on with what comes of it."""

from __future__ import annotations

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.waiting import WITHOUT_RESULT
from bot.sentence import sentence
from bot.values.naming import BUILD_WORKFLOW
from bot.values.seats import Work

_LOOKS = 12
_LOOK_SECONDS = 5.0
"""How often to look whether GitHub shows the new attempt, and how long to wait between two looks."""


def rebuild(context: Context, candidate: Candidate) -> None:
    """Have a candidate's head built again, where a person asks for that or the build has no result.

    When it returns, GitHub shows the new attempt, so that nobody takes the result of the one before for it.
    """
    built = context.builds.workflow_run(BUILD_WORKFLOW, candidate.head)
    if built is None or not built.done or built.green:
        return
    if not context.request.rebuild and built.conclusion not in WITHOUT_RESULT:
        return
    context.journal.rerun(sentence("#%(number)s once more, as asked", number=candidate.pull.number))
    context.flow.enter(Work.BUILD, str(candidate.index))
    context.builds.rerun(built)
    for _ in range(_LOOKS):
        again = context.builds.workflow_run(BUILD_WORKFLOW, candidate.head)
        if again is not None and again.attempt > built.attempt:
            return
        context.flow.wait(min(context.poll_seconds, _LOOK_SECONDS))
