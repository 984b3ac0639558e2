"""Carry out what a comment or a review says, one command after the other, and reply once."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.clients.github import Repository as Remote
from bot.commands import COMMANDS
from bot.commands.allowance import Admission, Allowance
from bot.commands.parser import hear, parse
from bot.commands.registry import Command, Invocation, Place, Repository
from bot.commands.rerunning import rerun
from bot.commands.reviewing import Reviewing
from bot.commands.starting import issue_of
from bot.commands.welcoming import welcome
from bot.config import DEFAULT_LABEL, OperatorSetting
from bot.errors import Gone, UserError
from bot.foreign import Markdown
from bot.render import comment, markdown, said
from bot.runs import Runs
from bot.runs.durable.flow import Flow
from bot.runs.history import language_of
from bot.runs.world import World
from bot.sentence import Sentence, sentence
from bot.values.command import (
    Call,
    CommandRequest,
    Reply,
    Request,
    RerunRequest,
    ReviewRequest,
    Unknown,
    WelcomeRequest,
)
from bot.values.form import is_by_form

log = logging.getLogger(__name__)

_OPTION = re.compile(r"\w+=")


@dataclass(frozen=True)
class Addressee:
    """To whom people speak.

    Attributes:
        label: what makes an issue a request for a service.
        name: what people call the bot by, without `@`.
        told: the operator's settings that they may know.
        language: of the issue, as BCP 47 has it; "" where it is not known.
    """

    label: str = DEFAULT_LABEL
    name: str = ""
    told: tuple[OperatorSetting, ...] = ()
    language: str = ""


def answer(flow: Flow, world: World, runs: Runs, allowance: Allowance, request: Request) -> None:
    """Do what people ask for and reply with one comment; what is not for the bot gets nothing, nor does who has had
    enough answers."""
    if isinstance(request, WelcomeRequest):
        welcome(flow, world.github.repository(request.repo, request.installation), world.label)
        return
    repository = world.github.repository(request.repo, request.installation, answers=True)

    admission = Admission(allowance, repository, request.repo, flow.run_id, request.by_bot)

    def act() -> Reply:
        if isinstance(request, RerunRequest):
            return Reply() if admission.access(request.actor) is None else rerun(request, repository, runs)
        login = world.github.login()
        addressee = Addressee(world.label, login.removesuffix("[bot]"), world.told)
        reviewing = Reviewing(repository, runs, login, lambda body: hear(body, COMMANDS, addressee.name))
        if isinstance(request, ReviewRequest):
            return _to_review(request, reviewing, repository, addressee, admission)
        if request.actor == login:
            return Reply()
        if request.is_pull and not parse(request.body, COMMANDS, addressee.name):
            reply = reviewing.hint(request)
        else:
            text = carry_out(request, repository, runs, addressee, admission)
            reply = Reply(marker=f"reply:{request.key}", text=text)
        return reply.model_copy(update={"also": _warning(request, repository, runs, world.label, admission)})

    try:
        reply = flow.step("carry out", act, returns=Reply)
        for each in (reply, reply.also):
            if each and each.text:
                _say(flow, repository, request.number, each)
    except Gone as error:
        log.warning("%s: %s", flow.run_id, error)


def _say(flow: Flow, repository: Remote, number: int, reply: Reply) -> None:
    # A step returns a plain string for what it was given as Markdown.
    body = comment("reply.md.j2", reply.marker, text=Markdown(reply.text))
    flow.step("reply", lambda: repository.comment_once(number, reply.marker, body), returns=str)


def _warning(
    request: CommandRequest, repository: Repository, runs: Runs, label: str, admission: Admission
) -> Reply | None:
    """Return what the author of a comment has to know where it holds a key, and is for the bot; else None."""
    issue = _our_issue(request, repository, runs, label) if request.keys else None
    if issue is None or admission.access(request.actor) is None:
        return None
    language = language_of(runs, repository, request.repo, issue)
    return _leaked(request.keys, request.key, request.actor, language)


def _leaked(keys: Sequence[Sentence], said: str, author: str, language: str) -> Reply:
    text = markdown("leaked.md.j2", language, author=author, keys=keys).strip()
    return Reply(marker=f"leaked:{said}", text=text)


def _to_review(
    request: ReviewRequest,
    reviewing: Reviewing,
    repository: Repository,
    addressee: Addressee,
    admission: Admission,
) -> Reply:
    """Carry out the commands in a review, have the pull request changed as it asks, and return what is said at once."""
    asked = reviewing.read(request)
    if asked is None:
        return Reply()
    heard = asked.points or asked.calls or asked.keys
    access = admission.access(asked.review.author) if heard else ""
    if access is None:
        return Reply()
    typed = CommandRequest(
        repo=request.repo,
        installation=request.installation,
        number=request.number,
        is_pull=True,
        comment_id=request.review,
        of_review=True,
        body=asked.review.body,
        actor=asked.review.author,
        by_bot=request.by_bot,
        delivery=f"commands-of-review-{request.review}",
    )
    # What it asks for is known before a command begins a run: that run does it, and merges nothing before.
    reply = reviewing.take(request, asked, admission.comment if asked.calls else "")
    language = language_of(reviewing.runs, repository, request.repo, issue_of(asked.pull) or 0)
    addressee = replace(addressee, language=language)
    if asked.keys:
        leaked = _leaked(asked.keys, typed.key, asked.review.author, language)
        reply = reply.model_copy(update={"also": leaked})
    answers = _replies(asked.calls, _invocation(typed, repository, reviewing.runs, addressee, access))
    if not answers:
        return reply
    text = Markdown("\n\n").join(filter(None, (answers, Markdown(reply.text))))
    return reply.model_copy(update={"marker": f"reply:{typed.key}", "text": text})


def carry_out(
    request: CommandRequest,
    repository: Repository,
    runs: Runs,
    addressee: Addressee = Addressee(),
    admission: Admission | None = None,
) -> Markdown:
    """Carry out the commands of a comment, in order, and return the reply's Markdown; "" where there is nothing to say.

    On the issues and pull requests that are the bot's every command gets an answer, also a mistyped one and one whose
    author has no access. Elsewhere nothing is heard. Safe to repeat after a crash.

    Raises:
        TransientError: GitHub did not answer; the whole comment can be tried again.
    """
    calls = parse(request.body, COMMANDS, addressee.name)
    issue = _our_issue(request, repository, runs, addressee.label) if calls else None
    if issue is None:
        return Markdown()
    access = admission.access(request.actor) if admission else ""
    if access is None:
        return Markdown()
    try:
        repository.react("eyes", comment=request.comment_id)
    except UserError as error:
        # The comment may be deleted by now; its commands are carried out nevertheless.
        log.warning("no reaction to comment %s: %s", request.comment_id, error)
    addressee = replace(addressee, language=language_of(runs, repository, request.repo, issue))
    return _replies(calls, _invocation(request, repository, runs, addressee, access))


def _invocation(
    request: CommandRequest, repository: Repository, runs: Runs, addressee: Addressee, access: str
) -> Invocation:
    """Return what all commands of a comment have in common."""
    return Invocation(
        request,
        repository,
        runs,
        COMMANDS,
        addressee.label,
        request.delivery,
        told=addressee.told,
        access=access,
        language=addressee.language,
    )


def _replies(calls: Sequence[Call | Unknown], typed: Invocation) -> Markdown:
    """Carry out commands, in order, and return the reply's Markdown; "" where there are none."""
    deliveries = [f"{typed.delivery}/{number}" if number else typed.delivery for number in range(len(calls))]
    answers = []
    for number, call in enumerate(calls):
        invocation = replace(typed, delivery=deliveries[number], later=tuple(deliveries[number + 1 :]))
        answers.append((call.name, _answer_to(call, invocation)))
    return markdown("commands/replies.md.j2", answers=answers).strip()


