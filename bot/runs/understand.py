"""What the service is: read from the issue, asked for where something essential is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.config.repository import RepoConfig
from bot.errors import UserError
from bot.guard.text import MOST_LINKS, issue_links
from bot.runs.ideas import read_idea
from bot.runs.journal import Journal
from bot.runs.steps.issue import Steps
from bot.values.github import Overview
from bot.values.run import Stage
from bot.values.service import FixtureNote, Idea, Question, Spec

FETCH_LIMIT = 10_000_000
"""Bytes that all files of an issue may have together: they are committed in one request."""
NEEDS_INFO = "needs-info"
"""The label of an issue whose author has been asked something."""
_OK = re.compile(r"\W*(?:ok|okay|yes|fine|go|sure|agreed|sounds good|lgtm|👍)\W*", re.IGNORECASE)


def understand(steps: Steps, journal: Journal, config: RepoConfig, overview: Overview) -> Spec:
    """Specify the service, after at most one round of questions, and fetch what its tests read.

    Raises:
        UserError: the issue does not say enough to begin with, or more than fits.
    """
    may_ask = config.clarify == "ask"
    idea = read_idea(overview.issue)
    journal.show(Stage.SPECIFY)
    spec = steps.specify(idea, overview.services, may_ask=may_ask)
    if spec.questions:
        answers = _ask(steps, journal, spec.questions, idea)
        idea = steps.idea().model_copy(update={"answers": answers})
        journal.show(Stage.SPECIFY)
        spec = steps.specify(idea, overview.services, may_ask=False)
    return _with_fixtures(steps, spec)


def _ask(steps: Steps, journal: Journal, questions: Sequence[Question], idea: Idea) -> tuple[str, ...]:
    """Ask everything in one comment, wait until the author answers or edits the issue, and return what the model is
    told of the answer."""
    marker = f"questions:{steps.flow.run_id}"
    steps.say("questions.md.j2", marker, questions=questions)
    steps.label(NEEDS_INFO)
    journal.show(Stage.CLARIFY, "waiting for the author's answer")
    with journal.idle():
        while not (replies := steps.replies(marker)) and steps.idea() == idea:
            steps.flow.wait(steps.poll_seconds)
    steps.unlabel(NEEDS_INFO)
    if not replies:
        return ()
    reply = "\n".join(replies)
    if _OK.fullmatch(reply):
        return tuple(f"{one.question} {one.proposal}" for one in questions)
    asked = "; ".join(f"{one.question} (proposed: {one.proposal})" for one in questions)
    return (f"Asked: {asked}", f"Answered: {reply}")


def _with_fixtures(steps: Steps, spec: Spec) -> Spec:
    """Fetch the files that scenarios name by URL, where the service takes files; elsewhere a URL is just text."""
    takes_files = any("contentMediaType" in field for field in spec.input_schema["properties"].values())
    urls, left_out = issue_links(scenario.text for scenario in spec.scenarios)
    if not takes_files or not urls:
        return spec
    assumptions = [*spec.assumptions, *[f"Tests do not use {url}: only {MOST_LINKS} are fetched." for url in left_out]]
    for url in urls:
        room = FETCH_LIMIT - sum(len(fixture.content) for fixture in steps.fixtures)
        try:
            fixture = steps.fetch(url, [fixture.name for fixture in steps.fixtures], room)
        except UserError as error:
            assumptions.append(f"Tests do not use {url}, which could not be fetched: {error}")
            continue
        steps.fixtures = (*steps.fixtures, fixture)
    notes = [FixtureNote.model_validate(fixture.model_dump(exclude={"data"})) for fixture in steps.fixtures]
    return spec.model_copy(update={"fixtures": tuple(notes), "assumptions": tuple(assumptions)})
