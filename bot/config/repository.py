"""The settings of a repository, in its `.github/microservice.yml`."""

from __future__ import annotations

from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.config.faults import faults
from bot.errors import UserError
from bot.values.cost import Budget

REPO_CONFIG_PATH = ".github/microservice.yml"


class PackageConfig(BaseModel):
    """The settings of a repository about Python packages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allow: tuple[str, ...] = ()


class RepoConfig(BaseModel):
    """What a repository may set in `.github/microservice.yml`; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    strategies: int = Field(default=5, ge=1, le=5, description="How many strategies are tried at the most.")
    fixes: int = Field(default=10, ge=0, le=10, description="How many fix commits a strategy gets.")
    merge: Literal["auto", "review", "manual"] = Field(
        default="auto",
        description="`auto` merges a green pull request at once, `review` after an approving review of its newest "
        "commit by somebody with write access, `manual` waits for a person.",
    )
    reviewers: tuple[str, ...] = Field(
        default=(),
        description="`[login, ...]` are asked for a review where one is needed; by default the issue's author, who "
        "needs write access.",
    )
    clarify: Literal["ask", "never"] = Field(
        default="ask", description="`ask` waits for answers where something essential is missing, `never` assumes."
    )
    preflight: Literal["static", "docker"] = Field(
        default="static",
        description="`docker` also builds and tests on the bot's own Docker engine before anything is pushed.",
    )
    packages: PackageConfig = Field(
        default=PackageConfig(),
        description="`allow: [name, ...]` lists packages that are taken although they look like a trap.",
    )
    budget_usd: float | None = Field(default=None, gt=0, description="USD a run may spend on the model.")
    max_tokens: int | None = Field(default=None, gt=0, description="Tokens a run may spend, sent and received.")
    max_minutes: float | None = Field(default=None, gt=0, description="Minutes a run may take.")
    start_minutes: float = Field(
        default=5, gt=0, description="How long GitHub may take to begin a workflow run before it counts as missing."
    )
    build_minutes: float = Field(default=30, gt=0, description="How long a build may take before it counts as hung.")
    deploy_minutes: float = Field(default=30, gt=0, description="The same for a deployment.")

    @property
    def budget(self) -> Budget:
        """What a run may cost."""
        return Budget(budget_usd=self.budget_usd, max_tokens=self.max_tokens, max_minutes=self.max_minutes)

    @classmethod
    def parse(cls, text: str) -> RepoConfig:
        """Read the YAML text of `.github/microservice.yml`; an empty text gives the defaults.

        Raises:
            UserError: names every key that is unknown or has a wrong value.
        """
        try:
            data: Any = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise UserError(f"`{REPO_CONFIG_PATH}` is not valid YAML: {error}") from error
        if not isinstance(data, dict):
            raise UserError(f"`{REPO_CONFIG_PATH}` must be a mapping of settings.")
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise UserError(f"`{REPO_CONFIG_PATH}`: {faults(error)}") from error
