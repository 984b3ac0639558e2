"""What the stages write with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from bot.clients.llm import Conversation, Message, Model
from bot.generate.files import Preflight
from bot.generate.house_rules import with_house_rules
from bot.generate.network import with_network
from bot.values.cost import UNLIMITED, Allowance


@dataclass(frozen=True)
class Writer:
    """A model, the checks that its replies have to pass, and what a call of a stage may cost.

    Attributes:
        house_rules: what the repository's owner asks of all services, in words; "" for nothing.
        hosts: what the service may reach on the network while it runs.
    """

    model: Model
    preflight: Preflight
    allowance: Allowance = UNLIMITED
    house_rules: str = ""
    hosts: tuple[str, ...] = ()

    def begin(
        self, stage: str, prompts: Sequence[Sequence[Message]], schema: type[BaseModel] | None = None
    ) -> Conversation:
        """Begin a conversation about the task of a stage, which also tells the house rules and the hosts; see
        `Model.begin`."""
        told = [
            with_house_rules(with_network(prompt, self.hosts), self.house_rules, level)
            for level, prompt in enumerate(prompts)
        ]
        return self.model.begin(stage, told, schema=schema, allowance=self.allowance)