def _our_issue(request: CommandRequest, repository: Repository, runs: Runs, label: str) -> int | None:
    """Return the issue that a comment is about, where the bot has a say, else None.

    It has one on its pull requests, on issues with the label or by the form, and on those that it has worked on.
    """
    number = request.number
    try:
        if request.is_pull:
            return issue_of(repository.pull(number))
        issue = repository.issue(number)
    except UserError as error:
        # It may be deleted or transferred by now.
        log.warning("comment %s is left alone: %s", request.comment_id, error)
        return None
    asks = label.casefold() in {name.casefold() for name in issue.labels} or is_by_form(issue.body)
    return number if asks or runs.latest(request.repo, number) is not None else None


def _answer_to(call: Call | Unknown, invocation: Invocation) -> str:
    try:
        if isinstance(call, Unknown):
            return invocation.says("unknown", call=call)
        command = invocation.registry[call.name]
        return command.action(_with_arguments(command, call, invocation)).strip()
    except UserError as error:
        return said(error, invocation.language)


def _with_arguments(command: Command, call: Call, invocation: Invocation) -> Invocation:
    """Return an invocation with the options and the words that were typed.

    Raises:
        UserError: the command takes no such options, does not work in this place, or its author lacks the access.
    """
    options, words = _read(command, call)
    # A guess at "/deploy not yet", or at a misspelt limit, would do what its author does not want.
    if words and (not command.words or (command.options and _OPTION.match(words))):
        if command.options:
            takes = ", ".join(f"`{name}=...`" for name in command.options)
            raise UserError(
                "After `/%(name)s` I understand only %(takes)s, so I have done nothing.", name=command.name, takes=takes
            )
        raise UserError(
            "`/%(name)s` must stand alone on its line, so I have done nothing. Type just `%(example)s` if you mean it.",
            name=command.name,
            example=command.example,
        )
    request = invocation.request
    here = Place.PULL if request.is_pull else Place.ISSUE
    if here not in command.places:
        if here is Place.PULL:
            raise UserError("`/%(name)s` works on an issue, not on a pull request.", name=command.name)
        raise UserError("`/%(name)s` works on a pull request, not on an issue.", name=command.name)
    invocation = replace(invocation, options=options, words=words)
    if not command.anyone and not request.by_bot and not command.free(invocation):
        access = invocation.access or invocation.repository.permission(request.actor)
        if access not in ("write", "admin"):
            raise UserError(
                "@%(actor)s, `/%(name)s` needs write access to this repository, and you have %(access)s.\n"
                "Ask a maintainer to type it.",
                actor=request.actor,
                name=command.name,
                access=sentence("no access") if access == "none" else sentence("read access"),
            )
    return invocation


def _read(command: Command, call: Call) -> tuple[dict[str, str], str]:
    """Return the options that stand first after a command, and the words that come after them."""
    options: dict[str, str] = {}
    rest = call.arguments
    while rest:
        first, *others = rest.split(maxsplit=1)
        if command.word and command.word not in options and "=" not in first:
            first = f"{command.word}={first}"
        name, _, value = first.partition("=")
        if name not in command.options or not value:
            break
        options[name] = value
        rest = others[0] if others else ""
    return options, rest
