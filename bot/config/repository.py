"""The settings of a repository, in its `.github/microservice.yml`, and their JSON schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import UserError
from bot.sentence import Sentence, joined, sentence
from bot.values.cost import Budget

REPO_CONFIG_PATH = ".github/microservice.yml"
HOUSE_RULES_PATH = ".github/microservice.md"
"""What the owner of a repository asks of all services, in words; it goes into every prompt."""
HOUSE_RULES_LIMIT = 2_000
"""Characters of it that are read."""
DEFAULTS_REPOSITORY = ".github"
"""The repository of an owner whose two files above hold for all the owner's repositories that have none."""


Host = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[1-9][0-9]{0,4})?$",
        examples=["api.example.com", "api.example.com:8443"],
    ),
]
"""A host name or an IPv4 address, with a port where it is not 443."""


Login = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*(?:_[A-Za-z0-9]+)?$", max_length=39, examples=["octocat"])
]
"""What GitHub calls a user, without the @; a company's managed users have an underscore in it."""


class PackageConfig(BaseModel):
    """The settings of a repository about Python packages."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    allow: tuple[str, ...] = Field(default=(), description="Names of packages, as one installs them.")


class RepoConfig(BaseModel):
    """What a repository may set in `.github/microservice.yml`; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    strategies: int = Field(default=5, ge=1, le=5, description="How many strategies are tried at the most.")
    parallel: int = Field(
        default=1,
        ge=1,
        le=3,
        description="How many strategies are built side by side, up to 3: with `merge: auto` the first green one wins, "
        "otherwise all are finished and compared, and a person picks one.",
    )
    fixes: int = Field(default=10, ge=0, le=10, description="How many fix commits a strategy gets.")
    plan: Literal["auto", "approve"] = Field(
        default="auto",
        description="`approve` shows what will be built, how, and an estimate of minutes and money, and waits for "
        "`/approve` before any code is written; `auto` begins at once.",
    )
    merge: Literal["auto", "review", "manual"] = Field(
        default="auto",
        description="`auto` merges a green pull request at once, `review` after an approving review of its newest "
        "commit by somebody with write access, `manual` waits for a person.",
    )
    reviewers: tuple[Login, ...] = Field(
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
    egress: dict[str, tuple[Host, ...]] = Field(
        default={},
        description="`SERVICE: [host, ...]` names what a live service may reach, by HTTPS or at `host:port`; nothing "
        "by default. Only the repository's own file counts, at the next deployment.",
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


class Fault(BaseModel):
    """What is wrong with a settings file.

    Attributes:
        repo: "owner/name" of the repository that the file is in.
        line: counted from 1.
        text: one sentence (Markdown); it names no value, which may be from a repository that fewer people may read.
    """

    model_config = ConfigDict(frozen=True)

    repo: str
    line: int
    text: Sentence


class WrongSettings(UserError):
    """Settings files with faults; there is at least one."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        shown = [
            sentence("`%(path)s`, line %(line)s: %(text)s", path=REPO_CONFIG_PATH, line=fault.line, text=fault.text)
            for fault in faults
        ]
        super().__init__(joined(shown, "\n"))
        self.faults = faults


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of `.github/microservice.yml`, for editors and for whoever checks it before a push."""
    schema = RepoConfig.model_json_schema()
    described = {"title": "Settings of GPT Deploy", "description": "What `.github/microservice.yml` may hold."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, **described}
