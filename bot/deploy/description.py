"""What the deployer knows of a service: the parts of its `service.json` that a rollout needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import UserError
from bot.values.naming import DESCRIPTION


class Resources(BaseModel):
    """What a container of the service may take.

    Attributes:
        timeout: seconds an execution may last.
        memory: MiB; cpus: cores; pids: processes and threads.
    """

    model_config = ConfigDict(frozen=True)

    timeout: float = 60
    memory: int = 1024
    cpus: float = 1.0
    pids: int = 256


class Scenario(BaseModel):
    """What a scenario says literally; `bot.values.service.Scenario` says what the attributes mean.

    Attributes:
        exact: False where the answer is random, or takes long: then only the status is compared.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    request: dict[str, Any] | None = None
    status: int | str | None = None
    answer: dict[str, Any] | None = None
    exact: bool = True


class Description(BaseModel):
    """A service, as its `service.json` describes it; what a rollout does not need is left out.

    Attributes:
        issue: the number of the issue that asked for the service, or None.
        example: a request to `POST /execute` that the service answers.
        output_schema: the JSON schema of the answer.
        language: of the issue, as BCP 47 has it; "" where it is not known.
        scenarios: the tests of the service, with the requests that the issue holds.
    """

    model_config = ConfigDict(frozen=True)

    slug: str
    title: str
    summary: str
    example: dict[str, Any]
    output_schema: dict[str, Any]
    issue: int | None = None
    language: str = ""
    scenarios: tuple[Scenario, ...] = ()
    resources: Resources = Field(default_factory=Resources)

    @property
    def environment(self) -> str:
        """GitHub's name for where the service runs; a run looks for the deployment there."""
        return environment(self.slug)


def environment(slug: str) -> str:
    """Return GitHub's name for where a service runs."""
    return f"microservice-{slug}"


def read_description(folder: Path) -> Description:
    """Return what the `service.json` of `folder` (services/<slug>) says.

    Raises:
        UserError: it is missing or incomplete, or it describes the service of another folder.
    """
    file = folder / DESCRIPTION
    try:
        described = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(
            "`%(folder)s` has no `%(file)s`: name the folder of a service.", folder=str(folder), file=DESCRIPTION
        ) from error
    except ValueError as error:
        raise UserError("`%(file)s` is not valid JSON: %(reason)s", file=str(file), reason=str(error)) from error
    required = [name for name, field in Description.model_fields.items() if field.is_required()]
    if not isinstance(described, dict) or any(name not in described for name in required):
        raise UserError(
            "`%(file)s` needs %(names)s.", file=str(file), names=", ".join(f"`{name}`" for name in required)
        )
    try:
        description = Description.model_validate(
            {**described, "resources": described.get("resources") or {}, "scenarios": described.get("scenarios") or ()}
        )
    except ValidationError as error:
        faults = "; ".join(f"`{'.'.join(map(str, fault['loc']))}`: {fault['msg']}" for fault in error.errors())
        raise UserError("`%(file)s` cannot be used: %(faults)s", file=str(file), faults=faults) from error
    if description.slug != folder.resolve().name:
        raise UserError(
            "`%(file)s` describes `%(slug)s`: slug and folder must be the same.", file=str(file), slug=description.slug
        )
    return description
