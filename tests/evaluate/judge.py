"""Judge a live service: run the checks of its task, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from pydantic import BaseModel, ConfigDict

from tests.evaluate.service import Service, Wrong, shown

Check = Callable[[Service], None]


class Verdict(BaseModel):
    """What came of one check.

    Attributes:
        wanted: the sentence of the issue.
        fault: what was wanted and what came, in one line; "" where the service is right.
    """

    model_config = ConfigDict(frozen=True)

    check: str
    wanted: str
    fault: str = ""


def checks_of(task: str) -> dict[str, Check]:
    """Return the checks of a task by their names, in the order in which they are written."""
    module = import_module(f"tests.evaluate.checks.{task.replace('-', '_')}")
    prefix = "check_"
    return {name.removeprefix(prefix): value for name, value in vars(module).items() if name.startswith(prefix)}


def judge(task: str, url: str) -> list[Verdict]:
    """Run the checks of a task on the service at `url`."""
    with Service(url) as service:
        return [
            Verdict(check=name, wanted=" ".join((check.__doc__ or "").split()), fault=_fault(check, service))
            for name, check in checks_of(task).items()
        ]


def _fault(check: Check, service: Service) -> str:
    try:
        check(service)
    except Wrong as wrong:
        return str(wrong)
    except Exception as error:  # noqa: BLE001 (what a service answers can be anything, and break a reader in any way)
        return f"the answer cannot be read: {type(error).__name__}: {shown(str(error))}"
    return ""
