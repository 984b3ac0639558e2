"""From a strategy to the files of a service."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.clients.llm import Message, Refused
from bot.foreign import printable
from bot.generate.draft import example_shape
from bot.generate.files import Preflight, assemble, read_files
from bot.generate.prompt import LEVELS, about, messages
from bot.generate.writer import Writer
from bot.guard.text import fenced
from bot.values.cost import Usage
from bot.values.progress import StrategyRecord
from bot.values.service import Brief, Service, Strategy

_ALWAYS = ("executor.py", "example.json")
_LEARNED_LIMIT = 2_000


def write_service(
    writer: Writer, brief: Brief, strategy: Strategy, failed: Sequence[StrategyRecord] = ()
) -> tuple[Service, Usage]:
    """Write the service as `strategy` says, for the tests that there are: checked, and its requirements pinned.

    Args:
        brief: with tests.
        failed: strategies that were given up before this one, with what they showed.

    Raises:
        ModelError: the model gave no files that pass the checks.
        TransientError: the package index does not answer.
    """
    # The model takes its time, and will require little else than what the strategy names.
    writer.preflight.packages.prefetch(strategy.packages, strategy.system_packages)
    prompts = [_prompt(brief, strategy, failed, level) for level in range(LEVELS)]
    conversation = writer.begin("implement", prompts)
    while True:
        reply = conversation.ask()
        try:
            return _service(writer.preflight, brief, strategy, reply), conversation.usage
        except Refused as refusal:
            # Small models mend the file that was named and leave out the others.
            names = ", ".join([*_ALWAYS, *(["packages.txt"] if strategy.system_packages else [])])
            conversation.refuse(type(refusal)(f"{refusal}\nWrite all files again: {names}, requirements.txt."))


def _prompt(brief: Brief, strategy: Strategy, failed: Sequence[StrategyRecord], level: int) -> list[Message]:
    learned = "\n".join(f"- {record.name}: {record.learned}" for record in failed if record.learned)
    return messages(
        "implement.md.j2",
        **about(brief.spec, level),
        strategy=strategy,
        test_file=brief.tests.source if brief.tests else "",
        example=json.dumps(example_shape(brief.spec), ensure_ascii=False),
        learned=fenced(printable(learned), "learned", _LEARNED_LIMIT) if learned and level == 0 else "",
    )


def _service(preflight: Preflight, brief: Brief, strategy: Strategy, reply: str) -> Service:
    """Return the service that a reply holds.

    Raises:
        Refused: it holds none that passes the checks.
    """
    answer = read_files(reply, _ALWAYS)
    if strategy.packages and "requirements.txt" not in answer.files:
        raise Refused("Missing: requirements.txt, with the packages the service needs; empty if it needs none.")
    return assemble(preflight, brief, strategy, answer)
