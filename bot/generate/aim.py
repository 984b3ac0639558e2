"""Which service of the repository an issue is about, where its words name one that is there already."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from bot.clients.llm import Refused, read_json
from bot.generate.prompt import IDEA_LIMITS, LEVELS, messages
from bot.generate.specify import described
from bot.generate.writer import Writer
from bot.guard.text import fenced
from bot.values.cost import Usage
from bot.values.service import Aim, Idea


class AimDraft(BaseModel):
    """The service that is meant, as a model says."""

    model_config = ConfigDict(title="aim", frozen=True, extra="forbid")

    service: str
    unclear: bool


def named_services(idea: Idea, services: Sequence[str]) -> tuple[str, ...]:
    """Return the services that the words of an idea name, be it to change them or by chance.

    A name of several words is found however they are joined ("QR code" for `qr-code`); one of a single word only where
    it is marked as a name: as code, with its folder, or beside the word "service".
    """
    text = f"{idea.title}\n{idea.description}"
    return tuple(slug for slug in services if re.search(_pattern(slug), text, re.IGNORECASE))


def _pattern(slug: str) -> str:
    words = slug.split("-")
    if len(words) > 1:
        return rf"(?<![\w-]){'[-_ ]?'.join(map(re.escape, words))}s?(?![\w-])"
    name = re.escape(slug)
    return rf"`{name}`|services/{name}\b|(?<![\w-]){name}[- ]service\b|\bservice:? [\"'“]?{name}(?![\w-])"


def aim_of(writer: Writer, idea: Idea, services: Sequence[str]) -> tuple[Aim, Usage]:
    """Return which of some services an idea asks to change.

    Args:
        services: the slugs of those that it may mean.

    Raises:
        ModelError: the model gave no usable answer.
    """
    text = described(idea)
    prompts = [
        messages("aim.md.j2", idea=fenced(text, "idea", IDEA_LIMITS[level]), services=services)
        for level in range(LEVELS)
    ]
    conversation = writer.begin("specify", prompts, schema=AimDraft)
    while True:
        reply = conversation.ask()
        try:
            answer = read_json(reply, AimDraft)
            service = answer.service.strip().strip("`").lower()
            if service and service not in services:
                raise Refused(f'There is no service `{service}` here. It is one of: {", ".join(services)}; or "".')
            return Aim(service=service, unclear=answer.unclear), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)
