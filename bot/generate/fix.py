"""From a failed build to changed files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.clients.llm import Message, Refused, WouldFail
from bot.foreign import printable
from bot.generate.files import Preflight, assemble, read_files
from bot.generate.prompt import LEVELS, about, messages
from bot.generate.writer import Writer
from bot.guard.packages import direct_requirements
from bot.guard.text import cut, fenced, visible
from bot.values.cost import Usage
from bot.values.failure import Failure, PastFix
from bot.values.naming import TESTS
from bot.values.service import Brief, Fix, Service, Spec, Strategy


@dataclass(frozen=True)
class FixRequest:
    """What shall be fixed, and what was tried before.

    Attributes:
        failure: what the last build died of.
        past: the fixes tried before, oldest first.
        again: the last fix did not help: the build died of the same thing before it.
        number: of this fix, from 1.
        limit: how many fixes there may be.
    """

    failure: Failure
    past: tuple[PastFix, ...]
    again: bool
    number: int
    limit: int


_EXCERPT_LIMITS = (6_000, 3_000, 2_000, 1_200)
_PAST_LIMITS = (3_000, 1_000, 600, 400)
"""Characters of the build's log, and of the fixes before, by level of the prompt."""
_DIAGNOSIS_LIMIT = 1_000
_SHOWN_STRING = 120
_LABEL = re.compile(r"\A[#*_\s]*diagnosis[*_]*:?[*_]*\s*", re.IGNORECASE)


def write_fix(
    writer: Writer, spec: Spec, strategy: Strategy, service: Service, request: FixRequest
) -> tuple[Fix, Usage]:
    """Mend what the build died of: a diagnosis, and the service with the changed files. Its tests stay as they are.

    Args:
        service: the files as they are on the branch.

    Raises:
        ModelError: the model gave no files that pass the checks and change anything.
        TransientError: the package index does not answer.
    """
    prompts = [_prompt(spec, strategy, service, request, level) for level in range(LEVELS)]
    conversation = writer.begin("fix", prompts)
    while True:
        reply = conversation.ask()
        try:
            return _fix(writer.preflight, spec, strategy, service, reply), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)


def _prompt(spec: Spec, strategy: Strategy, service: Service, request: FixRequest, level: int) -> list[Message]:
    failure = request.failure
    excerpt_limit = _EXCERPT_LIMITS[level]
    return messages(
        "fix.md.j2",
        **about(spec, level, service.interface),
        strategy=strategy,
        service=service,
        test_file=service.tests,
        requirements="\n".join(direct_requirements(service.requirements)),
        example=json.dumps(shortened(service.example), ensure_ascii=False) if level < 2 else "",
        failure=failure,
        excerpt=fenced(_shorter(printable(failure.excerpt), excerpt_limit), "log", excerpt_limit),
        past=fenced(printable(_lines(request.past)), "past", _PAST_LIMITS[level]) if request.past else "",
        again=request.again,
        attempt=request.number,
        fixes=request.limit,
    )


def _fix(preflight: Preflight, spec: Spec, strategy: Strategy, service: Service, reply: str) -> Fix:
    """Return the fix that a reply holds.

    Raises:
        Refused: it holds none that passes the checks and changes anything.
    """
    answer = read_files(reply)
    if not answer.files and not answer.disputes:
        raise Refused("There is no file in the reply. Write each changed file: its path, then one fenced block.")
    # With a wrong test, the build would fail whatever the other files do.
    checks = replace(preflight, build=None) if answer.disputes else preflight
    fixed = assemble(checks, Brief(spec=spec), strategy, answer, service)
    if fixed == service and not answer.disputes:
        if TESTS in answer.files:
            raise WouldFail(f"You cannot change {TESTS}. Change executor.py, or say what is wrong with which test.")
        raise WouldFail("The files are the same as before. Change what makes the build fail.")
    diagnosis = _LABEL.sub("", visible(answer.prose)).strip() or "Changed what the build died of."
    return Fix(
        diagnosis=cut(diagnosis, _DIAGNOSIS_LIMIT),
        service=fixed,
        disputes=answer.disputes,
    )


def _shorter(excerpt: str, limit: int) -> str:
    """Return an excerpt without its middle: the beginning names what ran, and the end what it died of."""
    if len(excerpt) <= limit:
        return excerpt
    head = limit // 4
    return f"{excerpt[:head]}\n…\n{excerpt[head + 3 - limit :]}"


def _lines(past: Sequence[PastFix]) -> str:
    """Return a line for each fix, the latest first: the end is what a limit cuts off."""
    return "\n".join(
        f"- {cut(' '.join(fix.diagnosis.split()), 300)} Afterwards the build died of: {fix.headline}"
        for fix in reversed(past)
    )


def shortened(value: Any) -> Any:
    """Return an example with its long strings (files) cut, as prompts show it."""
    match value:
        case str() if len(value) > _SHOWN_STRING:
            return f"{value[:40]}... ({len(value)} characters)"
        case dict():
            return {key: shortened(part) for key, part in value.items()}
        case list():
            return [shortened(part) for part in value]
        case _:
            return value
