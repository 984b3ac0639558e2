"""What the service is: read from the issue, asked for where something essential is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bot.config import WrongSettings, read_egress
from bot.errors import UserError
from bot.generate import named_services
from bot.guard.example import parts
from bot.guard.text import MOST_LINKS, issue_links
from bot.render import said
from bot.runs.context import Context
from bot.runs.ideas import read_idea
from bot.runs.named import asked_by
from bot.sentence import Sentence, either, sentence, verbatim
from bot.values.github import Issue, IssueComment
from bot.values.progress import Stage
from bot.values.revision import Point
from bot.values.service import Aim, Brief, Fixture, FixtureNote, Question, Scenario, Spec

FETCH_LIMIT = 10_000_000
"""Bytes that all files of an issue may have together: they are committed in one request."""
NEEDS_INFO = "needs-info"
"""The label of an issue whose author has been asked something."""
_ANY_FILE = frozenset({"application/octet-stream", "text/plain", "application/xml"})
"""Media types of inputs that may hold a web page."""
_OK = re.compile(r"\W*(?:ok|okay|yes|fine|go|sure|agreed|sounds good|lgtm|👍)\W*", re.IGNORECASE)


class Change(Exception):
    """An idea asks for a change of a service that is there: `slug`, changed as `point` says."""

    def __init__(self, slug: str, point: Point) -> None:
        super().__init__(slug)
        self.slug = slug
        self.point = point


def understand(context: Context) -> tuple[Brief, Issue]:
    """Specify the service, after at most one round of questions, and fetch what its tests read.

    Returns:
        What is to be built, and the issue as it was read for that.

    Raises:
        UserError: the issue does not say enough to begin with, or more than fits.
        Change: it asks for a change of a service of the repository.
    """
    may_ask = context.config.clarify == "ask"
    issue, hint = context.overview.issue, {"hint": context.request.hint}
    idea = read_idea(issue)
    meant = named_services(idea, context.overview.services)
    context.journal.show(Stage.SPECIFY)
    hinted = idea.model_copy(update=hint)
    aim = context.model.aim(hinted, meant) if meant else Aim()
    if aim.service and not (aim.unclear and may_ask):
        raise Change(aim.service, asked_by(hinted, issue.author))
    held = context.slugs.held(context.overview)
    spec = context.model.specify(hinted, _taken(context, held), may_ask=may_ask)
    if may_ask:
        spec = spec.model_copy(update={"questions": (*_which(aim, meant, spec.language), *spec.questions)})
    if spec.questions:
        answers, issue = _ask(context, spec, issue)
        idea = read_idea(issue).model_copy(update={"answers": answers, **hint})
        if any(question.hosts for question in spec.questions):
            _see_who_was_let_out(context)
        if aim.unclear and (aim := context.model.aim(idea, meant)).service:
            raise Change(aim.service, asked_by(idea, issue.author))
        held = context.slugs.held(context.overview)
        spec = context.model.specify(idea, _taken(context, held), may_ask=False)
    elif aim.unclear:
        new = sentence("This is a new service; %(named)s stays as it is.", named=_listed(meant))
        spec = spec.model_copy(update={"assumptions": (*spec.assumptions, said(new, spec.language))})
    return _with_fixtures(context, with_name(context, spec, held)), issue


def with_name(context: Context, spec: Spec, held: Mapping[str, int]) -> Spec:
    """Return a specification with a name that is this issue's from now on; where another issue has the one that it
    would have, that is among its assumptions.

    Args:
        held: the names that other issues have.
    """
    slug = context.slugs.hold(spec, _taken(context, held))
    others = {name: issue for name, issue in held.items() if slug.startswith(f"{name}-")}
    if not others:
        return spec.model_copy(update={"slug": slug})
    # The longest one is what it was told from.
    other = max(others, key=len)
    told = sentence(
        "Issue %(issue)s has the name `%(other)s`, so that this service is called `%(slug)s`.",
        other=other,
        issue=others[other],
        slug=slug,
    )
    return spec.model_copy(update={"slug": slug, "assumptions": (*spec.assumptions, said(told, spec.language))})


def _taken(context: Context, held: Mapping[str, int]) -> tuple[str, ...]:
    return (*context.overview.services, *held)


def _listed(services: Sequence[str]) -> Sentence:
    return either([verbatim(f"`{slug}`") for slug in services])


def _which(aim: Aim, named: Sequence[str], language: str) -> tuple[Question, ...]:
    """Return what has to be asked because an idea can be meant either way."""
    if not aim.unclear:
        return ()
    question = sentence(
        "Shall I change %(named)s, which is there already, or build a new service?", named=_listed(named)
    )
    proposal = sentence("Change `%(slug)s`.", slug=aim.service) if aim.service else sentence("A new one.")
    return (Question(question=said(question, language), proposal=said(proposal, language)),)


def _ask(context: Context, spec: Spec, issue: Issue) -> tuple[tuple[str, ...], Issue]:
    """Ask everything in one comment, and wait until the author answers, or somebody edits the issue who may.

    Which comments are taken as the answer is published: what is said to the bot by its name is either that, or asks for
    something else.

    Returns:
        What the model is told of the answer, and the issue as it counts by then.
    """
    marker, questions = f"questions:{context.flow.run_id}", spec.questions
    context.journal.speak(spec.language)
    context.issue.say("questions.md.j2", marker, questions=questions, language=spec.language)
    context.issue.label(NEEDS_INFO)
    context.journal.show(Stage.CLARIFY, sentence("waiting for the author's answer"))
    with context.journal.idle():
        while not (replies := _replies(context, marker)) and read_idea(_now(context, issue)) == read_idea(issue):
            context.watch.look()
            context.flow.wait(context.poll_seconds)
    context.issue.unlabel(NEEDS_INFO)
    context.journal.show(Stage.SPECIFY, answers=tuple(reply.id for reply in replies))
    # Who has spoken just before that was told that it counts.
    replies = _replies(context, marker, replies)
    context.journal.note(Stage.SPECIFY, answers=tuple(reply.id for reply in replies))
    now = _now(context, issue)
    if not replies:
        return (), now
    reply = "\n".join(reply.body for reply in replies)
    if _OK.fullmatch(reply):
        return tuple(f"{question.question} {question.proposal}" for question in questions), now
    asked = "; ".join(f"{question.question} (proposed: {question.proposal})" for question in questions)
    return (f"Asked: {asked}", f"Answered: {reply}"), now


def _replies(context: Context, marker: str, known: Sequence[IssueComment] = ()) -> list[IssueComment]:
    """Return the answers to the comment with `marker`; those that are known stay as they were read. Say once where one
    does not count, because somebody has edited it who may not."""
    read = context.issue.replies(marker)
    if edited := [reply for reply in read if reply.edited and reply.id not in {before.id for before in known}]:
        language, by = context.journal.progress.language, edited[0].author
        context.issue.say("answer_held.md.j2", f"answer-held:{context.flow.run_id}", by=by, language=language)
    found = {reply.id: reply for reply in read if not reply.edited} | {reply.id: reply for reply in known}
    return [found[number] for number in sorted(found)]


def _see_who_was_let_out(context: Context) -> None:
    """Go on by the hosts that the settings name now: people were asked to name some."""
    config = context.issue.overview().config
    # Where they are wrong, nothing is let out; what the service does without is among its assumptions then.
    with suppress(WrongSettings):
        context.model.let_out(read_egress(context.request.repo, config))


def _now(context: Context, issue: Issue) -> Issue:
    """Return the issue as it is now, as far as that counts; say once where somebody has changed it who may not."""
    now, by = context.issue.read_since(issue)
    if by:
        language = context.journal.progress.language
        context.issue.say("edit_held.md.j2", f"edit-held:{context.flow.run_id}", by=by, language=language)
    return now


def _with_fixtures(context: Context, spec: Spec) -> Brief:
    """Fetch the files that scenarios name by URL, where the service takes files; elsewhere a URL is just text."""
    takes_files = any("contentMediaType" in part for part in parts(spec.input_schema))
    urls, left_out = issue_links(scenario.text for scenario in spec.scenarios)
    if not takes_files or not urls:
        return Brief(spec=spec)
    fixtures: list[Fixture] = []
    missing = [
        sentence("Tests do not use %(url)s: only %(most)s are fetched.", url=url, most=MOST_LINKS) for url in left_out
    ]
    for url in urls:
        room = FETCH_LIMIT - sum(len(fixture.content) for fixture in fixtures)
        try:
            fixtures.append(context.issue.fetch(url, [fixture.name for fixture in fixtures], room))
        except UserError as error:
            missing.append(
                sentence(
                    "Tests do not use %(url)s, which could not be fetched: %(reason)s", url=url, reason=error.sentence
                )
            )
    notes = [FixtureNote.model_validate(fixture.model_dump(exclude={"data"})) for fixture in fixtures]
    scenarios = tuple(_with_files(scenario, spec, notes) for scenario in spec.scenarios)
    assumptions = (*spec.assumptions, *(said(reason, spec.language) for reason in missing))
    spec = spec.model_copy(update={"fixtures": tuple(notes), "scenarios": scenarios, "assumptions": assumptions})
    return Brief(spec=spec, fixtures=tuple(fixtures))


def _with_files(scenario: Scenario, spec: Spec, notes: Sequence[FixtureNote]) -> Scenario:
    """Return a person's scenario with the files that its test must use, as far as there is no doubt.

    A URL that the service answers with, or that stands in the request, is no file that is sent.
    """
    if scenario.generated or scenario.request is not None:
        return scenario
    urls, _ = issue_links([scenario.text])
    media = [str(part["contentMediaType"]) for part in parts(spec.input_schema) if "contentMediaType" in part]
    takes_pages = any(kind in _ANY_FILE or "html" in kind or "*" in kind for kind in media)
    files = (
        note.name
        for note in notes
        if note.url in urls
        and not any(note.url in quote for quote in scenario.quotes)
        and (takes_pages or note.media_type != "text/html")
    )
    return scenario.model_copy(update={"files": tuple(files)})
