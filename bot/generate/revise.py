"""From what people ask for on a pull request to changed files, with an answer to every point."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.clients.llm import Message, Refused, WouldFail
from bot.generate.files import assemble, read_files
from bot.generate.fix import shortened
from bot.generate.points import listed
from bot.generate.prompt import LEVELS, about, messages
from bot.generate.writer import Writer
from bot.guard.example import example_faults
from bot.guard.packages import direct_requirements
from bot.guard.text import cut, visible
from bot.render import said as said_in
from bot.sentence import sentence
from bot.values.cost import Usage
from bot.values.revision import Point, PointAnswer, Revision
from bot.values.service import Brief, Service, Spec, Strategy

AS_SUGGESTED = sentence("Taken as suggested, to the letter.")
"""The answer to a suggestion that code has put into the file."""
_ANSWER_LIMIT = 1_000
_DECORATION = r"^[\s>]*(?:[-*+][ \t]+|#{1,6}[ \t]+)*[*_`]{0,3}"
_POINT = re.compile(
    _DECORATION + r"point[ \t]*#?(?P<number>\d{1,3})[*_`]{0,3}[ \t]*[:.)–-]+[*_`\s]*"
    r"(?P<done>not[ \t]+done|done|answer(?:ed)?)\b[*_`]*[ \t]*[:.,;–-]*[ \t]*(?P<text>.*)$",
    re.IGNORECASE,
)
_SPECIFICATION = re.compile(
    _DECORATION + r"specification[*_`]{0,3}[ \t]*:[*_`]{0,3}[ \t]*(?P<text>\S.*)$", re.IGNORECASE
)


@dataclass(frozen=True)
class RevisionRequest:
    """What shall be changed.

    Attributes:
        points: what people ask for; at least one.
        may_specify: the model may say that the specification has to change first.
    """

    points: tuple[Point, ...]
    may_specify: bool


def write_revision(
    writer: Writer, spec: Spec, strategy: Strategy, service: Service, request: RevisionRequest
) -> tuple[Revision, Usage]:
    """Change the files as the points say, or say why not. The tests stay as they are.

    Args:
        service: the files as they are on the branch.

    Raises:
        ModelError: the model gave no answers, or no files that pass the checks.
        TransientError: the package index does not answer.
    """
    prompts = [_prompt(spec, strategy, service, request, level) for level in range(LEVELS)]
    conversation = writer.begin("revise", prompts)
    while True:
        reply = conversation.ask()
        try:
            if request.may_specify and (wanted := _wanted(reply)):
                return Revision(service=service, specification=wanted), conversation.usage
            return _revision(writer, spec, strategy, (service, request.points), reply), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def _prompt(spec: Spec, strategy: Strategy, service: Service, request: RevisionRequest, level: int) -> list[Message]:
    return messages(
        "revise.md.j2",
        **about(spec, level, service.interface),
        strategy=strategy,
        service=service,
        test_file=service.tests,
        requirements="\n".join(direct_requirements(service.requirements)),
        example=json.dumps(shortened(service.example), ensure_ascii=False) if level < 2 else "",
        points=listed(request.points, level),
        count=len(request.points),
        persons=[f"test_{scenario.name}" for scenario in spec.scenarios if not scenario.generated],
        may_specify=request.may_specify,
    )


def _revision(
    writer: Writer, spec: Spec, strategy: Strategy, asked: tuple[Service, Sequence[Point]], reply: str
) -> Revision:
    """Return the revision that a reply holds.

    Args:
        asked: the files as they are, and what shall change.

    Raises:
        Refused: a point has no answer, or what is said to be done is not.
    """
    service, points = asked
    answer = read_files(reply)
    answers = _answers(answer.prose, points, spec.language)
    done = any(answer.done and not point.taken for answer, point in zip(answers, points, strict=True))
    checks = replace(writer.preflight, build=None) if answer.disputes else writer.preflight
    revised = assemble(checks, Brief(spec=spec), strategy, answer, service)
    if done and revised == service and not answer.disputes:
        raise WouldFail("A point is said to be done, and the files are the same as before. Write the changed files.")
    if faults := example_faults(revised.example, spec.input_schema):
        raise WouldFail("\n".join([*faults, "Write example.json anew."]))
    return Revision(answers=answers, service=revised, disputes=answer.disputes)


def _answers(prose: str, points: Sequence[Point], language: str) -> tuple[PointAnswer, ...]:
    said: dict[int, tuple[bool, str]] = {}
    for line in visible(prose).splitlines():
        if match := _POINT.match(line):
            done = match["done"].lower() == "done"
            said.setdefault(int(match["number"]), (done, match["text"].strip(" *_")))
    lacking = [number for number in range(1, len(points) + 1) if not said.get(number, (False, ""))[1]]
    if lacking:
        numbers = ", ".join(map(str, lacking))
        raise Refused(
            f"There is no answer to point {numbers}. Write a line `Point N: done: what you changed` for each, with "
            "`not done: why not` or `answer: the answer` where that is what there is to say."
        )
    return tuple(_answer(point, *said[number], language) for number, point in enumerate(points, 1))


def _answer(point: Point, done: bool, text: str, language: str) -> PointAnswer:
    if point.taken:
        text = f"{said_in(AS_SUGGESTED, language)} {text}"
    return PointAnswer(point=point.id, done=done or point.taken, text=cut(text, _ANSWER_LIMIT))


def _wanted(reply: str) -> str:
    """Return what the specification has to become, or "" where the reply does not say that it must change."""
    before_files = reply.partition("\n```")[0]
    lines = [match["text"].strip(" *_") for line in before_files.splitlines() if (match := _SPECIFICATION.match(line))]
    nothing = {"none", "no", "nothing", "unchanged", "no change", "nothing changes"}
    return " ".join(line for line in lines if line.rstrip(".").lower() not in nothing)
