"""From a failed build to changed files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from bot.clients.llm import Model, Refused
from bot.clients.packages import Packages
from bot.failure import Failure, PastFix
from bot.generate.assemble import assemble
from bot.generate.prompt import about, conversation
from bot.generate.reply import read_files
from bot.guard.hygiene import cut, fenced, printable, visible
from bot.guard.requirements import direct
from bot.models import Fix, Service, Spec, Strategy, Usage

_EXCERPT_LIMIT = 6_000
_PAST_LIMIT = 3_000
_DIAGNOSIS_LIMIT = 1_000
_SHOWN_STRING = 120
_LABEL = re.compile(r"\A[#*_\s]*diagnosis[*_]*:?[*_]*\s*", re.IGNORECASE)


def fix(
    model: Model,
    packages: Packages,
    spec: Spec,
    strategy: Strategy,
    service: Service,
    failure: Failure,
    past: Sequence[PastFix],
    attempt: int,
) -> tuple[Fix, Usage]:
    """Mend what the build died of: a diagnosis, and the service with the changed files.

    Args:
        service: the files as they are on the branch.
        past: the fixes tried before, oldest first.
        attempt: number of this fix, from 1.

    Raises:
        ModelError: the model gave no files that pass the checks and change anything.
        TransientError: the package index does not answer.
    """

    def read(text: str) -> Fix:
        reply = read_files(text)
        if not reply.files:
            raise Refused("There is no file in the reply. Write each changed file: its path, then one fenced block.")
        fixed = assemble(packages, spec, reply.files, service)
        if fixed == service:
            raise Refused("The files are the same as before. Change what makes the build fail.")
        diagnosis = _LABEL.sub("", visible(reply.prose)).strip() or f"Changed {', '.join(reply.files)}."
        return Fix(diagnosis=cut(diagnosis, _DIAGNOSIS_LIMIT), service=fixed)

    messages = conversation(
        "fix.md.j2",
        **about(spec),
        strategy=strategy,
        service=service,
        requirements="\n".join(direct(service.requirements)),
        example=json.dumps(_shortened(service.example), ensure_ascii=False),
        failure=failure,
        excerpt=fenced(printable(failure.excerpt), "log", _EXCERPT_LIMIT),
        past=fenced(printable(_told(past)), "past", _PAST_LIMIT) if past else "",
        attempt=attempt,
    )
    return model.files("fix", messages, read)


def _told(past: Sequence[PastFix]) -> str:
    """Tell the latest fixes first: they are what is kept when it has to be cut."""
    return "\n".join(
        f"- {cut(' '.join(fix.diagnosis.split()), 300)} Afterwards the build died of: {fix.headline}"
        for fix in reversed(past)
    )


def _shortened(value: Any) -> Any:
    """Return an example's value with long strings (files) cut, for a look only."""
    match value:
        case str() if len(value) > _SHOWN_STRING:
            return f"{value[:40]}... ({len(value)} characters)"
        case dict():
            return {key: _shortened(part) for key, part in value.items()}
        case list():
            return [_shortened(part) for part in value]
        case _:
            return value
