"""Tell people that something was set aside, and what they can do."""

from __future__ import annotations

from bot.render import comment
from bot.runs.durable.flow import Flow
from bot.runs.history import begun, cause, language_of
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.runs.store import Runs
from bot.runs.world import World
from bot.sentence import sentence
from bot.values.aside import SetAside, Why
from bot.values.progress import Stage
from bot.values.run import RunRequest

_NOTES = {
    Why.CRASHES: sentence("set aside after three crashes of the bot's process"),
    Why.VERSION: sentence("set aside, because the bot was updated"),
}


def tell_set_aside(flow: Flow, world: World, runs: Runs, aside: SetAside) -> None:
    """Say it where it was asked for: on the issue of a run, with its status; otherwise where the command was typed."""
    marker = f"set-aside:{aside.id}"
    asked = aside.asked
    if not isinstance(asked, RunRequest):
        repository = world.github.repository(asked.repo, asked.installation)
        language = language_of(runs, asked.repo, asked.number)
        body = comment("set_aside.md.j2", marker, aside=aside, of_run=False, language=language)
        flow.step("tell", lambda: repository.comment_once(asked.number, marker, body), returns=str)
        return
    issue = IssueSteps(flow, world, asked)
    journal = Journal(flow, issue, runs.progress(aside.id) or begun(asked, aside.id, flow.now()), cause(asked))
    journal.alone()
    journal.show(Stage.FAILED, _NOTES[aside.why])
    issue.say("set_aside.md.j2", marker, aside=aside, of_run=True, language=journal.language)
