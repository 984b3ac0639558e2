"""The deploy workflow's last step, as far as it is the same on every platform."""

from __future__ import annotations

from collections.abc import Callable

from bot.deploy.operations import Outcome
from bot.deploy.owner import Owner
from bot.deploy.service_command import Asked
from bot.errors import UserError
from bot.hub.act import WorkflowOrder
from bot.values.operation import Operation


def operate(order: WorkflowOrder, act: Callable[[], Outcome]) -> tuple[str, str]:
    """Do what was asked for and answer where it was asked; return how the workflow run ends, and its log."""
    inputs = order.event["inputs"]
    asked = Asked(
        name="gptdeploy",
        token=order.token,
        repository=Owner(order.repository),
        sha=order.head_sha,
        api_url=order.api_url,
        answer=int(inputs["answer"]),
        request=inputs["request"],
    )
    try:
        asked.carry_out(Operation(inputs["operation"]), act)
    except UserError as error:
        return "failure", str(error)
    return "success", "done"
