"""Tell people that something was set aside, and what they can do; a run that has pushed nothing is begun anew."""

from __future__ import annotations

from bot.guard.text import language_on
from bot.render import comment
from bot.runs.durable.flow import Flow
from bot.runs.history import begun, cause
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.runs.store import Runs
from bot.runs.world import World
from bot.sentence import sentence
from bot.values.aside import SetAside, Why
from bot.values.command import WelcomeRequest
from bot.values.naming import branch_prefix
from bot.values.progress import Progress, Stage
from bot.values.run import RunKind, RunRequest

_NOTES = {
    Why.CRASHES: sentence("set aside after three crashes of the bot's process"),
    Why.VERSION: sentence("set aside, because the bot was updated"),
}
_ANEW = sentence("begun anew, because the bot was updated")
_FROM_THE_ISSUE = (RunKind.NEW, RunKind.RETRY, RunKind.UPDATE)
"""What begins with nothing but what people have written."""


def tell_set_aside(flow: Flow, world: World, runs: Runs, aside: SetAside) -> None:
    """Say it where it was asked for: on the issue of a run, with its status; otherwise where the command was typed.

    Where only the bot's version is to blame, and the run has pushed nothing, nobody has to ask for it again.
    """
    marker = f"set-aside:{aside.id}"
    asked = aside.asked
    if isinstance(asked, WelcomeRequest):
        # Nobody has asked for it, and an issue that needs the label gets it all the same.
        return
    repository = world.github.repository(asked.repo, asked.installation)
    if not isinstance(asked, RunRequest):

        def tell() -> str:
            language = language_on(repository, asked.number)
            body = comment("set_aside.md.j2", marker, aside=aside, of_run=False, language=language)
            return repository.comment_once(asked.number, marker, body)

        flow.step("tell", tell, returns=str)
        return
    issue = IssueSteps(flow, world, asked)
    progress = runs.progress(aside.id) or begun(asked, aside.id, flow.now())
    journal = Journal(flow, issue, progress, cause(asked))
    journal.alone()
    issue.drop_plan(progress)
    if (
        aside.why is Why.VERSION
        and _nothing_built(asked, progress)
        and not flow.step("look for branches", lambda: repository.branches(branch_prefix(aside.id)), returns=list[str])
    ):
        journal.show(Stage.STOPPED, _ANEW)
        # It has the same id each time, so it is started once.
        anew = asked.model_copy(update={"delivery": f"{asked.delivery} anew"})
        flow.step("begin anew", lambda: runs.start(anew).run_id, returns=str)
        return
    journal.show(Stage.FAILED, _NOTES[aside.why])
    issue.say("set_aside.md.j2", marker, aside=aside, of_run=True, language=journal.language)


def _nothing_built(asked: RunRequest, progress: Progress) -> bool:
    return asked.kind in _FROM_THE_ISSUE and not any(record.pull for record in progress.strategies)
